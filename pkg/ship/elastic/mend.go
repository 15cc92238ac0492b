package elastic

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

// A document that one of its fields keeps out is kept by moving that field aside, into the flattened field
// tailspan.unmapped, where its value can still be searched as text; tailspan.unmapped_reason says why. Elasticsearch names
// the field in the reason of its refusal, in words that have not changed from 7.17 to 9.2 and in OpenSearch.
var refusedField = []*regexp.Regexp{
	regexp.MustCompile(`object mapping for \[[^\]]*\] tried to parse field \[([^\]]+)\] as object, but found a concrete value`),
	regexp.MustCompile(`failed to parse field \[([^\]]+)\] of type`),
	regexp.MustCompile(`mapper \[([^\]]+)\] cannot be changed from type`),
	regexp.MustCompile(`[Cc]an't merge a non object mapping \[([^\]]+)\] with an object mapping`),
	regexp.MustCompile(`immense term in field="([^"]+)"`),
	regexp.MustCompile(`dynamic introduction of \[([^\]]+)\] within \[_doc\] is not allowed`),
}

// maxMends bounds how many fields of one document are moved aside: a refusal names only the first.
const maxMends = 8

// fieldLimit is the refusal of a document for the sum of all fields that its index has.
const fieldLimit = "Limit of total fields"

// keptNames are never moved aside for the field limit: they are mapped by the template.
var keptNames = map[string]bool{"@timestamp": true, "message": true, "ecs": true, "event": true, "host": true, "log": true, "parent": true,
	"service": true, "span": true, "tailspan": true, "trace": true, "error": true}

// mend returns the document with what the reason complains of moved aside, or nil when that is nothing that can be moved.
// It is for the few documents that are refused, so it may allocate.
func mend(document []byte, reason string) []byte {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var doc map[string]any
	if decoder.Decode(&doc) != nil {
		return nil
	}
	aside := map[string]any{}
	if name := offender(reason); name != "" {
		if value, ok := takeOut(doc, name); ok {
			aside[name] = text(value)
		}
	} else if strings.Contains(reason, fieldLimit) {
		for name, value := range doc {
			if top, _, _ := strings.Cut(name, "."); !keptNames[top] {
				aside[name] = text(value)
				delete(doc, name)
			}
		}
	}
	if len(aside) == 0 {
		return nil
	}
	if before, ok := doc["tailspan.unmapped"].(map[string]any); ok {
		for name, value := range before {
			aside[name] = value
		}
	}
	doc["tailspan.unmapped"] = aside
	doc["tailspan.unmapped_reason"] = reason
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(doc) != nil {
		return nil
	}
	return out.Bytes()
}

// offender is the field that the reason names. The time cannot be moved aside, nor what has been already.
func offender(reason string) string {
	for _, pattern := range refusedField {
		if m := pattern.FindStringSubmatch(reason); m != nil && m[1] != "@timestamp" && !strings.HasPrefix(m[1], "tailspan") {
			return m[1]
		}
	}
	return ""
}

// takeOut removes the field with the dotted name from doc, however its name is split over objects, and returns it. When the
// name is that of something inside a value that is no object, the value itself is taken out.
func takeOut(doc map[string]any, name string) (value any, ok bool) {
	if value, ok := doc[name]; ok {
		delete(doc, name)
		return value, true
	}
	for i := range len(name) {
		if name[i] != '.' {
			continue
		}
		inner, found := doc[name[:i]]
		if !found {
			continue
		}
		if object, isObject := inner.(map[string]any); isObject {
			if value, ok := takeOut(object, name[i+1:]); ok {
				if len(object) == 0 {
					delete(doc, name[:i])
				}
				return value, true
			}
			continue
		}
		delete(doc, name[:i])
		return inner, true
	}
	return nil, false
}

// text is what a flattened field can hold of any value: at most 32,766 bytes, Lucene's limit for a term.
func text(value any) string {
	s, ok := value.(string)
	if !ok {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		if encoder.Encode(value) != nil {
			return ""
		}
		s = strings.TrimSuffix(out.String(), "\n")
	}
	const limit = 8 << 10 // runes of four bytes fit, too
	if len(s) > limit {
		s = strings.ToValidUTF8(s[:limit], "")
	}
	return s
}
