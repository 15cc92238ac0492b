package parse

import (
	"bytes"
	"testing"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// FuzzHurry learns a line, follows another along its path by each way of hurrying, and holds the values passed over to what the scanner
// finds there. Behind the line stand bytes that might be taken for more of it.
func FuzzHurry(f *testing.F) {
	const long = `{"a":"x","b":12,"c":0.5,"d":"","e":"a string of more than sixty-four bytes, the marks of which do not fit in one word","f":{"g":1},"h":[1,2],"i":null}`
	f.Add([]byte(long), []byte(long), []byte("0123456789"))
	f.Add([]byte(long), []byte(`{"a":"\"","b":01,"c":1.,"d":"","e":".","f":{"g":1},"h":[],"i":-1}`), []byte(`","b":1`))
	f.Add([]byte(`{"a":1234567,"b":1.25,"c":1e5,"d":123456789012345678,"e":1.123456789012345}`), []byte(`{"a":1234567,"b":1.25,"c":1e5,"d":123456789012345678,"e":1.1`), []byte(`5}`))
	f.Add([]byte(`{"a":1}`), []byte(`{"a":1`), []byte(`2}                                                                                      `))
	f.Add([]byte(`{"a":1,"a name of more than thirty-two bytes":2,"b":"y"}`), []byte(`{"a":1,"a name of more than thirty-two bytes":3,"b":"z"}`), []byte{})
	f.Add([]byte(`{"a":12,"b":1}`), []byte(`{"a":01,"b":1}`), []byte{})
	f.Add([]byte(`{"a":12345678901234567,"b":1}`), []byte(`{"a":1.2345678901234567,"b":1}`), []byte{})
	f.Add([]byte(`{"a":1,"a name of more than thirty-two bytes":2,"b":"y"}`), []byte(`{"a":1,"a name of more than thirty-two BYTES":3,"b":"z"}`), []byte{})
	f.Add([]byte(`{"a":"x"}`), []byte(`{"a":"x"}"y"`), []byte(`                                                                `))
	f.Fuzz(func(t *testing.T, first, second, behind []byte) {
		p, err := New(Config{Format: []string{"json"}})
		if err != nil {
			t.Fatal(err)
		}
		json := p.chain[0].(*jsonFormat)
		for _, line := range [][]byte{first, second} {
			p.Parse(&event.Event{Raw: line})
			if json.whole.root != nil {
				checkHurry(t, json.whole.root, first, behind)
				checkHurry(t, json.whole.root, second, behind)
			}
		}
	})
}

func checkHurry(t *testing.T, root *step, line, behind []byte) {
	t.Helper()
	padded := append(append(bytes.Clone(line), behind...), bytes.Repeat([]byte{'1'}, 100)...)
	for _, line := range [][]byte{line[:len(line):len(line)], padded[:len(line)]} {
		for _, hurry := range []func(*walk, []byte, *jsontext.Marks, *[maxValues]int32){(*walk).hurry, (*walk).hurryOn} {
			var marks jsontext.Marks
			marks.Mark(line)
			w, ends := walk{step: root, value: 1}, [maxValues]int32{}
			hurry(&w, line, &marks, &ends)
			checkValues(t, root, line, ends[:w.value])
			if int(ends[w.value-1]) != w.at {
				t.Fatalf("%s: at %d behind value %d, which ends at %d", line, w.at, w.value-1, ends[w.value-1])
			}
		}
	}
}

// checkValues finds a path on which the values of line end where ends says.
func checkValues(t *testing.T, root *step, line []byte, ends []int32) {
	t.Helper()
	var s scanner
	st := root
	for i := 1; i < len(ends); i++ {
		for ; st != nil; st = st.alt {
			if !bytes.HasPrefix(line[ends[i-1]:], st.text) {
				continue
			}
			s.begin(line, nil)
			if end, ok := s.value(int(ends[i-1]) + st.size); ok && !s.unclean && end == int(ends[i]) {
				break
			}
		}
		if st == nil {
			t.Fatalf("%s: no value %d ends at %d", line, i, ends[i])
		}
		st = st.next
	}
}

// Whole ids are put in lower case, and others refused, alike by every way of doing it.
func FuzzLowerHex(f *testing.F) {
	f.Add([]byte("4bf92f3577b34da6a3ce929d0e0e4736"), true)
	f.Add([]byte("4BF92F3577B34DA6A3CE929D0E0E4736"), false)
	f.Add([]byte("4BF92F3577B34DA6A3CE929D0E0E4736"), true)
	f.Add([]byte("00000000000000000000000000000000"), true)
	f.Add([]byte("0000000000000001/:@G`g000000000000"), true)
	f.Add([]byte("00000000000000000\x80\xb0\xe1\x10\x00\x4100000000000"), true)
	f.Fuzz(func(t *testing.T, id []byte, anyCase bool) {
		for _, n := range []int{16, 32} {
			if len(id) < n {
				return
			}
			id := id[:n]
			got, words := bytes.Repeat([]byte{'x'}, n+1), bytes.Repeat([]byte{'x'}, n+1)
			ok, wordsOK := lowerHex(got[:n], id, anyCase), lowerWords(words[:n], id, anyCase)
			want, valid := bytes.Repeat([]byte{'x'}, n+1), false
			for _, c := range id {
				valid = valid || c != '0'
			}
			for _, c := range id {
				valid = valid && (isHex(c) || anyCase && isHex(lower(c)))
			}
			if valid {
				copyLower(want, id)
			}
			if ok != valid || wordsOK != valid || !bytes.Equal(got, want) || !bytes.Equal(words, want) {
				t.Fatalf("%q, any case %v: %v %q, by words %v %q, want %v %q", id, anyCase, ok, got, wordsOK, words, valid, want)
			}
		}
	})
}
