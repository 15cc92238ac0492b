package grok

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

const (
	maxDepth    = 100     // of definitions within definitions; Logstash's own go down to 10
	maxExpanded = 1 << 20 // bytes of an expanded pattern; Logstash's longest has 40,000
)

// Error is what is wrong with a pattern, and in which text it stands.
type Error struct {
	Definition string // "" for the pattern itself
	Pos        int    // byte offset in the text of the definition or the pattern
	Msg        string
}

func (e *Error) Error() string {
	if e.Definition == "" {
		return fmt.Sprintf("%s at offset %d", e.Msg, e.Pos)
	}
	return fmt.Sprintf("%s at offset %d of the definition %s", e.Msg, e.Pos, e.Definition)
}

// expansion is a pattern with its references written out.
type expansion struct {
	text    string
	origins []origin // ordered by at
}

// origin says where a piece of an expanded text comes from: what stands from at on is the text of the definition from pos
// on.
type origin struct {
	at         int
	definition string
	pos        int
}

// locate gives an error of the engine its place in the pattern or the definition that it stands in.
func (e *expansion) locate(err error) error {
	var re *redfa.Error
	if !errors.As(err, &re) {
		return err
	}
	i, exact := slices.BinarySearchFunc(e.origins, re.Pos, func(o origin, pos int) int { return o.at - pos })
	if !exact {
		i--
	}
	o := e.origins[max(i, 0)]
	return &Error{o.definition, o.pos + max(re.Pos-o.at, 0), re.Msg}
}

// expander writes a pattern out.
type expander struct {
	defs    Definitions
	out     strings.Builder
	origins []origin
	within  []string // the definitions that are being written out
}

// expand writes out what the pattern refers to.
func (d Definitions) expand(pattern string) (*expansion, error) {
	x := &expander{defs: d}
	if err := x.write("", pattern); err != nil {
		return nil, err
	}
	return &expansion{x.out.String(), x.origins}, nil
}

// write writes the text of a definition.
func (x *expander) write(name, text string) error {
	for pos := 0; ; {
		x.origins = append(x.origins, origin{x.out.Len(), name, pos})
		n := strings.Index(text[pos:], "%{")
		if n < 0 {
			x.out.WriteString(text[pos:])
			return nil
		}
		x.out.WriteString(text[pos : pos+n])
		start := pos + n
		end := strings.IndexByte(text[start:], '}')
		if end < 0 {
			return &Error{name, start, "a reference without its closing brace"}
		}
		pos = start + end + 1
		ref, err := parseReference(text[start+2 : pos-1])
		if err == nil {
			err = x.reference(ref)
		}
		var located *Error
		if err != nil && !errors.As(err, &located) {
			err = &Error{name, start, err.Error()}
		}
		if err != nil {
			return err
		}
	}
}

// reference writes what a reference stands for. An error that is no *Error is about the reference itself.
func (x *expander) reference(ref reference) error {
	text, ok := x.defs[ref.name]
	if !ok {
		return errors.New(x.defs.unknown(ref.name))
	}
	if i := slices.Index(x.within, ref.name); i >= 0 {
		return fmt.Errorf("the definition %s leads back to itself: %s", ref.name, strings.Join(append(x.within[i:], ref.name), " → "))
	}
	if len(x.within) == maxDepth {
		return fmt.Errorf("definitions within definitions more than %d deep", maxDepth)
	}
	if x.out.Len()+len(text) > maxExpanded {
		return fmt.Errorf("the pattern comes to more than %d bytes with its definitions written out", maxExpanded)
	}
	x.within = append(x.within, ref.name)
	x.out.WriteString(ref.open())
	err := x.write(ref.name, text)
	x.out.WriteByte(')')
	x.within = x.within[:len(x.within)-1]
	return err
}

// reference is %{name:field:type}.
type reference struct{ name, field, typ string }

// open is how the group begins. Its name begins with a colon, which no other has, and keeps the definition and the type:
// captures of one field are ordered by both.
func (r reference) open() string {
	if r.field == "" {
		return "(?:"
	}
	return "(?<:" + r.name + ":" + r.field + ":" + r.typ + ">"
}

// parseReference reads what stands between the braces.
func parseReference(text string) (r reference, err error) {
	if i := strings.IndexAny(text, " \t?"); i > 0 {
		text = text[:i]
	}
	r.name, text, _ = strings.Cut(text, ":")
	r.field, r.typ, _ = strings.Cut(text, ":")
	switch {
	case r.name == "" || strings.ContainsFunc(r.name, notIn("_-.")):
		return r, fmt.Errorf("%q is not the name of a definition; write %%{NAME} of letters, digits, dashes and dots", r.name)
	case strings.ContainsFunc(r.field, notIn("_-.@[]")):
		return r, fmt.Errorf("%q is not the name of a field; write a.b or [a][b] of letters, digits, _, -, @", r.field)
	}
	if _, ok := types[r.typ]; !ok && r.typ != "" {
		return r, fmt.Errorf("%q is not a type; write int, long, float, double, boolean or string", r.typ)
	}
	return r, nil
}

// notIn reports what is neither a letter or digit of ASCII nor one of the others.
func notIn(others string) func(r rune) bool {
	return func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
		return !letter && (r < '0' || r > '9') && !strings.ContainsRune(others, r)
	}
}
