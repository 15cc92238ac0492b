package query

import (
	"errors"
	"reflect"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"  ", ""},
		{"*", ""},
		{"refused", "refused"},
		{"connection refused", `connection\ refused`},
		{`"connection refused"`, `"connection refused"`},
		{"level:error", "level:error"},
		{"level : error ", "level:error"},
		{"log.level:error and not service.name: \"a b\"", `log.level:error and not service.name:"a b"`},
		{"a:1 or b:2 AND c:3", "a:1 or (b:2 and c:3)"},
		{"(a:1 or b:2) and c:3", "(a:1 or b:2) and c:3"},
		{"not not a:1", "not not a:1"},
		{"not (a:1 or b:2)", "not (a:1 or b:2)"},
		{"status >= 500", `status >= "500"`},
		{"status<500 and took>1", `status < "500" and took > "1"`},
		{"a:(x or y and not z)", "a:x or (a:y and not a:z)"},
		{"a:*", "a:*"},
		{"a:x*y*", "a:x*y*"},
		{"a:**", "a:*"},
		{"tim*", "tim*"},
		{"order android notes", `order\ android\ notes`},
		{`\and`, `\and`},
		{`a:\not`, `a:\not`},
		{`a\:b:c\*d`, `a\:b:c\*d`},
		{`a:"say \"hi\" \\ \t"`, "a:\"say \\\"hi\\\" \\\\ \t\""},
		{"* and a:1", "a:1"},
		{"a:1 or *", ""},
		{"not *", "not *"},
		{"message: foo bar and x:1", `message:foo\ bar and x:1`},
		{"a:(b) or (c)", "a:b or c"},
		{"@timestamp >= 2026-11-22", `@timestamp >= "2026-11-22"`},
		{"日本語", "日本語"},
	} {
		q, err := Parse(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := q.String(); got != c.want {
			t.Errorf("%q: got %q, want %q", c.text, got, c.want)
		}
	}
}

func TestErrorsHavePlaces(t *testing.T) {
	for _, c := range []struct {
		text   string
		offset int
	}{
		{"a:", 2}, {"(a:1", 0}, {"a:1)", 3}, {"a:1 b:2", 5}, {`a:"x`, 2}, {"a:1 and", 7}, {"and a:1", 0}, {"a >", 3}, {"a:{b:1}", 2},
		{"a* : 1", 0}, {"a > x*", 4}, {`a\`, 1}, {"a:(1 or ", 8}, {`a:1 "x"`, 4}, {"a:\xff", 2}, {`"":x`, 0}, {":x", 0}, {"a:1 and or b:2", 8},
	} {
		_, err := Parse(c.text)
		var wrong *Error
		if !errors.As(err, &wrong) {
			t.Errorf("%q: no error", c.text)
		} else if wrong.Offset != c.offset {
			t.Errorf("%q: at %d, want %d: %v", c.text, wrong.Offset, c.offset, err)
		}
	}
}

// FuzzParse: whatever is typed, it ends, an error is within the text, and a query written in its plainest form is the same query.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"", "a:1", `a:"x y" and not (b >= 5 or c:*)`, "x* y", `\and`, "a:(b or c)", "((((a", "not not", "日:本*", `"\`, "a:1 or *", "\\ "} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		q, err := Parse(text)
		if err != nil {
			var wrong *Error
			if !errors.As(err, &wrong) || wrong.Offset < 0 || wrong.Offset > len(text) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		plain := q.String()
		if len(plain) > maxLength {
			return
		}
		again, err := Parse(plain)
		if err != nil {
			t.Fatalf("%q is written as %q: %v", text, plain, err)
		}
		if !reflect.DeepEqual(q, again) {
			t.Fatalf("%q: %#v is written as %q: %#v", text, q, plain, again)
		}
	})
}
