package event

import (
	"bytes"
	"strings"
	"testing"
)

// flat is AppendFlat by the book: one field after the other, byte by byte, as if there were room for all.
func flat(dst []byte, fields []Field) ([]byte, int) {
	for i, f := range fields {
		switch {
		case f.Kind == Object:
			return dst, i
		case f.Removed:
			continue
		case f.To != 0 || f.Kind == Text && bytes.ContainsFunc(f.Value, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }):
			return dst, i
		}
		dst = append(append(append(dst, `,"`...), f.Name...), `":`...)
		if f.Kind == Text {
			dst = append(append(append(dst, '"'), f.Value...), '"')
		} else {
			dst = append(dst, f.Value...)
		}
	}
	return dst, len(fields)
}

// checkFlat sees that AppendFlat appends as flat does and writes nothing where it may not. It may stop before flat does, but not where
// the memory is ample and the processor has what it takes.
func checkFlat(t *testing.T, fields []Field, room int, ample bool) {
	t.Helper()
	const before = "<>"
	end := len(before) + room
	all := bytes.Repeat([]byte{'#'}, end+64)
	copy(all, before)
	got, n := AppendFlat(all[:len(before):end], fields)
	_, most := flat(nil, fields)
	_, works := AppendFlat(all[:0], []Field{{Removed: true}})
	if n > most || n < most && ample && works > 0 {
		t.Fatalf("%d of %d fields, not %d: %s", n, len(fields), most, got)
	}
	if want, _ := flat([]byte(before), fields[:n]); !bytes.Equal(got, want) {
		t.Fatalf("%d fields, room %d:\n got %s\nwant %s", n, room, got, want)
	}
	if strings.Trim(string(all[end:]), "#") != "" {
		t.Fatalf("written behind the capacity, %d: %q", room, all[end:])
	}
}

// within is text in memory of its own, with so many bytes behind it that would have to be escaped.
func within(text string, behind int) []byte {
	return append(append(make([]byte, 0, len(text)+behind), text...), strings.Repeat(`"`, behind)...)[:len(text)]
}

func TestAppendFlat(t *testing.T) {
	const letters = "abcdefghijklmnopqrstuvwxyz\x7fé ABCDEFGHIJKLMNOPQRSTUVWXYZ!#[]09~abcdefghijklmnopqrstuvwxyz"
	const ample = 512
	plain := Field{Name: []byte("name"), Value: within("plain", 32)}
	for n := range 80 {
		value := Field{Name: []byte("name"), Value: within(letters[:n], 32)}
		for _, kind := range []Kind{Text, JSON} {
			value.Kind = kind
			checkFlat(t, []Field{value, plain}, ample, true)
			for room := range 2*n + 120 { // what may be written
				checkFlat(t, []Field{plain, value, value, plain}, room, false)
			}
		}
		value.Kind = Text
		for behind := range 33 { // what may be read is all that there is
			checkFlat(t, []Field{plain, {Name: []byte("name"), Value: within(letters[:n], behind), Kind: Kind(behind % 2)}, plain}, ample, behind == 32)
		}
		for at := range n {
			for _, c := range []byte{'"', '\\', 0, 0x1f, ' ', '!', '#', '[', ']', 0x7f, 0x80, 0xff} {
				value.Value[at] = c
				checkFlat(t, []Field{plain, value, plain}, ample, true)
			}
			value.Value[at] = 'a'
		}
		if n > 0 && n <= 32 {
			name := within(letters[:n], 0)
			checkFlat(t, []Field{{Name: name[:n:n], Value: plain.Value}, {Name: name, Value: plain.Value, Kind: JSON}}, ample, true)
		}
	}
}

func TestAppendFlatStops(t *testing.T) {
	plain := Field{Name: []byte("name"), Value: within("plain", 32)}
	for _, c := range []struct {
		name   string
		fields []Field
	}{
		{"none", nil},
		{"an object", []Field{plain, {Name: []byte("o"), Value: within("{}", 32), Kind: Object, End: 2}, plain}},
		{"a removed object, whose members are not to be seen", []Field{plain, {Name: []byte("o"), Value: within("{}", 32), Kind: Object, Removed: true, End: 3}, plain}},
		{"in the line", []Field{plain, {Name: []byte("o"), Value: within("x", 32), From: 1, To: 9}, plain}},
		{"removed", []Field{{Removed: true}, plain, {Removed: true, To: 5}, plain, {Removed: true}}},
		{"removed only", []Field{{Removed: true}, {Removed: true}}},
	} {
		t.Run(c.name, func(t *testing.T) { checkFlat(t, c.fields, 512, true) })
	}
	checkFlat(t, []Field{plain, {Name: bytes.Repeat([]byte("n"), 33), Value: plain.Value}}, 512, false) // a long name
}

func FuzzAppendFlat(f *testing.F) {
	f.Add("name", "value", uint8(40), uint8(200), uint8(0))
	f.Add("a.long.name.of.more.than.sixteen", strings.Repeat("x", 64)+`"`, uint8(32), uint8(255), uint8(1))
	f.Add("n", "", uint8(0), uint8(40), uint8(2))
	f.Fuzz(func(t *testing.T, name, value string, behind, room, kinds uint8) {
		var fields []Field
		for i := range 4 {
			fields = append(fields, Field{Name: []byte(name), Value: within(value, int(behind)), Kind: Kind(kinds >> i & 1), Removed: kinds>>4&3 == uint8(i)+1})
		}
		checkFlat(t, fields, int(room)*8, false)
		if len(name) <= 32 {
			checkFlat(t, fields, 4*(len(name)+len(value)+64), behind >= 32)
		}
	})
}

func TestAppendFlatDoesNotAllocate(t *testing.T) {
	fields := []Field{{Name: []byte("name"), Value: within("plain", 32)}, {Name: []byte("long"), Value: within("1", 32), Kind: JSON}}
	dst := make([]byte, 0, 512)
	if n := testing.AllocsPerRun(100, func() { AppendFlat(dst, fields) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
