package parse

import (
	"bytes"
	"encoding/json"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// maxDepth bounds how deeply a line may nest. Elasticsearch itself stops at 20 levels of fields.
const maxDepth = 128

// manyMembers is the size from which the names of an object are kept in a hash table instead of being compared.
const manyMembers = 48

// scanner reads one JSON object (RFC 8259, strictly) into fields that refer to the line. It exists beside fastjson
// because fastjson accepts raw control characters, NaN and sloppy numbers, and gives no position of a value in the
// line, so that what was read could not be copied unseen; docs/ARCHITECTURE.md has the measurement.
//
// What JSON allows and Elasticsearch refuses is mended on the way: of a name given twice the last one stays, and a lone
// surrogate becomes U+FFFD.
type scanner struct {
	line    []byte
	fields  []event.Field
	scratch []byte           // names and values that had to be written anew; valid until the next scan
	seen    map[uint64]int32 // hash of a member's name and its object → its field, for objects with many members
	depth   int
	escaped bool // the string just skipped has an escape
	unclean bool // the value just skipped has a lone surrogate, or an object with a name twice
	renamed bool // the name just read is not spelled as in the line
	dotted  bool // some name has a dot
	reason  string
	at      int
}

// scan reads line, appends its members to fields and returns them; ok is false when the line is not one JSON object, and
// then fault says why. The fields are valid until the next scan, and as long as the line is.
func (s *scanner) scan(line []byte, fields []event.Field) (_ []event.Field, ok bool) {
	s.line, s.fields, s.scratch, s.depth, s.reason = line, fields, s.scratch[:0], 0, ""
	s.dotted = false
	if len(s.seen) > 0 {
		clear(s.seen)
	}
	i := s.blank(0)
	if i == len(line) || line[i] != '{' {
		s.fail(i, "not a JSON object")
		return s.fields, false
	}
	i, ok = s.object(i, -1)
	if !ok {
		return s.fields, false
	}
	if i = s.blank(i); i != len(line) {
		return s.fields, s.fail(i, "text behind the object")
	}
	return s.fields, true
}

// appendFault appends why the last scan failed.
func (s *scanner) appendFault(dst []byte) []byte {
	dst = append(dst, "json: "...)
	dst = append(dst, s.reason...)
	dst = append(dst, " at byte "...)
	return strconv.AppendInt(dst, int64(s.at), 10)
}

func (s *scanner) fail(at int, reason string) bool {
	s.at, s.reason = at, reason
	return false
}

// blank returns the index of the first byte at or behind i that is no white space.
func (s *scanner) blank(i int) int {
	for i < len(s.line) {
		switch s.line[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// object reads the members of the object that begins at i and returns the index behind it.
func (s *scanner) object(i int, parent int32) (int, bool) {
	if s.depth++; s.depth > maxDepth {
		return i, s.fail(i, "nested too deeply")
	}
	first := int32(len(s.fields))
	members := 0
	var names uint64 // a set of hashes of the names seen
	i = s.blank(i + 1)
	if i < len(s.line) && s.line[i] == '}' {
		s.depth--
		return i + 1, true
	}
	for {
		from := i
		name, next, ok := s.name(i)
		if !ok {
			return next, false
		}
		n := int32(len(s.fields))
		members++
		// Almost always no other member shares this hash, and then the names need not be compared.
		bit := uint64(1) << ((uint(len(name))*7 + uint(name[0]) + uint(name[len(name)-1])*3) & 63)
		if names&bit != 0 || members > manyMembers {
			s.dropTwin(name, first, parent, members)
		}
		names |= bit
		s.fields = append(s.fields, event.Field{Name: name, Kind: event.JSON, Parent: parent, From: int32(from)})
		if s.renamed {
			s.changed(&s.fields[n])
		}
		i, ok = s.member(next, n)
		if !ok {
			return i, false
		}
		f := &s.fields[n]
		f.To, f.End = int32(i), int32(len(s.fields))
		i = s.blank(i)
		switch {
		case i < len(s.line) && s.line[i] == ',':
			i = s.blank(i + 1)
		case i < len(s.line) && s.line[i] == '}':
			s.depth--
			return i + 1, true
		default:
			return i, s.fail(i, "expected , or }")
		}
	}
}

// member reads the value at i into field n.
func (s *scanner) member(i int, n int32) (int, bool) {
	start := i
	if i < len(s.line) && s.line[i] == '{' {
		end, ok := s.object(i, n)
		if !ok {
			return end, false
		}
		f := &s.fields[n]
		f.Value = s.line[start:end]
		if int(n)+1 < len(s.fields) {
			f.Kind = event.Object
		}
		// A member that had to be mended has told its own object; the objects around that one learn it here.
		if f.Changed && f.Parent >= 0 {
			s.fields[f.Parent].Changed = true
		}
		return end, true
	}
	s.unclean = false
	end, ok := s.value(i)
	if !ok {
		return end, false
	}
	f := &s.fields[n]
	f.Value = s.line[start:end]
	if s.unclean {
		f.Value = mend(f.Value)
		s.changed(f)
	}
	return end, true
}

// changed notes that a field is not what the line has, so that nothing around it is copied as it stands.
func (s *scanner) changed(f *event.Field) {
	f.Changed = true
	if f.Parent >= 0 {
		s.fields[f.Parent].Changed = true
	}
}

// name reads a member's name and the colon behind it.
func (s *scanner) name(i int) (name []byte, next int, ok bool) {
	if i >= len(s.line) || s.line[i] != '"' {
		return nil, i, s.fail(i, "expected a name in quotes")
	}
	s.escaped, s.renamed = false, false
	end, ok := s.str(i)
	if !ok {
		return nil, end, false
	}
	name = s.line[i+1 : end-1]
	if s.escaped {
		name = s.rename(jsontext.AppendUnescaped(nil, name))
	} else if len(name) == 0 || name[0] == '.' || name[0] == ' ' {
		name = s.rename(name)
	}
	s.dotted = s.dotted || bytes.IndexByte(name, '.') >= 0
	if end = s.blank(end); end >= len(s.line) || s.line[end] != ':' {
		return nil, end, s.fail(end, "expected :")
	}
	return name, s.blank(end + 1), true
}

// rename gives a name its one spelling: escaped only where it must be, and never blank, which Elasticsearch refuses.
func (s *scanner) rename(text []byte) []byte {
	s.renamed = true
	if len(bytes.Trim(text, ". ")) == 0 {
		return []byte("unnamed")
	}
	start := len(s.scratch)
	s.scratch = jsontext.AppendEscaped(s.scratch, text)
	return s.scratch[start:]
}

// dropTwin removes an earlier member of the same object with the same name. first is the first member's field.
func (s *scanner) dropTwin(name []byte, first, parent int32, members int) {
	if members <= manyMembers {
		for j := first; j < int32(len(s.fields)); j = s.fields[j].End {
			if bytes.Equal(s.fields[j].Name, name) {
				s.drop(j)
			}
		}
		return
	}
	if s.seen == nil {
		s.seen = make(map[uint64]int32)
	}
	if members == manyMembers+1 {
		for j := first; j < int32(len(s.fields)); j = s.fields[j].End {
			s.seen[nameHash(s.fields[j].Name, parent)] = j
		}
	}
	key := nameHash(name, parent)
	j, twice := s.seen[key]
	// What the table says of an object that was skipped inside an array is out of date: look before believing it.
	if twice && int(j) < len(s.fields) && s.fields[j].Parent == parent && bytes.Equal(s.fields[j].Name, name) {
		s.drop(j)
	}
	s.seen[key] = int32(len(s.fields))
}

func nameHash(name []byte, parent int32) uint64 {
	return xxhash.Sum64(name) ^ uint64(parent+1)*0x9e3779b97f4a7c15
}

func (s *scanner) drop(j int32) {
	s.fields[j].Removed = true
	if p := s.fields[j].Parent; p >= 0 {
		s.fields[p].Changed = true
	}
}

// value skips any value and returns the index behind it.
func (s *scanner) value(i int) (int, bool) {
	if i >= len(s.line) {
		return i, s.fail(i, "the line ends where a value should be")
	}
	switch c := s.line[i]; {
	case c == '"':
		return s.str(i)
	case c == '-' || c >= '0' && c <= '9':
		return s.number(i)
	case c == '{':
		return s.inner(i)
	case c == '[':
		return s.array(i)
	case c == 't':
		return s.word(i, "true")
	case c == 'f':
		return s.word(i, "false")
	case c == 'n':
		return s.word(i, "null")
	}
	return i, s.fail(i, "expected a value")
}

func (s *scanner) word(i int, word string) (int, bool) {
	if len(s.line)-i < len(word) || string(s.line[i:i+len(word)]) != word {
		return i, s.fail(i, "expected a value")
	}
	return i + len(word), true
}

func (s *scanner) array(i int) (int, bool) {
	if s.depth++; s.depth > maxDepth {
		return i, s.fail(i, "nested too deeply")
	}
	i = s.blank(i + 1)
	if i < len(s.line) && s.line[i] == ']' {
		s.depth--
		return i + 1, true
	}
	for {
		var ok bool
		if i, ok = s.value(i); !ok {
			return i, false
		}
		i = s.blank(i)
		switch {
		case i < len(s.line) && s.line[i] == ',':
			i = s.blank(i + 1)
		case i < len(s.line) && s.line[i] == ']':
			s.depth--
			return i + 1, true
		default:
			return i, s.fail(i, "expected , or ]")
		}
	}
}

// inner skips an object inside an array. Its members are read like any others, to notice a name given twice, and
// forgotten.
func (s *scanner) inner(i int) (int, bool) {
	mark := len(s.fields)
	// The members get a parent of their own, which is told of what had to be mended.
	s.fields = append(s.fields, event.Field{Parent: -1})
	unclean := s.unclean
	end, ok := s.object(i, int32(mark))
	s.unclean = unclean || s.fields[mark].Changed
	s.fields = s.fields[:mark]
	return end, ok
}

// str skips the string that begins at i.
func (s *scanner) str(i int) (int, bool) {
	line := s.line
	for i++; ; {
		i = jsontext.SkipPlain(line, i)
		if i >= len(line) {
			return i, s.fail(i, "a string does not end")
		}
		switch line[i] {
		case '"':
			return i + 1, true
		case '\\':
			var ok bool
			if i, ok = s.escape(i); !ok {
				return i, false
			}
		default:
			return i, s.fail(i, "a control character in a string")
		}
	}
}

// escape skips the escape sequence at i and notes a lone surrogate.
func (s *scanner) escape(i int) (int, bool) {
	s.escaped = true
	if i+1 >= len(s.line) {
		return i, s.fail(i, "a string does not end")
	}
	switch s.line[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return i + 2, true
	case 'u':
	default:
		return i, s.fail(i, "an unknown escape")
	}
	unit := jsontext.Hex4(s.line[i+2:])
	if unit < 0 {
		return i, s.fail(i, "\\u without four hexadecimal digits")
	}
	i += 6
	switch {
	case unit>>10 == 0xDC00>>10:
		s.unclean = true
	case unit>>10 == 0xD800>>10:
		if i+6 <= len(s.line) && s.line[i] == '\\' && s.line[i+1] == 'u' && jsontext.Hex4(s.line[i+2:])>>10 == 0xDC00>>10 {
			return i + 6, true
		}
		s.unclean = true
	}
	return i, true
}

// number skips the number that begins at i.
func (s *scanner) number(i int) (int, bool) {
	line := s.line
	if line[i] == '-' {
		i++
	}
	switch {
	case i < len(line) && line[i] == '0':
		i++
	case i < len(line) && line[i] >= '1' && line[i] <= '9':
		i = digits(line, i)
	default:
		return i, s.fail(i, "a number without digits")
	}
	if i < len(line) && line[i] == '.' {
		start := i + 1
		if i = digits(line, start); i == start {
			return i, s.fail(i, "a number without digits behind its point")
		}
	}
	if i < len(line) && line[i]|0x20 == 'e' {
		if i++; i < len(line) && (line[i] == '+' || line[i] == '-') {
			i++
		}
		start := i
		if i = digits(line, start); i == start {
			return i, s.fail(i, "a number without digits in its exponent")
		}
	}
	return i, true
}

func digits(line []byte, i int) int {
	for i < len(line) && line[i]-'0' <= 9 {
		i++
	}
	return i
}

// mend writes a valid value anew without lone surrogates and without names given twice; numbers keep their text.
// It is for values that hardly any line has, so it may allocate.
func mend(value []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return []byte("null") // unreachable for a value that the scanner accepted
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return []byte("null")
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n"))
}
