package parse

import (
	"bytes"
	"encoding/json"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// mend writes a value that the scanner accepted anew, without lone surrogates, blank names and names given twice;
// numbers keep their text. It is for values that hardly any line has, so it may allocate.
func mend(value []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(value))
	decoder.UseNumber()
	return appendMended(nil, decoder)
}

// appendMended appends the decoder's next value. The decoder cannot fail on what the scanner accepted.
func appendMended(dst []byte, decoder *json.Decoder) []byte {
	token, _ := decoder.Token()
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return appendMendedObject(dst, decoder)
		}
		dst = append(dst, '[')
		for first := true; decoder.More(); first = false {
			if !first {
				dst = append(dst, ',')
			}
			dst = appendMended(dst, decoder)
		}
		_, _ = decoder.Token()
		return append(dst, ']')
	case string:
		return jsontext.AppendString(dst, t)
	case json.Number:
		return append(dst, t...)
	case bool:
		if t {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	}
	return append(dst, "null"...)
}

// appendMendedObject appends the rest of an object whose brace has been read.
func appendMendedObject(dst []byte, decoder *json.Decoder) []byte {
	type member struct {
		name  string
		value []byte
	}
	var members []member
	last := map[string]int{} // of members with a name, the one that stays
	for decoder.More() {
		token, _ := decoder.Token()
		name, _ := token.(string)
		if isBlankName([]byte(name)) {
			name = string(unnamed)
		}
		last[name] = len(members)
		members = append(members, member{name, appendMended(nil, decoder)})
	}
	_, _ = decoder.Token()
	dst = append(dst, '{')
	first := true
	for i, m := range members {
		if last[m.name] != i {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(jsontext.AppendString(dst, m.name), ':')
		dst = append(dst, m.value...)
	}
	return append(dst, '}')
}
