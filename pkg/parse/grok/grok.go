// Package grok expands patterns as Logstash writes them, %{NAME:field:type}, by libraries of definitions, and compiles
// them with redfa.
//
// # References
//
// %{NAME} stands for the definition of NAME, %{NAME:field} captures it, and %{NAME:field:type} captures it as a number
// or a boolean. A field is written as a.b or [a][b], which mean the same. (?<field>...) captures what has no definition.
// As in Logstash, what follows a blank or a question mark up to the brace does not count: its own patterns write
// %{DATA:[source][user][name?]}.
//
// # Libraries
//
// A library is a set of definitions by name, laid over one another: those of the built-in library, those of the files
// in pattern_dirs, those of the configuration. The built-in ones take the text of github.com/elastic/go-grok where it
// has a definition that captures what Logstash's of the name does; all others are written here (see library).
//
// # Limits
//
// Definitions may refer to one another up to maxDepth deep, an expanded pattern may have maxExpanded bytes. A definition
// that leads back to itself, and a name without a definition, are errors that say where.
package grok

import (
	"fmt"
	"strings"

	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

// Definitions are patterns by name.
type Definitions map[string]string

// Pattern is a compiled pattern. It is immutable.
type Pattern struct {
	*redfa.Regexp
	Fields []Field // in the order of their first capture
}

// Field is what a pattern captures under one name.
type Field struct {
	Name     string // full and dotted: http.response.status_code
	Captures []Capture
}

// Capture is one group of the expression. Captures of one field come in Logstash's order: by definition and type as they
// first stand in the pattern, then by place.
type Capture struct {
	Group int
	Type  Type
}

// Type is what a captured text is turned into.
type Type uint8

const (
	String Type = iota
	Int
	Float
	Boolean
)

// types are the words for the types. Numbers have the range that their text has, whatever the word.
var types = map[string]Type{
	"string": String, "int": Int, "long": Int, "float": Float, "double": Float, "boolean": Boolean,
}

// Compile expands the pattern and compiles it.
func (d Definitions) Compile(pattern string) (*Pattern, error) {
	e, err := d.expand(pattern)
	if err != nil {
		return nil, err
	}
	re, err := redfa.CompileGrok(e.text)
	if err != nil {
		return nil, e.locate(err)
	}
	p := &Pattern{Regexp: re}
	return p, p.addFields()
}

// addFields sorts the groups of the expression by the fields they are captured for.
func (p *Pattern) addFields() error {
	names := p.SubexpNames()
	done := map[string]bool{"": true}
	for i, name := range names {
		if done[name] {
			continue
		}
		done[name] = true
		field, typ, err := parseGroup(name)
		if err != nil {
			return err
		}
		for k := i; k < len(names); k++ {
			if names[k] == name {
				p.add(field, Capture{k, typ})
			}
		}
	}
	return nil
}

func (p *Pattern) add(field string, c Capture) {
	for i := range p.Fields {
		if p.Fields[i].Name == field {
			p.Fields[i].Captures = append(p.Fields[i].Captures, c)
			return
		}
	}
	p.Fields = append(p.Fields, Field{field, []Capture{c}})
}

// parseGroup takes the name of a group apart: that of a reference, or a field, in which go-grok writes dots as ___.
func parseGroup(name string) (field string, typ Type, err error) {
	if parts := strings.SplitN(name, ":", 4); len(parts) == 4 && parts[0] == "" {
		field, typ = parts[2], types[parts[3]]
	} else {
		field = strings.ReplaceAll(name, "___", ".")
	}
	if field = dotted(field); field == "" || strings.Contains(field, ":") {
		return "", 0, fmt.Errorf("the group %q is not the name of a field; write (?<a.b>...), or %%{NAME:a.b:int} for a type", name)
	}
	return field, typ, nil
}

// dotted is the name of a field with dots for brackets.
func dotted(name string) string {
	if !strings.ContainsAny(name, "[]") {
		return name
	}
	return strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '[' || r == ']' }), ".")
}
