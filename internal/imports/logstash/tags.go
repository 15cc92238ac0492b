package logstash

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// tags are those of a pipeline's lines, a list.
type tags struct {
	fixed   []string // what every line has
	runtime bool     // some lines have more
	from    []imports.Pos
}

func (t *tags) add(tag string) {
	if !slices.Contains(t.fixed, tag) {
		t.fixed = append(t.fixed, tag)
	}
}

// match is the condition [tags] =~ /pattern/.
func (t *tags) match(pattern string) cond {
	re := regexp.MustCompile(pattern)
	if slices.ContainsFunc(t.fixed, re.MatchString) {
		return cond{is: always}
	}
	if !t.runtime {
		return cond{is: never}
	}
	return cond{text: "tags != nil and any(tags, # matches " + strconv.Quote(pattern) + ")"}
}

// failureTags are the tags by which Logstash says that a line was not parsed.
var failureTags = []string{"_grokparsefailure", "_jsonparsefailure", "_csvparsefailure", "_dissectfailure", "_groktimeout", "_xmlparsefailure", "_dateparsefailure", "_kvparsefailure", "_grokparsefailure_sysloginput"}

// failureTag reports a comparison that asks whether a line was parsed.
func (m *maker) failureTag(field, text string) bool {
	return strings.HasPrefix(field, "tags") && (slices.Contains(failureTags, text) || slices.Contains(m.failures, text) || slices.Contains(m.stepTags, text))
}

// evalTag is the condition "tag" in [tags].
func (m *maker) evalTag(tag string) cond {
	switch {
	case m.failureTag("tags", tag):
		failed := cond{is: never}
		if len(m.format) > 0 {
			failed = cond{text: unparsed}
		}
		if slices.Contains(m.stepTags, tag) {
			failed = failed.or(cond{text: strconv.Quote(tag) + " in tags"})
		}
		return failed
	case slices.Contains(m.tags.fixed, tag):
		return cond{is: always}
	case m.tags.runtime:
		return cond{text: strconv.Quote(tag) + " in tags"}
	case m.origin.exact || m.origin.chosen("tags"):
		return cond{is: never}
	}
	return cond{text: strconv.Quote(tag) + " in tags"}
}

const (
	unparsed = `event.kind == "pipeline_error"`
	parsed   = `event.kind != "pipeline_error"`
)

// addTag gives lines a tag.
func (m *maker) addTag(tag string, when cond, at imports.Pos) {
	if when.is == always && !m.tags.runtime && !m.dynamic {
		m.tags.add(tag)
		m.tags.from = append(m.tags.from, at)
		return
	}
	m.startTags()
	if !strings.Contains(tag, "%{") {
		when = when.and(cond{text: "not (" + strconv.Quote(tag) + " in tags)"})
	}
	m.step("append", when, []imports.Pos{at}, "field", "tags", "values", []string{tag})
}

// startTags gives every line the tags that all have, before some get more.
func (m *maker) startTags() {
	if m.tags.runtime {
		return
	}
	m.tags.runtime = true
	if len(m.tags.fixed) > 0 {
		m.step("append", cond{is: always}, m.tags.from, "field", "tags", "values", m.tags.fixed)
	}
}

// removeTag takes a tag away.
func (m *maker) removeTag(tag string, when cond, at imports.Pos) bool {
	if i := slices.Index(m.tags.fixed, tag); i >= 0 && when.is == always && !m.tags.runtime {
		m.tags.fixed = slices.Delete(m.tags.fixed, i, i+1)
		return true
	}
	if !slices.Contains(m.stepTags, tag) && (slices.Contains(failureTags, tag) || slices.Contains(m.failures, tag)) {
		return false
	}
	if i := slices.Index(m.tags.fixed, tag); i >= 0 {
		m.startTags()
		m.tags.fixed = slices.Delete(slices.Clone(m.tags.fixed), i, i+1) // some lines have it no more
	}
	if m.tags.runtime || m.dynamic {
		m.startTags()
		m.step("remove", when, []imports.Pos{at}, "fields", []string{"tags"}, "values", []string{tag})
	}
	return true
}

// finishTags gives lines the tags that all of them have.
func (m *maker) finishTags() {
	if len(m.tags.fixed) > 0 {
		m.startTags()
	}
}
