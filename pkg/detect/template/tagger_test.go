package template

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

func TestTag(t *testing.T) {
	text := func(s string, kind event.Kind) event.Value {
		return event.Value{Bytes: []byte(s), Kind: kind, Set: true}
	}
	field := func(name, value string, kind event.Kind, parent, end int32) event.Field {
		return event.Field{Name: []byte(name), Value: []byte(value), Kind: kind, Parent: parent, End: end}
	}
	for name, c := range map[string]struct {
		ev   event.Event
		text string // "" for none
	}{
		"text":                {event.Event{Message: text("took 5 ms", event.Text)}, "took <qty>"},
		"JSON":                {event.Event{Message: text(`"took 5 ms"`, event.JSON)}, "took <qty>"},
		"escapes":             {event.Event{Message: text(`"took \"5\"\tms\u0021"`, event.JSON)}, `took "<num>" ms!`},
		"a number":            {event.Event{Message: text("5", event.JSON)}, ""},
		"an object":           {event.Event{Message: text(`{"a":5}`, event.Object)}, ""},
		"null":                {event.Event{Message: text("null", event.JSON)}, ""},
		"empty":               {event.Event{Message: text(`""`, event.JSON)}, ""},
		"nothing":             {event.Event{}, ""},
		"message wins":        {event.Event{Message: text("a", event.Text), Fields: []event.Field{field("error.message", "b", event.Text, -1, 1)}}, "a"},
		"error":               {event.Event{Fields: []event.Field{field("event.action", "b", event.Text, -1, 1), field("error.message", "c", event.Text, -1, 2)}}, "c"},
		"a JSON line's own":   {event.Event{Fields: []event.Field{field("event.action", "b", event.Text, -1, 1), field("message", `"c"`, event.JSON, -1, 2)}}, "c"},
		"nested":              {event.Event{Fields: []event.Field{field("event", "{}", event.Object, -1, 2), field("action", `"b"`, event.JSON, 0, 2)}}, "b"},
		"its own":             {event.Event{Message: text("a", event.Text), Fields: []event.Field{field("log.template.id", "x", event.Text, -1, 1)}}, ""},
		"its own, nested":     {event.Event{Message: text("a", event.Text), Fields: []event.Field{field("log", "{}", event.Object, -1, 2), field("template", `"x"`, event.JSON, 0, 2)}}, ""},
		"beside other nested": {event.Event{Message: text("a", event.Text), Fields: []event.Field{field("log", "{}", event.Object, -1, 2), field("level", `"x"`, event.JSON, 0, 2)}}, "a"},
	} {
		c.ev.Template = event.NewTemplate("of the line before", "")
		NewTagger(New(Options{})).Tag(&c.ev)
		switch {
		case c.text == "" && c.ev.Template != nil:
			t.Errorf("%s: %q, want none", name, c.ev.Template.Text)
		case c.text != "" && (c.ev.Template == nil || c.ev.Template.Text != c.text || len(c.ev.Template.ID) != 16):
			t.Errorf("%s: %+v, want %q", name, c.ev.Template, c.text)
		}
	}
}
