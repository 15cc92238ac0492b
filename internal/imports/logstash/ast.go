package logstash

import "github.com/tailspan/tailspan/internal/imports"

// Section is input, filter or output, with what is in its braces.
type Section struct {
	Name string
	Body []Statement
}

// Statement is a *Plugin or a *Branch.
type Statement interface{}

// Plugin is a plugin with its settings.
type Plugin struct {
	imports.Pos
	Name     string
	Settings []Setting
}

// Setting is NAME => VALUE.
type Setting struct {
	imports.Pos
	Name  string
	Value Value
}

// Value is what stands behind =>. Exactly one of its kinds is there.
type Value struct {
	imports.Pos
	Text   string // of a text, a number or a bare word
	List   []Value
	Map    []Entry
	Plugin *Plugin // of a codec
	kind   valueKind
}

type valueKind uint8

const (
	textValue valueKind = iota
	listValue
	mapValue
	pluginValue
)

// Entry is KEY => VALUE in a hash.
type Entry struct {
	Key   string
	Value Value
}

// Branch is if, else if and else.
type Branch struct {
	Arms []Arm
}

// Arm is one of them; the condition of else is nil.
type Arm struct {
	imports.Pos
	When Expr
	Body []Statement
}

// Expr is a condition or a part of one: Field, Literal, List, Pattern, *Compare, *Logic or *Not.
type Expr interface{}

// Field is [a][b], its parts joined by dots.
type Field string

// Literal is a text or a number.
type Literal struct {
	Text   string
	Number bool
}

// List is [a, b].
type List []Expr

// Pattern is /REGEX/, or the text behind =~ and !~.
type Pattern string

// Compare is a comparison; Op is one of == != < > <= >= =~ !~ in and "not in".
type Compare struct {
	Op          string
	Left, Right Expr
}

// Logic joins conditions; Op is one of and, or, xor and nand.
type Logic struct {
	Op          string
	Left, Right Expr
}

// Not is the opposite of a condition.
type Not struct{ Of Expr }

// texts are the texts of the value: a list's, or the only one.
func (v Value) texts() []string {
	switch v.kind {
	case textValue:
		return []string{v.Text}
	case listValue:
		var all []string
		for _, item := range v.List {
			all = append(all, item.texts()...)
		}
		return all
	}
	return nil
}

// entries are those of a hash. Old configurations write a list of keys and values instead.
func (v Value) entries() []Entry {
	if v.kind == mapValue {
		return v.Map
	}
	var all []Entry
	for i := 0; i+1 < len(v.List); i += 2 {
		all = append(all, Entry{v.List[i].Text, v.List[i+1]})
	}
	return all
}

// on reports a value that says true.
func (v Value) on() bool { return v.Text == "true" || v.Text == "yes" || v.Text == "1" }

// setting is the last one with the name, as Logstash takes it.
func (p *Plugin) setting(name string) (Setting, bool) {
	for i := len(p.Settings) - 1; i >= 0; i-- {
		if p.Settings[i].Name == name {
			return p.Settings[i], true
		}
	}
	return Setting{}, false
}

// text is that of a setting, or empty.
func (p *Plugin) text(name string) string {
	s, _ := p.setting(name)
	return s.Value.Text
}
