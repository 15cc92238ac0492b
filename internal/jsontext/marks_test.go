package jsontext

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
)

// Texts of any length and content have the marks that SkipPlain stops at, by every way of finding them.
func TestMarks(t *testing.T) {
	var m Marks
	r := rand.New(rand.NewPCG(1, 2))
	for n := range 700 {
		text := bytes.Repeat([]byte("a"), n)
		for range r.IntN(1 + n/4) {
			text[r.IntN(n)] = byte(r.UintN(256))
		}
		if n%3 > 0 { // the high bit in one place only, or nowhere
			for i := range text {
				text[i] &= 0x7f
			}
		}
		if n%3 > 1 {
			text[r.IntN(n)] |= 0x80
		}
		checkMarks(t, &m, text)
	}
}

func FuzzMarks(f *testing.F) {
	f.Add([]byte(`{"a":"b\"c"}`))
	f.Add([]byte(strings.Repeat("\x1f \x7f\x80\xff", 40)))
	f.Add([]byte(strings.Repeat("plain", 30) + `"`))
	f.Fuzz(func(t *testing.T, text []byte) { checkMarks(t, new(Marks), text) })
}

func checkMarks(t *testing.T, m *Marks, text []byte) {
	t.Helper()
	ascii := true
	for _, c := range text {
		ascii = ascii && c < 0x80
	}
	if got := m.Mark(text); got != ascii {
		t.Fatalf("%q: ASCII %v, want %v", text, got, ascii)
	}
	for i := range len(text) + 1 {
		if got, want := m.Next(i), SkipPlain(text, i); got != want {
			t.Fatalf("%q from %d: %d, want %d", text, i, got, want)
		}
	}
	if len(text) < markedBlock {
		return
	}
	vectors, words := make([]byte, len(text)/8+8), make([]byte, len(text)/8+8)
	if a, b := markBlocks(vectors, text), markWords(words, text); (a == 0) != ascii || (b == 0) != ascii || !bytes.Equal(vectors, words) {
		t.Fatalf("%q: %x, high %d by vectors; %x, high %d by words", text, vectors, a, words, b)
	}
}

func TestMarksDoNotAllocate(t *testing.T) {
	var m Marks
	text := bytes.Repeat([]byte("x"), 3000)
	m.Mark(text)
	if n := testing.AllocsPerRun(100, func() { m.Mark(text[:100]); m.Mark(text) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkMark(b *testing.B) {
	var m Marks
	text := []byte(strings.Repeat(`"trace_id":"0123456789abcdef",`, 13))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		m.Mark(text)
	}
}
