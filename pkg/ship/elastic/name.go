package elastic

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// Name is the name of an index or data stream, in which %{FIELD} stands for a field of the document and %{+yyyy.MM.dd} for
// its time in UTC, as Logstash writes them. What a line says cannot choose any index: a value gives only letters that are
// allowed inside a name, and a name begins with text of the configuration.
type Name struct {
	text   string
	parts  []namePart
	stream bool // parts of the name are told apart by dashes, so that a value has none
}

// namePart is one of text, field and date.
type namePart struct {
	text  string
	field []byte // as between the quotes of a JSON key
	date  []string
}

const (
	maxNameValue = 64 // bytes of a value in a name
	unknownValue = "unknown"
)

// ParseName reads a name. stream says that it is a data stream's.
func ParseName(text string, stream bool) (*Name, error) {
	n := &Name{text: text, stream: stream}
	for rest := text; rest != ""; {
		before, after, found := strings.Cut(rest, "%{")
		if before != "" {
			n.parts = append(n.parts, namePart{text: before})
		}
		if !found {
			break
		}
		inside, behind, closed := strings.Cut(after, "}")
		switch {
		case !closed:
			return nil, errors.New("a %{ is not closed; write %{service.name} or %{+yyyy.MM.dd}")
		case inside == "":
			return nil, errors.New("a %{} names nothing; write %{service.name} or %{+yyyy.MM.dd}")
		case inside[0] == '+':
			date, err := parseDate(inside[1:])
			if err != nil {
				return nil, err
			}
			n.parts = append(n.parts, namePart{date: date})
		default:
			n.parts = append(n.parts, namePart{field: jsontext.AppendEscaped(nil, inside)})
		}
		rest = behind
	}
	if n.Fixed() {
		return n, nil
	}
	if n.parts[0].text == "" || n.parts[0].text[0] == '.' {
		return nil, errors.New("begins with what a line says, which could then choose any index; begin with a text, as in logs-%{service.name}")
	}
	for _, part := range n.parts {
		if strings.ContainsFunc(part.text, notInName) || part.text != strings.ToLower(part.text) {
			return nil, fmt.Errorf(`%q cannot be in the name of an index; write lower case, no blanks and none of \ / * ? " < > | , # and colons`, part.text)
		}
	}
	return n, nil
}

// dateWords are what a date may have, in Joda's letters; longer ones first.
var dateWords = []string{"yyyy", "xxxx", "YYYY", "yy", "MM", "dd", "DDD", "HH", "ww"}

// parseDate splits yyyy.MM.dd into words and what is between them.
func parseDate(text string) ([]string, error) {
	var words []string
next:
	for text != "" {
		for _, word := range dateWords {
			if strings.HasPrefix(text, word) {
				words, text = append(words, word), text[len(word):]
				continue next
			}
		}
		if !strings.ContainsRune(".-_", rune(text[0])) {
			return nil, fmt.Errorf("%q is no part of a date; write yyyy, yy, MM, dd, HH, or xxxx and ww for weeks, with . - _ between them", text)
		}
		words, text = append(words, text[:1]), text[1:]
	}
	return words, nil
}

// Fixed reports a name that is the same for every document.
func (n *Name) Fixed() bool {
	return !slices.ContainsFunc(n.parts, func(p namePart) bool { return p.text == "" })
}

// Pattern matches every name that may come of n, with * for what lines say.
func (n *Name) Pattern() string {
	var b strings.Builder
	for _, part := range n.parts {
		if part.text == "" {
			b.WriteByte('*')
		}
		b.WriteString(part.text)
	}
	return b.String()
}

// Fields are those that the name needs.
func (n *Name) Fields() []string {
	var fields []string
	for _, part := range n.parts {
		if part.field != nil {
			fields = append(fields, string(part.field))
		}
	}
	return fields
}

// Append appends the name for ev, whose data set and host are the documents' own. It needs no escaping in JSON.
func (n *Name) Append(dst []byte, ev *event.Event, dataset, host string) []byte {
	for i := range n.parts {
		switch part := &n.parts[i]; {
		case part.field != nil:
			before := len(dst)
			if dst = n.appendValue(dst, ev, part.field, dataset, host); len(dst) == before {
				dst = append(dst, unknownValue...)
			}
		case part.date != nil:
			dst = appendDate(dst, part.date, ev.Time.Std())
		default:
			dst = append(dst, part.text...)
		}
	}
	return dst
}

// appendValue appends what ev has under the name of a field.
func (n *Name) appendValue(dst []byte, ev *event.Event, field []byte, dataset, host string) []byte {
	if i := event.Lookup(ev.Fields, field); i >= 0 {
		f := &ev.Fields[i]
		return n.appendGuarded(dst, event.Value{Bytes: f.Value, Kind: f.Kind})
	}
	switch string(field) {
	case "service.name":
		return n.appendGuarded(dst, ev.Service)
	case "log.level":
		return n.appendGuarded(dst, event.Value{Bytes: ev.Level})
	case "event.dataset":
		return n.appendGuarded(dst, event.Value{Bytes: []byte(dataset)})
	case "host.name":
		return n.appendGuarded(dst, event.Value{Bytes: []byte(host)})
	}
	if fact := ev.Facts.Lookup(field); fact != nil {
		return n.appendGuarded(dst, event.Value{Bytes: fact, Kind: event.JSON})
	}
	return dst
}

// appendGuarded appends a value in letters that are allowed inside a name; nothing for objects, lists and null.
func (n *Name) appendGuarded(dst []byte, v event.Value) []byte {
	text := v.Bytes
	switch {
	case v.Kind == event.Object || v.Kind == event.JSON && (text[0] == '{' || text[0] == '[' || text[0] == 'n'):
		return dst
	case v.Kind == event.JSON && text[0] == '"':
		if text = text[1 : len(text)-1]; bytes.IndexByte(text, '\\') >= 0 {
			text = jsontext.AppendUnescaped(nil, text)
		}
	}
	most := len(dst) + maxNameValue
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		r = unicode.ToLower(r)
		if notInName(r) || unicode.IsUpper(r) || r == utf8.RuneError || n.stream && r == '-' {
			r = '_'
		}
		if len(dst)+utf8.RuneLen(r) > most {
			break
		}
		dst = utf8.AppendRune(dst, r)
	}
	return dst
}

// notInName reports what Elasticsearch refuses in the name of an index.
func notInName(r rune) bool {
	return strings.ContainsRune(`\/*?"<>|,#:%{}`, r) || unicode.IsSpace(r) || unicode.IsControl(r)
}

// appendDate appends the words of a date.
func appendDate(dst []byte, words []string, t time.Time) []byte {
	year, week := t.ISOWeek()
	for _, word := range words {
		switch word {
		case "yyyy", "YYYY":
			dst = t.AppendFormat(dst, "2006")
		case "yy":
			dst = t.AppendFormat(dst, "06")
		case "MM":
			dst = t.AppendFormat(dst, "01")
		case "dd":
			dst = t.AppendFormat(dst, "02")
		case "DDD":
			dst = t.AppendFormat(dst, "002")
		case "HH":
			dst = t.AppendFormat(dst, "15")
		case "xxxx":
			dst = fmt.Appendf(dst, "%04d", year)
		case "ww":
			dst = fmt.Appendf(dst, "%02d", week)
		default:
			dst = append(dst, word...)
		}
	}
	return dst
}
