package parse_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// strictProblem says what is wrong with a document, or nothing: it must be one JSON object on one line, valid UTF-8, and
// have no name twice, no field dotted and nested, and no lone surrogate.
func strictProblem(doc []byte) string {
	switch {
	case !utf8.Valid(doc):
		return "invalid UTF-8"
	case bytes.ContainsAny(doc, "\r\n\x00"):
		return "more than one line"
	case !json.Valid(doc) || doc[0] != '{':
		return "not a JSON object"
	case hasLoneSurrogate(doc):
		return "a lone surrogate"
	}
	decoder := json.NewDecoder(bytes.NewReader(doc))
	decoder.UseNumber()
	seen := map[string]bool{}
	_, _ = decoder.Token()
	return walkObject(decoder, "", seen)
}

// walkObject reads an object behind its brace; its leaves go to flat, by their dotted names.
func walkObject(decoder *json.Decoder, prefix string, flat map[string]bool) (problem string) {
	names := map[string]bool{}
	for decoder.More() {
		token, _ := decoder.Token()
		name := token.(string)
		if names[name] {
			return fmt.Sprintf("the name %q stands twice", prefix+name)
		}
		names[name] = true
		if problem = walk(decoder, prefix+name, flat); problem != "" {
			return problem
		}
	}
	_, _ = decoder.Token()
	return ""
}

func walk(decoder *json.Decoder, path string, flat map[string]bool) (problem string) {
	token, _ := decoder.Token()
	if token == json.Delim('{') && decoder.More() {
		return walkObject(decoder, path+".", flat)
	}
	if flat[path] {
		return fmt.Sprintf("the field %q is given both dotted and nested", path)
	}
	flat[path] = true
	switch token {
	case json.Delim('{'):
		_, _ = decoder.Token()
	case json.Delim('['):
		for decoder.More() {
			if problem = walk(decoder, "", map[string]bool{}); problem != "" {
				return problem
			}
		}
		_, _ = decoder.Token()
	}
	return ""
}

func hasLoneSurrogate(doc []byte) bool {
	for i := 0; i < len(doc); i++ {
		if doc[i] != '\\' {
			continue
		}
		i++
		if doc[i] != 'u' {
			continue
		}
		switch jsontext.Hex4(doc[i+1:]) >> 10 {
		case 0xDC00 >> 10:
			return true
		case 0xD800 >> 10:
			if low := doc[i+5:]; low[0] != '\\' || low[1] != 'u' || jsontext.Hex4(low[2:])>>10 != 0xDC00>>10 {
				return true
			}
			i += 6
		}
		i += 4
	}
	return false
}
