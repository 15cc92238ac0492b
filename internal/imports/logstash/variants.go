package logstash

import (
	"maps"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// variants are an origin once for each kind of log that the conditions tell apart, when they ask for something that is not
// known of it; and once more for all other lines, when there is something to do for those.
func variants(o *origin, kinds *kinds) []*origin {
	var all []*origin
	for _, k := range kinds.values {
		if _, known := o.consts[k.field]; known || k.field == "tags" && slices.Contains(o.tags, k.value) {
			continue
		}
		one := *o
		one.consts, one.tags = maps.Clone(o.consts), slices.Clone(o.tags)
		one.by, one.name = k.field, imports.PipelineName(k.value)
		if k.field == "tags" {
			one.tags = append(one.tags, k.value)
		} else {
			one.consts[k.field] = k.value
		}
		all = append(all, &one)
	}
	if _, typed := o.consts["type"]; typed && slices.ContainsFunc(kinds.values, func(k kindOfLog) bool { return k.field == "type" }) {
		all = nil // its type says already which kind it is
	}
	if len(all) == 0 || kinds.rest {
		rest := *o
		rest.by = kinds.field()
		all = append(all, &rest)
	}
	return all
}

// kinds are the kinds of logs that conditions tell apart.
type kinds struct {
	values []kindOfLog
	rest   bool // a condition has an else
}

type kindOfLog struct{ field, value string }

func (k *kinds) field() string {
	if len(k.values) == 0 {
		return ""
	}
	return k.values[0].field
}

// discriminates reports whether the field tells kinds of logs apart: one that the sender gives, not a filter.
func discriminates(name string) bool {
	switch name {
	case "type", "tags", "log_type", "logtype", "document_type", "event.module", "event.dataset", "service.type", "input_type", "log_topic", "app_name", "appname":
		return true
	}
	return strings.HasPrefix(name, "fields.") || strings.HasPrefix(name, "fileset.") || name == "@metadata.pipeline"
}

// discriminators finds the kinds of logs that the conditions at the top tell apart, of the field that is asked for first.
func discriminators(body []Statement) *kinds {
	found := &kinds{}
	for _, s := range body {
		if p, ok := s.(*Plugin); ok && p.text("type") != "" { // as old versions have it
			found.put("type", p.text("type"))
		}
		b, ok := s.(*Branch)
		if !ok {
			continue
		}
		before := len(found.values)
		for _, arm := range b.Arms {
			if arm.When == nil {
				found.rest = found.rest || len(found.values) > before
				continue
			}
			found.add(arm.When)
			found.addInside(arm.Body)
		}
	}
	return found
}

// addInside finds those of conditions in a condition, as one on the module around one on the file set.
func (k *kinds) addInside(body []Statement) {
	for _, s := range body {
		if b, ok := s.(*Branch); ok && len(k.values) == 0 {
			for _, arm := range b.Arms {
				k.add(arm.When)
			}
		}
	}
}

// add takes the comparisons with a constant out of a condition.
func (k *kinds) add(e Expr) {
	switch e := e.(type) {
	case *Logic:
		if e.Op == "and" || e.Op == "or" {
			k.add(e.Left)
			k.add(e.Right)
		}
	case *Compare:
		field, isField := e.Left.(Field)
		value, isText := e.Right.(Literal)
		switch {
		case e.Op == "==" && isField && isText:
			k.put(strings.TrimSuffix(string(field), ".0"), value.Text)
		case e.Op == "in":
			k.addIn(e)
		}
	}
}

// addIn takes them out of "tag" in [tags], and of [type] in ["a", "b"].
func (k *kinds) addIn(e *Compare) {
	if field, ok := e.Right.(Field); ok {
		if value, ok := e.Left.(Literal); ok && field == "tags" {
			k.put("tags", value.Text)
		}
		return
	}
	field, _ := e.Left.(Field)
	items, _ := e.Right.(List)
	for _, item := range items {
		if value, ok := item.(Literal); ok {
			k.put(string(field), value.Text)
		}
	}
}

func (k *kinds) put(field, value string) {
	kind := kindOfLog{field, value}
	if !discriminates(field) || strings.HasPrefix(value, "_") || slices.Contains(k.values, kind) || len(k.values) > 0 && k.values[0].field != field {
		return
	}
	k.values = append(k.values, kind)
}

// fields calls f for every field in the conditions of body.
func fields(body []Statement, f func(name string, in Expr)) {
	for _, s := range body {
		b, ok := s.(*Branch)
		if !ok {
			continue
		}
		for _, arm := range b.Arms {
			exprFields(arm.When, f)
			fields(arm.Body, f)
		}
	}
}

func exprFields(e Expr, f func(name string, in Expr)) {
	switch e := e.(type) {
	case Field:
		f(string(e), e)
	case *Not:
		exprFields(e.Of, f)
	case *Logic:
		exprFields(e.Left, f)
		exprFields(e.Right, f)
	case *Compare:
		exprFields(e.Left, f)
		exprFields(e.Right, f)
	}
}
