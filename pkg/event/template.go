package event

import "github.com/tailspan/tailspan/internal/jsontext"

// Template is the log statement that a message comes from, as documents name it. It never changes, so any number of events
// may refer to it, for as long as they like.
type Template struct {
	ID   string // 16 lower-case hexadecimal digits
	Text string // the message with marks for what varies
	json []byte // both as members of an object, each behind a comma
}

// TemplateRoot is the name that the fields of a Template stand below.
const TemplateRoot = "log.template"

// NewTemplate makes a Template; text is valid UTF-8.
func NewTemplate(id, text string) *Template {
	json := jsontext.AppendString([]byte(`,"log.template.id":`), id)
	return &Template{ID: id, Text: text, json: jsontext.AppendString(append(json, `,"log.template.text":`...), text)}
}

// Append appends both fields as members of an object, each behind a comma; nothing for nil.
func (t *Template) Append(dst []byte) []byte {
	if t == nil {
		return dst
	}
	return append(dst, t.json...)
}

// Taken reports whether a document of the event's fields has no place for another one with the dotted name: it is there, or
// something below it, or something above it that is no object.
func (e *Event) Taken(name []byte) bool { return taken(e.Fields, 0, int32(len(e.Fields)), name) }
