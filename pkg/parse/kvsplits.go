package parse

import (
	"errors"
	"slices"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/confkey"
)

// kvSplits tells the characters that split a line into fields, and fields into keys and values.
type kvSplits struct {
	class [utf8.RuneSelf]byte
	field []rune // those beyond ASCII
	value []rune
	odd   [256]bool // bytes that need a closer look: splitting ones and backslashes
}

const (
	kvFieldSplit byte = 1 << iota
	kvValueSplit
)

func newKVFormat(cfg *Config) (format, error) {
	kv := cfg.KV
	if kv == (KV{}) {
		kv = DefaultKV()
	}
	f := &kvFormat{lenient: kv.Whitespace != "strict"}
	var errs []error
	for _, key := range []struct {
		name, text string
		kind       byte
	}{{"kv.field_split", kv.FieldSplit, kvFieldSplit}, {"kv.value_split", kv.ValueSplit, kvValueSplit}} {
		if key.text == "" {
			errs = append(errs, confkey.Errorf(key.name, "is empty; write the characters that split, such as %q", " "))
		}
		f.splits.add(key.text, key.kind)
	}
	f.splits.odd['\\'] = true
	if kv.Whitespace != "lenient" && kv.Whitespace != "strict" {
		errs = append(errs, confkey.Errorf("kv.whitespace", "%q is not allowed here; write lenient or strict", kv.Whitespace))
	}
	return f, errors.Join(errs...)
}

// add adds the characters of a set, in which a backslash stands before special ones as it does in Logstash.
func (s *kvSplits) add(set string, kind byte) {
	chars := []rune(set)
	for i := 0; i < len(chars); i++ {
		c := chars[i]
		if c == '\\' && i+1 < len(chars) {
			i++
			c = chars[i]
			switch c {
			case 't':
				c = '\t'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 's':
				s.add(" \t\r\n\f\v", kind)
				continue
			}
		}
		lead := utf8.AppendRune(nil, c)[0]
		s.odd[lead] = true
		switch {
		case c < utf8.RuneSelf:
			s.class[c] |= kind
		case kind == kvFieldSplit:
			s.field = append(s.field, c)
		default:
			s.value = append(s.value, c)
		}
	}
}

// skipPlain returns the index of the first byte at or behind i that may split or is a backslash.
func (s *kvSplits) skipPlain(line []byte, i int) int {
	for i < len(line) && !s.odd[line[i]] {
		i++
	}
	return i
}

// at tells what the character at i splits, and its length; no length behind the end of the line.
func (s *kvSplits) at(line []byte, i int) (kind byte, width int) {
	if i >= len(line) {
		return 0, 0
	}
	if c := line[i]; c < utf8.RuneSelf {
		return s.class[c], 1
	}
	c, width := utf8.DecodeRune(line[i:])
	if slices.Contains(s.field, c) {
		kind |= kvFieldSplit
	}
	if slices.Contains(s.value, c) {
		kind |= kvValueSplit
	}
	return kind, width
}
