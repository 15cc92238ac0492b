package frame

import "github.com/tailspan/tailspan/internal/jsontext"

// span is a part of a text.
type span struct{ start, end int }

// members calls yield with each member of a JSON object, the name as it is written, quotes included. It looks no closer than
// it needs to: whether the object is valid is the parser's to say. It reports whether text is an object to its end.
func members(text []byte, yield func(key []byte, value span)) bool {
	i := skipBlanks(text, 0)
	if i == len(text) || text[i] != '{' {
		return false
	}
	for i = skipBlanks(text, i+1); i < len(text) && text[i] == '"'; i = skipBlanks(text, i+1) {
		end := skipString(text, i)
		key := text[i:end]
		if i = skipBlanks(text, end); i == len(text) || text[i] != ':' {
			return false
		}
		start := skipBlanks(text, i+1)
		end = skipValue(text, start)
		yield(key, span{start, end})
		if i = skipBlanks(text, end); i == len(text) || text[i] != ',' {
			break
		}
	}
	return i < len(text) && text[i] == '}' && skipBlanks(text, i+1) == len(text)
}

func skipBlanks(text []byte, i int) int {
	for i < len(text) && (text[i] == ' ' || text[i] == '\t' || text[i] == '\n' || text[i] == '\r') {
		i++
	}
	return i
}

// skipString returns the index behind the string that begins at i, or len(text).
func skipString(text []byte, i int) int {
	for i++; i < len(text); i++ {
		switch i = jsontext.SkipPlain(text, i); {
		case i == len(text):
			return i
		case text[i] == '"':
			return i + 1
		case text[i] == '\\':
			i++
		}
	}
	return len(text)
}

// skipValue returns the index behind the value that begins at i.
func skipValue(text []byte, i int) int {
	depth := 0
	for i < len(text) {
		switch text[i] {
		case '"':
			i = skipString(text, i)
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}
