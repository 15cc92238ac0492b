package query

import (
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/words"
)

// maxWord is how many characters a word has at most; a longer one is several, as in Elasticsearch's standard analyzer.
const maxWord = 255

// Words takes text apart as Elasticsearch's standard analyzer does: by the word boundaries of Unicode (UAX #29), in lower case. It
// belongs to one goroutine. The zero value is ready.
type Words struct {
	text  []byte
	at    int
	ascii bool
	long  words.Iterator[[]byte] // of a text that is not ASCII
	rest  []byte                 // of a word that is too long
	word  []byte
}

// Reset begins a text, which must not change up to the last Next.
func (w *Words) Reset(text []byte) {
	w.text, w.at, w.rest, w.ascii = text, 0, nil, true
	for _, c := range text {
		if c >= utf8.RuneSelf {
			w.ascii = false
			w.long = words.FromBytes(text)
			return
		}
	}
}

// Next returns the next word, or nil behind the last. The bytes are valid until the next call of Next or Reset.
func (w *Words) Next() []byte {
	if w.ascii {
		return w.nextASCII()
	}
	for len(w.rest) == 0 {
		if !w.long.Next() {
			return nil
		}
		if v := w.long.Value(); meaningful(v) {
			w.rest = v
		}
	}
	return w.lower()
}

// meaningful reports whether something between two boundaries is a word and not only space or punctuation.
func meaningful(b []byte) bool {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if unicode.IsLetter(r) || unicode.IsNumber(r) || r > 0x2190 && unicode.Is(unicode.So, r) {
			return true
		}
		i += size
	}
	return false
}

// lower takes up to maxWord characters off the rest.
func (w *Words) lower() []byte {
	w.word = w.word[:0]
	for n := 0; n < maxWord && len(w.rest) > 0; n++ {
		r, size := utf8.DecodeRune(w.rest)
		w.word = utf8.AppendRune(w.word, unicode.ToLower(r))
		w.rest = w.rest[size:]
	}
	return w.word
}

// class is what UAX #29 makes of an ASCII character.
type class uint8

const (
	other class = iota
	letter
	digit
	low      // _, which extends words and numbers
	midAny   // . and ', which join letters with letters and digits with digits
	midAlpha // :, which joins letters
	midDigit // , and ;, which join digits
)

var classes = func() (all [utf8.RuneSelf]class) {
	for c := range all {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z':
			all[c] = letter
		case c >= '0' && c <= '9':
			all[c] = digit
		}
	}
	all['_'], all['.'], all['\''], all[':'], all[','], all[';'] = low, midAny, midAny, midAlpha, midDigit, midDigit
	return all
}()

// nextASCII is Next for text of ASCII characters, nearly all there is in logs.
func (w *Words) nextASCII() []byte {
	text, i := w.text, w.at
	for i < len(text) {
		from, named := i, false // named: there is more than low lines
		end := min(len(text), from+maxWord)
		for last := other; i < end; i++ {
			c := classes[text[i]&0x7f]
			if c == other {
				break
			}
			if c >= midAny {
				if i+1 == end || !joins(c, last, classes[text[i+1]&0x7f]) {
					break
				}
				continue
			}
			named = named || c != low
			last = c
		}
		if named {
			w.at = i
			w.word = w.word[:0]
			for _, c := range text[from:i] {
				if c >= 'A' && c <= 'Z' {
					c += 'a' - 'A'
				}
				w.word = append(w.word, c)
			}
			return w.word
		}
		i = max(i, from+1)
	}
	w.at = i
	return nil
}

// joins reports whether a mark between two characters keeps them in one word.
func joins(mark, before, behind class) bool {
	if before != behind {
		return false
	}
	return before == letter && mark != midDigit || before == digit && mark != midAlpha
}
