package query

import (
	"strings"
	"time"
)

// clause is a piece of Elasticsearch's query language.
type clause = map[string]any

// DSL is the query in Elasticsearch's query language, for indices with tailspan's template. Conditions that do not fit the type of a
// field match nothing, instead of failing the search.
func (q *Query) DSL() map[string]any {
	if q == nil || q.Root == nil {
		return clause{"match_all": clause{}}
	}
	return dsl(q.Root)
}

func dsl(n Node) clause {
	switch n := n.(type) {
	case And:
		return clause{"bool": clause{"filter": dslAll(n)}}
	case Or:
		return clause{"bool": clause{"should": dslAll(n), "minimum_should_match": 1}}
	case Not:
		return clause{"bool": clause{"must_not": []any{dsl(n.Of)}}}
	case Match:
		return n.dsl()
	case Range:
		return n.dsl()
	case Exists:
		return clause{"exists": clause{"field": n.Field}}
	}
	return clause{"match_all": clause{}}
}

func dslAll(nodes []Node) []any {
	all := make([]any, len(nodes))
	for i, n := range nodes {
		all[i] = dsl(n)
	}
	return all
}

// timeField is the only field that is a time.
const timeField = "@timestamp"

func (n Match) dsl() clause {
	fields := []string{n.Field}
	if n.Field == "" {
		fields = []string{"*"}
	}
	switch {
	case n.Value.Wildcard():
		return n.wildcards(fields)
	case n.Field == timeField:
		return within(parseTime(n.Value.Text))
	}
	how := "best_fields"
	if n.Value.Quoted {
		how = "phrase"
	}
	return clause{"multi_match": clause{"query": n.Value.Text, "type": how, "fields": fields, "lenient": true}}
}

// within is the documents of an interval of time.
func within(span interval) clause {
	if !span.known() {
		return clause{"match_none": clause{}}
	}
	return clause{"range": clause{timeField: clause{"gte": rfc3339(span.from), "lt": rfc3339(span.to)}}}
}

func rfc3339(at time.Time) string { return at.UTC().Format(time.RFC3339Nano) }

// textFields are the names of all fields that are text.
var textFields = []string{"*message", "*.stack_trace", "tailspan.unmapped_reason"}

// wildcards looks for the whole pattern in keywords, and in text for its parts between spaces, each of them a word.
func (n Match) wildcards(fields []string) clause {
	whole := pattern(n.Value.Pieces)
	var parts []string
	for _, part := range wordPatterns(n.Value) {
		parts = append(parts, pattern(part))
	}
	words := strings.Join(parts, " ")
	switch {
	case words == whole:
		return queryString(whole, fields)
	case n.Field != "" && template[n.Field].kind != text && !textual([]byte(n.Field)):
		return queryString(whole, fields)
	case n.Field != "":
		return queryString(words, fields)
	}
	return clause{"bool": clause{"should": []any{queryString(whole, fields), queryString(words, textFields)}, "minimum_should_match": 1}}
}

func queryString(query string, fields []string) clause {
	return clause{"query_string": clause{"query": query, "fields": fields, "lenient": true}}
}

// pattern is pieces with wildcards between them, as query_string reads it.
func pattern(pieces []string) string {
	var b strings.Builder
	for i, piece := range pieces {
		if i > 0 {
			b.WriteByte('*')
		}
		for _, r := range piece {
			if r < 0x80 && !isWord(byte(r)) {
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
		switch piece { // in capitals they are words of its language
		case "AND", "OR", "NOT", "TO":
			if len(pieces) == 1 {
				word := b.String()
				b.Reset()
				b.WriteString(`\` + word)
			}
		}
	}
	return b.String()
}

func isWord(c byte) bool { return c == '_' || classes[c] == letter || classes[c] == digit }

func (n Range) dsl() clause {
	if n.Field == timeField {
		return n.times()
	}
	var b strings.Builder
	appendQuoted(&b, n.Bound)
	query := ""
	switch n.Op {
	case Greater:
		query = "{" + b.String() + " TO *]"
	case GreaterEqual:
		query = "[" + b.String() + " TO *]"
	case Less:
		query = "[* TO " + b.String() + "}"
	case LessEqual:
		query = "[* TO " + b.String() + "]"
	}
	return queryString(query, []string{n.Field})
}

// times compares with the beginning or the end of the time that the bound names.
func (n Range) times() clause {
	span := parseTime(n.Bound)
	if !span.known() {
		return clause{"match_none": clause{}}
	}
	limit := clause{}
	switch n.Op {
	case Greater:
		limit["gte"] = rfc3339(span.to)
	case GreaterEqual:
		limit["gte"] = rfc3339(span.from)
	case Less:
		limit["lt"] = rfc3339(span.from)
	case LessEqual:
		limit["lt"] = rfc3339(span.to)
	}
	return clause{"range": clause{timeField: limit}}
}
