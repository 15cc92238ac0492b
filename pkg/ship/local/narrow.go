package local

import (
	"strconv"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
)

// condition is SQL that holds for every document that a query matches. When it is exact, it holds for no other, except for odd
// ones, whose columns do not tell.
type condition struct {
	sql   string // "": holds for all
	args  []any
	exact bool
}

// narrow translates a query as far as columns and the index of words can answer it.
func narrow(n query.Node) condition {
	switch n := n.(type) {
	case query.And:
		return join(n, " AND ", true)
	case query.Or:
		return join(n, " OR ", false)
	case query.Not:
		c := narrow(n.Of)
		switch {
		case !c.exact:
			return condition{}
		case c.sql == "":
			return condition{sql: "0", exact: true}
		}
		return condition{"NOT " + c.sql, c.args, true}
	case query.Match:
		return narrowMatch(n)
	case query.Range:
		return narrowRange(n)
	case query.Exists:
		if place, ok := columnOf[n.Field]; ok {
			return condition{"(" + columns[place].name + " IS NOT NULL)", nil, true}
		}
		if n.Field == timeField {
			return condition{exact: true}
		}
		return condition{}
	}
	return condition{exact: true}
}

// join combines conditions. What holds for all adds nothing to an AND, and leaves nothing of an OR.
func join(nodes []query.Node, word string, all bool) condition {
	out := condition{exact: true}
	var parts []string
	for _, n := range nodes {
		c := narrow(n)
		out.exact = out.exact && c.exact
		if c.sql == "" {
			if !all {
				return condition{exact: out.exact && c.exact}
			}
			continue
		}
		parts, out.args = append(parts, c.sql), append(out.args, c.args...)
	}
	if len(parts) > 0 {
		out.sql = "(" + strings.Join(parts, word) + ")"
	}
	return out
}

const timeField = "@timestamp"

func narrowMatch(n query.Match) condition {
	if place, ok := columnOf[n.Field]; ok {
		if c, ok := cell(place, n.Value); ok {
			c.exact = true
			return c
		}
		return condition{sql: "0", exact: true}
	}
	words, ok := indexed(n.Value)
	switch {
	case n.Field == timeField:
		from, to, ok := query.Interval(n.Value.Text)
		if !ok || n.Value.Wildcard() {
			return condition{sql: "0", exact: true}
		}
		return condition{"(time >= ? AND time < ?)", []any{nanos(from), nanos(to)}, true}
	case !ok:
		return condition{}
	}
	out := condition{"rowid IN (SELECT rowid FROM words WHERE words MATCH ?)", []any{words}, false}
	if n.Field != "" {
		return out
	}
	parts := []string{out.sql} // a word of any field may stand in a column
	if from, to, ok := query.Interval(n.Value.Text); ok && !n.Value.Wildcard() {
		parts, out.args = append(parts, "(time >= ? AND time < ?)"), append(out.args, nanos(from), nanos(to))
	}
	for place := range columns {
		if c, ok := cell(place, n.Value); ok {
			parts, out.args = append(parts, c.sql), append(out.args, c.args...)
		}
	}
	out.sql = "(" + strings.Join(parts, " OR ") + ")"
	return out
}

// cell compares a column with a value; ok is false when no value of the column can be so.
func cell(place int, v query.Value) (c condition, ok bool) {
	name := columns[place].name
	switch {
	case columns[place].numeric && v.Wildcard():
		return c, false
	case columns[place].numeric:
		whole, ok := query.Whole(v.Text)
		return condition{sql: holds(name, "= ?"), args: []any{whole}}, ok
	case v.Wildcard():
		return condition{sql: holds(name, "GLOB ?"), args: []any{glob(v.Pieces)}}, true
	}
	return condition{sql: holds(name, "= ?"), args: []any{v.Text}}, true
}

// holds is a comparison of a column that is false, not null, where the column is empty.
func holds(name, comparison string) string {
	return "(" + name + " IS NOT NULL AND " + name + " " + comparison + ")"
}

// glob is pieces with wildcards between them, for SQLite.
func glob(pieces []string) string {
	escaped := make([]string, len(pieces))
	for i, piece := range pieces {
		escaped[i] = strings.NewReplacer("[", "[[]", "?", "[?]").Replace(piece)
	}
	return strings.Join(escaped, "*")
}

// indexed is a question to the index of words that all documents with the value answer; ok is false when there is none.
func indexed(v query.Value) (match string, ok bool) {
	if v.Wildcard() {
		if strings.ContainsAny(strings.Join(v.Pieces, ""), " \t\r\n") {
			return "", false // in text, one of the words is enough
		}
		return prefix(v.Pieces[0])
	}
	if v.Text == "true" || v.Text == "false" {
		return "", false // a boolean is not in the index
	}
	var parts []string
	var w query.Words
	w.Reset([]byte(v.Text))
	for word := w.Next(); word != nil; word = w.Next() {
		parts = append(parts, quoted(string(word)))
	}
	if len(parts) == 0 {
		return "", false
	}
	if len(parts) > 1 && !v.Quoted {
		match = strings.Join(parts, " OR ") // in text one word is enough
	} else {
		match = strings.Join(parts, " AND ")
	}
	if number := string(query.AppendNumber(nil, v.Text)); number != v.Text || strings.ContainsAny(number, "+-") {
		match = "(" + match + ") OR " + quoted(number)
	}
	return match, true
}

// prefix asks for words that begin as a value does. Only letters and digits of ASCII begin a word whatever follows them.
func prefix(piece string) (string, bool) {
	end := 0
	for end < len(piece) && (piece[end] >= 'a' && piece[end] <= 'z' || piece[end] >= 'A' && piece[end] <= 'Z' || piece[end] >= '0' && piece[end] <= '9') {
		end++
	}
	if end == 0 {
		return "", false
	}
	return quoted(strings.ToLower(piece[:end])) + "*", true
}

func quoted(word string) string { return `"` + strings.ReplaceAll(word, `"`, `""`) + `"` }

func narrowRange(n query.Range) condition {
	if n.Field == timeField {
		return narrowTime(n)
	}
	place, ok := columnOf[n.Field]
	if !ok {
		return condition{}
	}
	name, bound := columns[place].name, any(n.Bound)
	if columns[place].numeric {
		if whole, ok := query.Whole(n.Bound); ok {
			bound = whole
		} else if f, err := strconv.ParseFloat(n.Bound, 64); err == nil && query.IsNumber(n.Bound) {
			bound = f
		} else {
			return condition{sql: "0", exact: true}
		}
	}
	return condition{holds(name, string(n.Op)+" ?"), []any{bound}, true}
}

func narrowTime(n query.Range) condition {
	from, to, ok := query.Interval(n.Bound)
	if !ok {
		return condition{sql: "0", exact: true}
	}
	switch n.Op {
	case query.Greater:
		return condition{"(time >= ?)", []any{nanos(to)}, true}
	case query.GreaterEqual:
		return condition{"(time >= ?)", []any{nanos(from)}, true}
	case query.Less:
		return condition{"(time < ?)", []any{nanos(from)}, true}
	}
	return condition{"(time < ?)", []any{nanos(to)}, true}
}

// nanos is a time in nanoseconds since 1970, or the first or last that there is.
func nanos(t time.Time) int64 {
	switch year := t.Year(); {
	case year < event.FirstYear:
		return -1 << 63
	case year > event.LastYear:
		return 1<<63 - 1
	}
	return t.UnixNano()
}
