package parse

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// dissection is a compiled pattern of dissect: text that the line begins with, and keys with the text behind each.
type dissection struct {
	lead       []byte
	parts      []dissectPart
	fields     []dissected
	references bool // a name comes from the line
}

// dissectPart is a key and what ends its value.
type dissectPart struct {
	until  []byte // empty for a last key that takes the rest
	padded bool   // until may be there several times
}

// dissected is a field that a match gives.
type dissected struct {
	name   []byte // as JSON has it
	named  int    // the part that holds the name; -1: the name is known
	values []int  // the parts that make up the value, in order
}

// dissectKey is what stands between %{ and }.
type dissectKey struct {
	modifier byte // one of +*&? or 0
	name     string
	order    int // of what is appended; -1 without one
	part     int
}

// newDissection compiles a pattern:
//
//	%{a}     a value, up to the text behind the key; the last key takes the rest
//	%{}      a value that is not kept, also with a name: %{?a}
//	%{a->}   what is behind the key may be there several times
//	%{+a}    appended to the other values of a, in the order of the line; behind a slash may stand a place of its own: %{+a/2}
//	%{*a}    the name of a field, whose value is %{&a}; without %{*a}, the value of %{?a} or %{a} is the name
//
// Where Elasticsearch and Logstash differ on this syntax, Elasticsearch is followed. Only when delimiters are there twice and
// differ from key to key is each value ended by its own, as in Logstash and Beats. Keys with nothing between them, for which
// every implementation has an answer of its own, are refused.
func newDissection(pattern string) (*dissection, error) {
	lead, rest, ok := strings.Cut(pattern, "%{")
	if !ok {
		return nil, errors.New("has no key, so it would keep nothing; write %{name}")
	}
	d := &dissection{lead: []byte(lead)}
	var keys []dissectKey
	for more := true; more; {
		var text, until string
		if text, rest, ok = strings.Cut(rest, "}"); !ok {
			return nil, fmt.Errorf("%%{%s is not closed; write %%{name}", text)
		}
		until, rest, more = strings.Cut(rest, "%{")
		if more && until == "" {
			return nil, fmt.Errorf("there is nothing between %%{%s} and the key behind it to tell where the value ends", text)
		}
		text, padded := strings.CutSuffix(text, "->")
		key, err := newDissectKey(text)
		if err != nil {
			return nil, err
		}
		key.part = len(d.parts)
		d.parts = append(d.parts, dissectPart{[]byte(until), padded})
		keys = append(keys, key)
	}
	return d, d.assemble(keys)
}

// newDissectKey reads what stands before the arrow.
func newDissectKey(text string) (dissectKey, error) {
	key := dissectKey{name: text, order: -1}
	if text == "" {
		key.modifier = '?'
		return key, nil
	}
	if strings.IndexByte("+*&?", text[0]) >= 0 {
		key.modifier, key.name = text[0], text[1:]
	}
	if slash := strings.LastIndexByte(key.name, '/'); slash >= 0 && key.modifier == '+' {
		order, err := strconv.ParseUint(key.name[slash+1:], 10, 15)
		if err != nil {
			return key, fmt.Errorf("%%{%s}: behind the slash must stand a number up to 32767", text)
		}
		key.name, key.order = key.name[:slash], int(order)
	}
	switch {
	case strings.Contains(text, "%{"):
		return key, fmt.Errorf("%%{%s is not closed before the next key", text)
	case strings.ContainsAny(key.name, "/+*&?"):
		return key, fmt.Errorf("%%{%s}: a name may not hold / + * & or ?, and a key has one of + * & ? before its name at most", text)
	case key.modifier != '?' && isBlankName([]byte(key.name)):
		return key, fmt.Errorf("%%{%s} has no name", text)
	}
	return key, nil
}

// assemble makes the fields of the keys that are kept.
func (d *dissection) assemble(keys []dissectKey) error {
	var names []string // in the order of the pattern
	byName := map[string][]dissectKey{}
	holders := map[string]int{} // the parts whose values may be names
	for _, key := range keys {
		name := key.name
		switch key.modifier {
		case '?':
			holders[name] = key.part
			continue
		case 0:
			holders[name] = key.part
		case '*', '&':
			name = "*" + name // which no name can be: a world of their own
		}
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], key)
	}
	if len(names) == 0 {
		return errors.New("keeps nothing; write %{name} for what it should keep")
	}
	for _, name := range names {
		field, err := newDissected(byName[name], holders)
		if err != nil {
			return err
		}
		d.references = d.references || field.named >= 0
		d.fields = append(d.fields, field)
	}
	return nil
}

// newDissected makes the field of all keys with one name.
func newDissected(keys []dissectKey, holders map[string]int) (dissected, error) {
	first, last := keys[0], keys[len(keys)-1]
	holder, held := holders[first.name]
	switch {
	case first.modifier == '*' && len(keys) == 2 && last.modifier == '&':
		return dissected{named: first.part, values: []int{last.part}}, nil
	case first.modifier == '&' && len(keys) == 2 && last.modifier == '*':
		return dissected{named: last.part, values: []int{first.part}}, nil
	case first.modifier == '&' && len(keys) == 1 && held:
		return dissected{named: holder, values: []int{first.part}}, nil
	case first.modifier == '*' || first.modifier == '&':
		return dissected{}, fmt.Errorf("%%{%c%s} needs one %%{*%[2]s}, the name, and one %%{&%[2]s}, the value", first.modifier, first.name)
	}
	field := dissected{name: jsontext.AppendEscaped(nil, first.name), named: -1}
	if !slices.ContainsFunc(keys, func(key dissectKey) bool { return key.modifier == '+' }) {
		field.values = []int{last.part} // a name given twice
		return field, nil
	}
	slices.SortStableFunc(keys, func(a, b dissectKey) int { return cmp.Compare(a.order, b.order) })
	for _, key := range keys {
		field.values = append(field.values, key.part)
	}
	return field, nil
}
