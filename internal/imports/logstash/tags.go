package logstash

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// tags are those of a pipeline's lines. Ours are a field like others, which has no way to append to it; so while lines are
// processed it is a text with commas, which is made a list at the end.
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
	return cond{text: "tags matches " + strconv.Quote(pattern)}
}

// failureTags are the tags by which Logstash says that a line was not parsed.
var failureTags = []string{"_grokparsefailure", "_jsonparsefailure", "_csvparsefailure", "_dissectfailure", "_groktimeout", "_xmlparsefailure", "_dateparsefailure", "_kvparsefailure", "_grokparsefailure_sysloginput"}

// failureTag reports a comparison that asks whether a line was parsed.
func (m *maker) failureTag(field, text string) bool {
	return strings.HasPrefix(field, "tags") && (slices.Contains(failureTags, text) || slices.Contains(m.failures, text))
}

// evalTag is the condition "tag" in [tags].
func (m *maker) evalTag(tag string) cond {
	switch {
	case m.failureTag("tags", tag):
		if len(m.format) == 0 {
			return cond{is: never}
		}
		return cond{text: unparsed}
	case slices.Contains(m.tags.fixed, tag):
		return cond{is: always}
	case m.tags.runtime:
		return cond{text: "tags matches " + strconv.Quote("(^|,)"+regexp.QuoteMeta(tag)+"(,|$)")}
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
	if when.is == always && !m.tags.runtime {
		m.tags.add(tag)
		m.tags.from = append(m.tags.from, at)
		return
	}
	if !m.tags.runtime {
		m.tags.runtime = true
		if len(m.tags.fixed) > 0 {
			m.step("set", cond{is: always}, m.tags.from, "field", "tags", "value", strings.Join(m.tags.fixed, ","))
		}
	}
	from := []imports.Pos{at}
	m.step("set", when.and(cond{text: "tags != nil"}), from, "field", "tags", "value", "%{tags},"+tag)
	m.step("set", when.and(cond{text: "tags == nil"}), from, "field", "tags", "value", tag)
}

// removeTag takes a tag away.
func (m *maker) removeTag(tag string, when cond, at imports.Pos) bool {
	if i := slices.Index(m.tags.fixed, tag); i >= 0 && when.is == always && !m.tags.runtime {
		m.tags.fixed = slices.Delete(m.tags.fixed, i, i+1)
		return true
	}
	if slices.Contains(failureTags, tag) || slices.Contains(m.failures, tag) {
		return false
	}
	if m.tags.runtime {
		m.step("replace", when, []imports.Pos{at}, "fields", []string{"tags"}, "pattern", "(^|,)"+regexp.QuoteMeta(tag)+"(?:,|$)", "with", "${1}")
	}
	return true
}

// finishTags makes a list of the tags.
func (m *maker) finishTags() {
	if !m.tags.runtime && len(m.tags.fixed) > 0 {
		m.step("set", cond{is: always}, m.tags.from, "field", "tags", "value", strings.Join(m.tags.fixed, ","))
	}
	if m.tags.runtime || len(m.tags.fixed) > 0 {
		m.step("split", cond{is: always}, m.tags.from, "fields", []string{"tags"}, "separator", ",")
	}
}
