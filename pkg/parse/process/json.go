package process

import (
	"encoding/json"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// isJSON reports whether a line is one JSON object.
func isJSON(line []byte) bool {
	for _, c := range line {
		if !isBlank(c) {
			return c == '{' && json.Valid(line)
		}
	}
	return false
}

// nextItem is the next value of a valid JSON list, whose text from behind its bracket or from behind the value before is
// list; nil at the end.
func nextItem(list []byte) (item, rest []byte) {
	from := 0
	for from < len(list) && (list[from] == ',' || isBlank(list[from])) {
		from++
	}
	if from >= len(list) || list[from] == ']' {
		return nil, nil
	}
	to := skipValue(list, from)
	return list[from:to], list[to:]
}

// skipValue returns the index behind the valid JSON value that begins at i.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i = skipString(b, i)
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		default:
			if depth > 0 && (b[i] == ',' || b[i] == ':' || isBlank(b[i])) {
				i++
				continue
			}
			for i < len(b) && b[i] != ',' && b[i] != ']' && b[i] != '}' && !isBlank(b[i]) {
				i++
			}
		}
		if depth == 0 {
			return i
		}
	}
	return i
}

// skipString returns the index behind the string that begins at i.
func skipString(b []byte, i int) int {
	for i++; i < len(b); {
		i = jsontext.SkipPlain(b, i)
		if i < len(b) && b[i] == '"' {
			return i + 1
		}
		i += 2
	}
	return len(b)
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
