package event

import (
	"bytes"
	"slices"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// Fact is something known of a file.
type Fact struct {
	Name  string // dotted, of letters that JSON need not escape
	Value []byte // JSON
}

// Facts are what is known of the file that lines are from, beyond what they say: fields that every document made of them
// has, unless its line has such a field itself. They never change; who learns more makes new ones. So any number of
// goroutines may use them, and a nil *Facts knows nothing.
type Facts struct {
	service Value    // service.name of lines that have none
	names   [][]byte // dotted
	values  [][]byte // JSON
	ends    []int    // of the facts in text
	text    []byte   // all of them as members of an object, each behind a comma
	roots   [][]byte // the first parts of their names, each once
}

// NewFacts makes Facts of a list of them. An empty service is none.
func NewFacts(service string, list []Fact) *Facts {
	f := new(Facts)
	if service != "" {
		f.service = Value{Bytes: []byte(service), Kind: Text, Set: true}
	}
	for _, fact := range list {
		name := []byte(fact.Name)
		f.names, f.values = append(f.names, name), append(f.values, fact.Value)
		f.text = append(jsontext.AppendString(append(f.text, ','), name), ':')
		f.text = append(f.text, fact.Value...)
		f.ends = append(f.ends, len(f.text))
		root, _, _ := bytes.Cut(name, dot)
		if !slices.ContainsFunc(f.roots, func(r []byte) bool { return bytes.Equal(r, root) }) {
			f.roots = append(f.roots, root)
		}
	}
	return f
}

// Describe gives ev the facts, and a service when neither its line nor its pipeline named one.
func (f *Facts) Describe(ev *Event) {
	if f == nil {
		return
	}
	ev.Facts = f
	if f.service.Set && !ev.Service.Set && ev.Known&HasService == 0 {
		ev.Service = f.service
	}
}

// Append appends those facts as members, each behind a comma, that go together with the fields of a line.
func (f *Facts) Append(dst []byte, fields []Field) []byte {
	if f == nil {
		return dst
	}
	if !f.near(fields) {
		return append(dst, f.text...)
	}
	start := 0
	for i, end := range f.ends {
		if !taken(fields, 0, int32(len(fields)), f.names[i]) {
			dst = append(dst, f.text[start:end]...)
		}
		start = end
	}
	return dst
}

// Lookup returns the JSON value of the fact with the name; nil for none.
func (f *Facts) Lookup(name []byte) []byte {
	if f == nil {
		return nil
	}
	for i := range f.names {
		if bytes.Equal(f.names[i], name) {
			return f.values[i]
		}
	}
	return nil
}

// near reports whether a field at the top begins as a fact does.
func (f *Facts) near(fields []Field) bool {
	for i := int32(0); i < int32(len(fields)); i = fields[i].End {
		for _, root := range f.roots {
			if covers(root, fields[i].Name) && !fields[i].Removed {
				return true
			}
		}
	}
	return false
}

// taken reports whether a document of the fields has no place for another one with the name: it is there, or something
// below it, or something above it that is no object.
func taken(fields []Field, from, to int32, name []byte) bool {
	for i := from; i < to; i = fields[i].End {
		f := &fields[i]
		switch {
		case f.Removed:
		case covers(name, f.Name):
			return true
		case !covers(f.Name, name):
		case f.Kind == Object && taken(fields, i+1, f.End, name[len(f.Name)+1:]),
			f.Kind != Object && !bytes.Equal(f.Value, null):
			return true
		}
	}
	return false
}

// covers reports whether name is upper, or a dotted name below it.
func covers(upper, name []byte) bool {
	return bytes.HasPrefix(name, upper) && (len(name) == len(upper) || name[len(upper)] == '.')
}

var dot, null = []byte("."), []byte("null")
