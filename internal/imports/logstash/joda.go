package logstash

import (
	"errors"
	"fmt"
	"strings"
)

// layoutWords are the layouts of Logstash's date filter that are words.
var layoutWords = map[string]string{"ISO8601": "iso8601", "UNIX": "unix", "UNIX_MS": "unix_ms", "TAI64N": "tai64n"}

// jodaLetters are the directives of strptime by Joda's letter and how often it stands there; the last one holds for more.
var jodaLetters = map[byte][]string{
	'y': {"%Y", "%y", "%Y"}, 'Y': {"%Y", "%y", "%Y"}, 'x': {"%Y", "%y", "%Y"}, 'u': {"%Y"},
	'M': {"%m", "%m", "%b", "%B"}, 'd': {"%d"}, 'D': {"%j"}, 'E': {"%a", "%a", "%a", "%A"},
	'H': {"%H"}, 'h': {"%I"}, 'm': {"%M"}, 's': {"%S"}, 'S': {"%f"}, 'a': {"%p"}, 'Z': {"%z"}, 'X': {"%z"}, 'z': {"%Z"},
}

// strptime writes a layout of Logstash's date filter, in Joda's letters, in those of strptime.
func strptime(joda string) (string, error) {
	if word, ok := layoutWords[joda]; ok {
		return word, nil
	}
	var out strings.Builder
	for rest := joda; rest != ""; {
		c := rest[0]
		n := 1
		for n < len(rest) && rest[n] == c {
			n++
		}
		switch directives, known := jodaLetters[c]; {
		case known && c == 'Z' && n > 2:
			out.WriteString("%Z")
		case known:
			out.WriteString(directives[min(n, len(directives))-1])
		case c == '\'':
			text, after, err := quotedText(rest)
			if err != nil {
				return "", err
			}
			out.WriteString(literal(text))
			rest = after
			continue
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			return "", fmt.Errorf("%q has no counterpart in strptime", rest[:n])
		default:
			out.WriteString(literal(rest[:n]))
		}
		rest = rest[n:]
	}
	return out.String(), nil
}

// quotedText is the text in quotes at the beginning; two quotes are one.
func quotedText(joda string) (text, after string, err error) {
	if strings.HasPrefix(joda, "''") {
		return "'", joda[2:], nil
	}
	for i := 1; i < len(joda); i++ {
		if joda[i] != '\'' {
			text += joda[i : i+1]
			continue
		}
		if strings.HasPrefix(joda[i:], "''") {
			text += "'"
			i++
			continue
		}
		return text, joda[i+1:], nil
	}
	return "", "", errors.New("a quote is not closed")
}

func literal(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// dateWords are those of Joda's letters that the name of an index may have.
const dateWords = "yYxMdDHw"

// indexName writes the name of an index, or false when it has a date that ours cannot have.
func indexName(name string) (string, bool) {
	var out strings.Builder
	for {
		before, after, found := strings.Cut(name, "%{+")
		out.WriteString(before)
		if !found {
			return out.String(), true
		}
		date, behind, closed := strings.Cut(after, "}")
		if !closed || strings.Trim(date, dateWords+".-_") != "" {
			return "", false
		}
		date = strings.NewReplacer("YYYY", "yyyy", "YY", "yy", "xxxx.ww", "xxxx.ww").Replace(date)
		out.WriteString("%{+" + date + "}")
		name = behind
	}
}
