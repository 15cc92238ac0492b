package event

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// members is AppendMembers by the book: one field after the other, byte by byte, as if there were room for all.
func members(dst []byte, e *Event, from, to int32) ([]byte, int32) {
	for i := from; i < to; {
		f := &e.Fields[i]
		switch {
		case f.Removed:
			i = f.End
		case f.To > 0 && !f.Changed:
			start, end := f.From, f.To
			for i = f.End; i < to; i = f.End {
				if f = &e.Fields[i]; f.Removed || f.Changed || f.Apart || f.To == 0 {
					break
				}
				end = f.To
			}
			dst = append(append(dst, ','), e.Line[start:end]...)
		case f.Kind == Object || f.Kind == Text && bytes.ContainsFunc(f.Value, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }):
			return dst, i
		default:
			dst = append(append(append(dst, `,"`...), f.Name...), `":`...)
			if f.Kind == Text {
				dst = append(append(append(dst, '"'), f.Value...), '"')
			} else {
				dst = append(dst, f.Value...)
			}
			i = f.End
		}
	}
	return dst, to
}

// checkMembers sees that AppendMembers appends as members does and writes nothing where it may not. It may stop before members does, but not
// where the memory is ample and the processor has what it takes.
func checkMembers(t *testing.T, e *Event, from, to int32, room int, ample bool) {
	t.Helper()
	const before = "<>"
	end := len(before) + room
	all := bytes.Repeat([]byte{'#'}, end+64)
	copy(all, before)
	got, next := e.AppendMembers(all[:len(before):end], from, to)
	_, most := members(nil, e, from, to)
	removed := Event{Fields: []Field{{Removed: true, End: 1}}}
	_, works := removed.AppendMembers(all[:0], 0, 1)
	if next > most || next < most && ample && works > 0 {
		t.Fatalf("up to %d, not %d, of %+v: %s", next, most, e.Fields, got)
	}
	if want, _ := members([]byte(before), e, from, next); !bytes.Equal(got, want) {
		t.Fatalf("up to %d of %+v, room %d:\n got %s\nwant %s", next, e.Fields, room, got, want)
	}
	if strings.Trim(string(all[end:]), "#") != "" {
		t.Fatalf("written behind the capacity, %d: %q", room, all[end:])
	}
}

// flat is an event with the fields in a row.
func flat(fields ...Field) *Event {
	for i := range fields {
		fields[i].End = int32(i) + 1
	}
	return &Event{Fields: fields}
}

// within is text in memory of its own, with so many bytes behind it that would have to be escaped.
func within(text string, behind int) []byte {
	return append(append(make([]byte, 0, len(text)+behind), text...), strings.Repeat(`"`, behind)...)[:len(text)]
}

func TestAppendMembersOfFlatLines(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz\x7fé ABCDEFGHIJKLMNOPQRSTUVWXYZ!#[]09~abcdefghijklmnopqrstuvwxyz"
	const ample = 512
	plain := Field{Name: []byte("name"), Value: within("plain", 32)}
	for n := range 80 {
		value := Field{Name: []byte("name"), Value: within(letters[:n], 32)}
		for _, kind := range []Kind{Text, JSON} {
			value.Kind = kind
			checkMembers(t, flat(value, plain), 0, 2, ample, true)
			for room := range 2*n + 120 { // what may be written
				checkMembers(t, flat(plain, value, value, plain), 0, 4, room, false)
			}
		}
		value.Kind = Text
		for behind := range 33 { // what may be read is all that there is
			checkMembers(t, flat(plain, Field{Name: []byte("name"), Value: within(letters[:n], behind), Kind: Kind(behind % 2)}, plain), 0, 3, ample, behind == 32)
		}
		for at := range n {
			for _, c := range []byte{'"', '\\', 0, 0x1f, ' ', '!', '#', '[', ']', 0x7f, 0x80, 0xff} {
				value.Value[at] = c
				checkMembers(t, flat(plain, value, plain), 0, 3, ample, true)
			}
			value.Value[at] = 'a'
		}
		name := Field{Name: within(letters[:n], 0), Value: plain.Value}
		checkMembers(t, flat(name, Field{Name: name.Name, Value: plain.Value, Kind: JSON}), 0, 2, ample, n <= 32)
	}
}

// standing is an event with so many fields of random flags, some of them Objects with what follows inside, that stand in a line of n bytes for each.
// Behind the line and the values there is so much memory.
func standing(r *rand.Rand, fields, n, behind int) *Event {
	e := &Event{Line: within(strings.Repeat("0123456789"[:n%10+1], fields*n)[:fields*n], behind)}
	for i := range int32(fields) {
		f := Field{Name: []byte("name"), Value: within("1", behind), Kind: Kind(r.IntN(2)), End: i + 1}
		f.Removed, f.Apart = r.IntN(8) == 0, r.IntN(8) == 0
		if r.IntN(4) == 0 {
			f.Kind, f.Changed, f.End = Object, r.IntN(8) == 0, i+1+r.Int32N(int32(fields)-i)
		}
		if r.IntN(8) > 0 {
			f.From, f.To = i*int32(n)+int32(min(i, 1)), f.End*int32(n)
		}
		e.Fields = append(e.Fields, f)
	}
	return e
}

func TestAppendMembersOfLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for n := 1; n < 70; n++ {
		for range 400 {
			fields, behind := 1+r.IntN(8), r.IntN(40)
			e, to := standing(r, fields, n, behind), int32(fields)
			for _, from := range []int32{0, e.Fields[0].End} {
				checkMembers(t, e, from, to, r.IntN(fields*(n+50)), false)
				checkMembers(t, e, from, to, fields*(n+20)+40, behind >= 32)
			}
		}
	}
}

func TestAppendMembersStops(t *testing.T) {
	line := within(`{"a":1, "o":{"b":"c"},"d":4}`, 32)
	a := Field{Name: []byte("a"), Kind: JSON, Value: line[5:6], From: 1, To: 6, End: 1}
	o := Field{Name: []byte("o"), Kind: Object, Value: line[12:21], From: 8, To: 21, End: 3}
	b := Field{Name: []byte("b"), Kind: Text, Value: line[18:19], From: 13, To: 20, End: 3}
	d := Field{Name: []byte("d"), Kind: JSON, Value: line[26:27], From: 22, To: 27, End: 4}
	with := func(f Field, change func(*Field)) Field { change(&f); return f }
	for _, c := range []struct {
		name   string
		fields []Field
		want   string
		next   int32
	}{
		{"none", nil, ``, 0},
		{"all of the line", []Field{a, o, b, d}, `,"a":1, "o":{"b":"c"},"d":4`, 4},
		{"something between", []Field{a, with(o, func(f *Field) { f.Apart = true }), b, d}, `,"a":1,"o":{"b":"c"},"d":4`, 4},
		{"a removed object", []Field{a, with(o, func(f *Field) { f.Removed = true }), b, d}, `,"a":1,"d":4`, 4},
		{"a changed object", []Field{a, with(o, func(f *Field) { f.Changed = true }), b, d}, `,"a":1`, 1},
		{"a renamed object", []Field{a, with(o, func(f *Field) { f.To = 0 }), b, d}, `,"a":1`, 1},
		{"renamed", []Field{with(a, func(f *Field) { f.To = 0 }), o, b, d}, `,"a":1,"o":{"b":"c"},"d":4`, 4},
		{"removed", []Field{with(a, func(f *Field) { f.Removed = true }), o, b, with(d, func(f *Field) { f.Removed = true })}, `,"o":{"b":"c"}`, 4},
		{"to be escaped", []Field{a, with(o, func(f *Field) { f.Kind, f.To = Text, 0 }), b, d}, `,"a":1`, 1},
	} {
		e := &Event{Line: line, Fields: c.fields}
		to := int32(len(c.fields))
		if got, next := members(nil, e, 0, to); string(got) != c.want || next != c.next {
			t.Errorf("%s: %s up to %d, want %s up to %d", c.name, got, next, c.want, c.next)
		}
		checkMembers(t, e, 0, to, 512, true)
	}
}

func FuzzAppendMembers(f *testing.F) {
	f.Add("name", "value", uint8(40), uint8(200), uint8(0))
	f.Add("a.long.name.of.more.than.sixteen", strings.Repeat("x", 64)+`"`, uint8(32), uint8(255), uint8(1))
	f.Add("n", "", uint8(0), uint8(40), uint8(2))
	f.Fuzz(func(t *testing.T, name, value string, behind, room, kinds uint8) {
		fields := make([]Field, 4)
		for i := range fields {
			fields[i] = Field{Name: []byte(name), Value: within(value, int(behind)), Kind: Kind(kinds >> i & 1), Removed: kinds>>4&3 == uint8(i)+1}
			if kinds>>6 == uint8(i)+1 {
				fields[i].To = int32(len(value))
			}
		}
		e := flat(fields...)
		e.Line = within(value, int(behind))
		checkMembers(t, e, 0, 4, int(room)*8, false)
		checkMembers(t, e, 0, 4, 4*(len(name)+len(value)+64), behind >= 32 && len(name) <= 32)
	})
}

func TestAppendMembersDoesNotAllocate(t *testing.T) {
	e := flat(Field{Name: []byte("name"), Value: within("plain", 32)}, Field{Name: []byte("long"), Value: within("1", 32), Kind: JSON})
	dst := make([]byte, 0, 512)
	if n := testing.AllocsPerRun(100, func() { e.AppendMembers(dst, 0, 2) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
