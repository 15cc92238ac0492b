package trace

import (
	"strings"
	"unicode"

	"github.com/tailspan/tailspan/pkg/event"
)

// nameOf names a span: what its tracer called it, or its call, or what the line says, less what differs from one
// request to the next, so that spans of one operation have one name.
func nameOf(d *document, attributes []event.Attribute, message string) string {
	if name := d.text("span.name", "operationName", "operation_name", "operation", "transaction.name", "opentracing.operation"); name != "" {
		return clip([]byte(name), maxName)
	}
	if d.isZipkin() || d.has("span.kind", "kind") {
		if name := d.text("name"); name != "" {
			return clip([]byte(name), maxName)
		}
	}
	if method := attributeOf(attributes, "rpc.method"); method != "" {
		if service := attributeOf(attributes, "rpc.service"); service != "" {
			method = service + "/" + method
		}
		return clip([]byte(method), maxName)
	}
	if name := callOf(attributes); name != "" {
		return name
	}
	if name := statementOf(attributes); name != "" {
		return name
	}
	if method, path, _ := callIn(message); method != "" {
		return clip([]byte(method+" "+foldPath(path)), maxName)
	}
	if name := foldMessage(message); name != "" {
		return name
	}
	return "span"
}

// callOf is method and route of an HTTP request.
func callOf(attributes []event.Attribute) string {
	method := strings.ToUpper(attributeOf(attributes, "http.request.method"))
	route := attributeOf(attributes, "http.route")
	if route == "" {
		if path := firstAttribute(attributes, "url.path", "url.full"); path != "" {
			route = foldPath(path)
		}
	}
	if method == "" && !strings.HasPrefix(route, "/") {
		return ""
	}
	return clip([]byte(strings.TrimSpace(method+" "+route)), maxName)
}

// statementOf is the operation of a database call and what it works on.
func statementOf(attributes []event.Attribute) string {
	operation := attributeOf(attributes, "db.operation.name")
	words := strings.Fields(attributeOf(attributes, "db.query.text"))
	if operation == "" && len(words) > 0 {
		operation = strings.ToUpper(words[0])
	}
	if operation == "" {
		return ""
	}
	table := firstAttribute(attributes, "db.collection.name", "db.sql.table")
	for i := 0; table == "" && i+1 < len(words); i++ {
		switch strings.ToUpper(words[i]) {
		case "FROM", "INTO", "UPDATE", "TABLE":
			table = strings.Trim(words[i+1], "`\"();,")
		}
	}
	return clip([]byte(strings.TrimSpace(operation+" "+table)), maxName)
}

// maxSegments is how much of a path makes a name.
const maxSegments = 8

// foldPath is the route that a path or URL seems to be of: without host, query and fragment, and with {id} for every
// segment that looks like the name of one thing.
func foldPath(path string) string {
	if _, rest, ok := strings.Cut(path, "://"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		path = "/" + rest
	}
	if i := strings.IndexAny(path, "?#;"); i >= 0 {
		path = path[:i]
	}
	segments := strings.Split(path, "/")
	if len(segments) > maxSegments+1 {
		segments = append(segments[:maxSegments+1:maxSegments+1], "…")
	}
	for i, s := range segments {
		if isIdentifier(s) {
			segments[i] = "{id}"
		}
	}
	return strings.Join(segments, "/")
}

// isIdentifier reports whether a word names one thing of many: a number, UUID, hash, e-mail address, or anything with
// more than two digits. Versions, as v1, are words.
func isIdentifier(word string) bool {
	digits, letters := 0, 0
	for _, r := range word {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case unicode.IsLetter(r):
			letters++
		}
	}
	switch {
	case digits > 2, digits > 0 && letters == 0, len(word) > 40:
		return true
	case digits > 0 && letters == 1:
		return word[0] != 'v' && word[0] != 'V'
	}
	return strings.Contains(word, "@") || len(word) >= 16 && strings.Trim(word, "0123456789abcdefABCDEF-") == ""
}

// callIn finds a request line in a message, as `"GET /a/b HTTP/1.1" 200`. The status is empty when there is none behind it.
func callIn(message string) (method, path, status string) {
	words := strings.Fields(message)
	for i := 0; i+1 < len(words); i++ {
		method := strings.Trim(words[i], `"'[](){},`)
		if !isMethod(method) {
			continue
		}
		path := strings.Trim(words[i+1], `"',`)
		if !strings.HasPrefix(path, "/") && !strings.Contains(path, "://") {
			continue
		}
		if i+3 < len(words) && strings.HasPrefix(words[i+2], "HTTP/") && len(words[i+3]) == 3 && strings.Trim(words[i+3], "0123456789") == "" {
			status = words[i+3]
		}
		return method, path, status
	}
	return "", "", ""
}

// maxWords is how much of a message makes a name.
const maxWords = 6

// foldMessage is what a message has in common with others of its kind: its first words without times, levels, ids,
// numbers and key=value.
func foldMessage(message string) string {
	var kept []string
	for word := range strings.FieldsSeq(clip([]byte(message), maxText)) {
		if strings.Contains(word, "=") || strings.HasPrefix(word, "{") || len(kept) == maxWords {
			if len(kept) > 0 {
				break
			}
			continue
		}
		word = strings.Trim(word, `[](){}<>"',:;|`)
		if word == "" || word == "-" || isIdentifier(word) || len(kept) == 0 && isLevel(word) || strings.ContainsAny(word, "0123456789") {
			continue
		}
		kept = append(kept, word)
	}
	return clip([]byte(strings.Join(kept, " ")), maxName)
}

func isLevel(word string) bool {
	switch strings.ToLower(word) {
	case "trace", "debug", "info", "information", "notice", "warn", "warning", "error", "err", "fatal", "critical", "crit", "alert", "emerg", "panic":
		return true
	}
	return false
}
