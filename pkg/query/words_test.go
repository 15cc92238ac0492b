package query

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestWords(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"", nil},
		{"Connection refused: 10.0.0.7:5432", []string{"connection", "refused", "10.0.0.7", "5432"}},
		{"foo_bar O'Neil a:b db-1 x. .y _ 3,14 a,b a.1", []string{"foo_bar", "o'neil", "a:b", "db", "1", "x", "y", "3,14", "a", "b", "a", "1"}},
		{"Naïve Straße", []string{"naïve", "straße"}},
		{"日本語", []string{"日", "本", "語"}},
		{"user@example.com/path?x=1", []string{"user", "example.com", "path", "x", "1"}},
		{strings.Repeat("a", 300), []string{strings.Repeat("a", 255), strings.Repeat("a", 45)}},
		{strings.Repeat("é", 300), []string{strings.Repeat("é", 255), strings.Repeat("é", 45)}},
	} {
		if got := wordsOf(c.text); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// FuzzWords: ASCII text has the words that Unicode's rules give it, and no text has a word that is empty, too long or in capitals.
func FuzzWords(f *testing.F) {
	for _, text := range []string{"a.b:c,1.2;3'4 _x__ ", "O'Neil's 1,000.5", "日本 naïve", "a..b 1.:2", "x_1.2_y"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := wordsOf(text)
		for _, word := range got {
			if word == "" || utf8.RuneCountInString(word) > maxWord || lower(word) != word {
				t.Fatalf("%q has the word %q", text, word)
			}
		}
		if len(text) > maxWord || strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
			return
		}
		// A letter of another script behind a space brings the general rules to bear, and one more word.
		if general := wordsOf(text + " ж"); !slices.Equal(general[:len(general)-1], got) {
			t.Fatalf("%q: %q, by the general rules %q", text, got, general)
		}
	})
}

func TestWordsAllocateNothing(t *testing.T) {
	var w Words
	text := []byte("Connection to 10.0.0.7:5432 refused after 3 retries, giving up")
	if n := testing.AllocsPerRun(100, func() {
		w.Reset(text)
		for w.Next() != nil {
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
