package parse

import (
	"bytes"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// maxDepth bounds how deeply a line may nest. Elasticsearch itself stops at 20 levels of fields.
const maxDepth = 128

// manyMembers is the size from which the names of an object are kept in a hash table instead of being compared.
const manyMembers = 48

// maxFields bounds the memory that a line with very many fields leaves behind.
const maxFields = 4096

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
	escaped bool   // the string just skipped has an escape
	unclean bool   // the value just skipped has a lone surrogate, or an object with a name twice
	renamed bool   // the name just read is not spelled as in the line
	skips   bool   // inside an array: what is read is not kept, so it is not mended piece by piece
	breaks  bool   // there was a line end between tokens
	dots    uint64 // nameBits of what stands before the first dot of dotted names
	objects uint64 // and of the names of objects
	reason  string
	at      int
}

// scan reads line, appends its members to fields and returns them; ok is false when the line is not one JSON object, and
// then fault says why. The fields are valid until the next scan, and as long as the line is.
func (s *scanner) scan(line []byte, fields []event.Field) (_ []event.Field, ok bool) {
	s.begin(line, fields)
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

// begin forgets the line before.
func (s *scanner) begin(line []byte, fields []event.Field) {
	s.line, s.fields, s.scratch, s.depth, s.reason = line, fields, s.scratch[:0], 0, ""
	if cap(s.scratch) > maxKept {
		s.scratch = nil
	}
	s.skips, s.breaks, s.unclean, s.dots, s.objects = false, false, false, 0, 0
	switch {
	case len(s.seen) > maxFields: // a map never shrinks
		s.seen = nil
	case len(s.seen) > 0:
		clear(s.seen)
	}
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
		case ' ', '\t':
			i++
		case '\n', '\r':
			s.breaks = true
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
		bit := nameBit(name)
		if names&bit != 0 || members > manyMembers {
			s.dropTwin(name, first, parent, members)
		}
		names |= bit
		s.add(name, parent, from)
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

// add appends a field whose value is not known yet.
func (s *scanner) add(name []byte, parent int32, from int) {
	s.fields = append(s.fields, event.Field{Name: name, Kind: event.JSON, Parent: parent, From: int32(from)})
	if s.renamed {
		s.changed(&s.fields[len(s.fields)-1])
	}
}

// member reads the value at i into field n.
func (s *scanner) member(i int, n int32) (int, bool) {
	start := i
	if i < len(s.line) && s.line[i] == '{' {
		s.objects |= nameBit(beforeDot(s.fields[n].Name))
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
	f := &s.fields[n]
	if i < len(s.line) && s.line[i] == '"' { // as value does, without the calls: most values are plain strings
		if end := jsontext.SkipPlain(s.line, i+1); end < len(s.line) && s.line[end] == '"' {
			f.Value = s.line[start : end+1]
			return end + 1, true
		}
	}
	s.unclean = false
	end, ok := s.value(i)
	if !ok {
		return end, false
	}
	f = &s.fields[n] // an array of objects may have moved it
	f.Value = s.line[start:end]
	if s.unclean {
		if !s.skips {
			f.Value = mend(f.Value)
		}
		s.changed(f)
	}
	return end, true
}

// nameBit is one of 64 bits for a name.
func nameBit(name []byte) uint64 {
	if len(name) == 0 {
		return 1
	}
	return 1 << ((uint(len(name))*7 + uint(name[0]) + uint(name[len(name)-1])*3) & 63)
}

// beforeDot is what stands before the first dot of a name.
func beforeDot(name []byte) []byte {
	if i := bytes.IndexByte(name, '.'); i >= 0 {
		return name[:i]
	}
	return name
}

// mayTangle reports whether a field may have been given twice: under a dotted name and inside an object.
func (s *scanner) mayTangle() bool { return s.dots&s.objects != 0 }

// changed notes that a field is not what the line has, so that nothing around it is copied as it stands.
func (s *scanner) changed(f *event.Field) {
	f.Changed = true
	if f.Parent >= 0 {
		s.fields[f.Parent].Changed = true
	}
}

// name reads a member's name and the colon behind it.
func (s *scanner) name(i int) (name []byte, next int, ok bool) {
	line := s.line
	if i >= len(line) || line[i] != '"' {
		return nil, i, s.fail(i, "expected a name in quotes")
	}
	s.renamed = false
	end, dotted := jsontext.SkipName(line, i+1)
	if end < len(line) && line[end] == '"' && end > i+1 && line[i+1] != '.' && line[i+1] != ' ' {
		name, end = line[i+1:end], end+1
	} else if name, end, ok = s.oddName(i); !ok {
		return nil, end, false
	}
	if dotted || s.renamed {
		if dot := bytes.IndexByte(name, '.'); dot >= 0 {
			s.dots |= nameBit(name[:dot])
		}
	}
	if end >= len(line) || line[end] != ':' {
		if end = s.blank(end); end >= len(line) || line[end] != ':' {
			return nil, end, s.fail(end, "expected :")
		}
	}
	return name, s.blank(end + 1), true
}

// oddName reads a name that may be spelled in another way than others of its letters, or be blank.
func (s *scanner) oddName(i int) (name []byte, next int, ok bool) {
	s.escaped = false
	end, ok := s.str(i)
	if !ok {
		return nil, end, false
	}
	name = s.line[i+1 : end-1]
	if s.escaped {
		start := len(s.scratch)
		s.scratch = jsontext.AppendUnescaped(s.scratch, name)
		name = s.scratch[start:]
	}
	return s.rename(name), end, true
}

// rename gives a name its one spelling: escaped only where it must be, and never blank.
func (s *scanner) rename(text []byte) []byte {
	s.renamed = true
	if isBlankName(text) {
		return unnamed
	}
	start := len(s.scratch)
	s.scratch = jsontext.AppendEscaped(s.scratch, text)
	return s.scratch[start:]
}

// unnamed is what a member with a blank name is called.
var unnamed = []byte("unnamed")

// isBlankName reports a name that Elasticsearch refuses because nothing is in it.
func isBlankName(text []byte) bool { return len(bytes.Trim(text, ". ")) == 0 }

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
