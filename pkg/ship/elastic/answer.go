package elastic

import (
	"bytes"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// items are those of an answer to a bulk request: one for each document, in thousands, and each with a reason when the
// documents were there already. They are taken one at a time, so that what is parsed of them is never more than one.
type items struct {
	rest []byte // from an item or a comma on, to the bracket behind the last one
}

// itemsOf returns the items of an answer, none if it has no array of them, or an error when it is no JSON.
func itemsOf(answer []byte) (items, error) {
	if err := fastjson.ValidateBytes(answer); err != nil {
		return items{}, err
	}
	i := skipSpace(answer, 0)
	if i == len(answer) || answer[i] != '{' {
		return items{}, nil
	}
	for i = skipSpace(answer, i+1); answer[i] == '"'; i = skipSpace(answer, i+1) {
		name := i
		i = skipValue(answer, i)
		isItems := string(answer[name:i]) == `"items"`
		i = skipSpace(answer, skipSpace(answer, i)+1) // the colon
		if isItems && answer[i] == '[' {
			return items{answer[i+1:]}, nil
		}
		if i = skipSpace(answer, skipValue(answer, i)); answer[i] != ',' {
			break
		}
	}
	return items{}, nil
}

// count is how many there are.
func (it items) count() int {
	n := 0
	for it.next() != nil {
		n++
	}
	return n
}

// next takes the next item; nil behind the last one.
func (it *items) next() []byte {
	start := skipSpace(it.rest, 0)
	if start < len(it.rest) && it.rest[start] == ',' {
		start = skipSpace(it.rest, start+1)
	}
	if start == len(it.rest) || it.rest[start] == ']' {
		return nil
	}
	end := skipValue(it.rest, start)
	item := it.rest[start:end]
	it.rest = it.rest[end:]
	return item
}

// skipValue is where the value ends that begins at i, in valid JSON.
func skipValue(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i = jsontext.SkipPlain(b, i+1); b[i] != '"'; i = jsontext.SkipPlain(b, i) {
				i += 2
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth <= 0 {
				return i + 1 + min(depth, 0) // a bracket that the value does not begin with is not its own
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// skipSpace is the index of the first byte at or behind i that is no white space.
func skipSpace(b []byte, i int) int {
	for i < len(b) && bytes.IndexByte([]byte(" \t\n\r"), b[i]) >= 0 {
		i++
	}
	return i
}
