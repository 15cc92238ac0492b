package parse

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// Texts of any length and content have the stops that their bytes say, by every way of finding them.
func TestTextStops(t *testing.T) {
	var s textStops
	r := rand.New(rand.NewPCG(1, 2))
	const often = "=:RSP09 \t/;a\x80"
	for n := range 700 {
		text := bytes.Repeat([]byte("a"), n)
		for range r.IntN(1 + n) {
			text[r.IntN(n)] = byte(r.UintN(256))
			text[r.IntN(n)] = often[r.IntN(len(often))]
		}
		checkTextStops(t, &s, text)
	}
}

func FuzzTextStops(f *testing.F) {
	f.Add([]byte("2026-01-02T03:04:05Z WARN trace=0 took 5ms P 6 PT1S"))
	f.Add([]byte(strings.Repeat(" 1\tP=:", 40)))
	f.Add([]byte(strings.Repeat("x", 63) + " 5" + strings.Repeat("x", 63) + "\t6" + strings.Repeat("x", 62) + "7 8 "))
	f.Fuzz(func(t *testing.T, text []byte) { checkTextStops(t, new(textStops), text) })
}

func checkTextStops(t *testing.T, s *textStops, text []byte) {
	t.Helper()
	want := make([]uint64, (len(text)+stopBlock-1)/stopBlock)
	for i, c := range text {
		value := c >= '0' && c <= '9' || c == 'P'
		if strings.IndexByte("=:RS", c) >= 0 || value && i > 0 && (text[i-1] == ' ' || text[i-1] == '\t') {
			want[i/stopBlock] |= 1 << (i % stopBlock)
		}
	}
	if got := s.find(text); !slices.Equal(got, want) {
		t.Fatalf("%q: %x, want %x", text, got, want)
	}
	if len(text) < stopBlock {
		return
	}
	words := make([]uint64, len(want))
	if stopWords(words, text); len(text)%stopBlock > 0 {
		words[len(words)-1] >>= stopBlock - len(text)%stopBlock
	}
	if !slices.Equal(words, want) {
		t.Fatalf("%q: %x by bytes, want %x", text, words, want)
	}
}
