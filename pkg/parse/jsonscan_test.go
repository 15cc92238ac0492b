package parse

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

// FuzzScan holds the scanner to encoding/json: it accepts the same objects, up to its depth, and what it makes of them
// has the same value.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"a":1}`, `{"a":1,}`, `{"a"}`, `{,}`, `{"a":1}x`, `[]`, `null`, `"a"`, ``, `{`, `{"a":{"b":{"c":[{"d":[]}]}}}`,
		`{"a":1,"a":2,"b":{"c":1,"c":{"c":3}}}`, `{"a":[{"b":1,"b":2},{"":1," ":2,".":3}]}`, `{"":1,"unnamed":2}`,
		`{"a":-0,"b":1e5,"c":1E-7,"d":0.10,"e":12345678901234567890123}`, `{"a":01}`, `{"a":1.}`, `{"a":.5}`, `{"a":-}`, `{"a":1e}`, `{"a":+1}`,
		`{"a":"\u00e9\ud83d\ude00"}`, `{"a":"\ud83d"}`, `{"a":"\ude00x"}`, `{"\ud83d":1}`, `{"a":["\ud83dx",{"\ud83d\ud83d":2}]}`, `{"a":"\u12"}`, `{"a":"\x"}`,
		"{\"a\":\"\x01\"}", "{\"a\":\"\t\"}", "{\r\n\t\"a\" :\n1 }", "\ufeff{}", "{\"\x7f\":\"\u2028\"}", `{"a":tru}`, `{"a":nul`, `{"a":true,"b":false,"c":null}`, `{"a":NaN}`,
		`{"\u0061":1,"a":2}`, `{"a\/b":1,"a/b":2}`, `{"a.b":1,"a":{"b":2}}`, `{"a":1 "b":2}`, `{"a":1,,"b":2}`, `{"a" 1}`, `{'a':1}`,
		objectOf(60, "k%d"), objectOf(60, "k%d", "k3"), `{"l":[` + objectOf(60, "k%d", "k3") + `,` + objectOf(60, "k%d", "k59") + `]}`,
		strings.Repeat(`{"a":`, 130) + "1" + strings.Repeat("}", 130), `{"a":` + strings.Repeat(`[`, 127) + strings.Repeat("]", 127) + `}`,
	} {
		f.Add(seed)
	}
	var s scanner
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) {
			t.Skip("the caller promises valid UTF-8")
		}
		fields, ok := s.scan([]byte(line), nil)
		want := json.Valid([]byte(line)) && strings.HasPrefix(strings.TrimLeft(line, " \t\r\n"), "{") && depthOf(line) <= maxDepth
		if ok != want {
			t.Fatalf("accepted: %v, want %v, %s", ok, want, s.appendFault(nil))
		}
		if !ok {
			if s.at < 0 || s.at > len(line) || s.reason == "" {
				t.Fatalf("fault %q at %d of %d", s.reason, s.at, len(line))
			}
			return
		}
		if err := fastjson.Validate(line); err != nil {
			t.Fatalf("fastjson refuses it: %v", err)
		}
		checkTree(t, fields)
		got := reencode(nil, fields, 0, int32(len(fields)))
		if !json.Valid(got) {
			t.Fatalf("written anew it is not JSON: %s", got)
		}
		if got, want := valueOf(got), valueOf([]byte(line)); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// checkTree holds fields to what event.Field says of them.
func checkTree(t *testing.T, fields []event.Field) {
	for i := range fields {
		f := &fields[i]
		switch {
		case len(f.Name) == 0:
			t.Fatalf("field %d has no name", i)
		case f.Parent >= int32(i) || f.Parent >= 0 && (fields[f.Parent].Kind != event.Object || f.End > fields[f.Parent].End):
			t.Fatalf("field %d is not inside its parent %d", i, f.Parent)
		case f.End <= int32(i) || f.Kind != event.Object && f.End != int32(i)+1:
			t.Fatalf("field %d ends at %d", i, f.End)
		case (f.Changed || f.Removed) && f.Parent >= 0 && !fields[f.Parent].Changed:
			t.Fatalf("field %d changed and its object does not know", i)
		}
	}
}

// reencode writes fields as JSON, without the copying that the outputs do.
func reencode(dst []byte, fields []event.Field, from, to int32) []byte {
	dst = append(dst, '{')
	comma := ""
	for i := from; i < to; i = fields[i].End {
		f := &fields[i]
		if f.Removed {
			continue
		}
		dst = fmt.Appendf(dst, `%s"%s":`, comma, f.Name)
		comma = ","
		if f.Kind == event.Object && f.Changed {
			dst = reencode(dst, fields, i+1, f.End)
		} else {
			dst = append(dst, f.Value...)
		}
	}
	return append(dst, '}')
}

// valueOf is what encoding/json reads, with names as the scanner gives them; an object is its members in a map.
func valueOf(text []byte) any {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	return nextValue(decoder)
}

func nextValue(decoder *json.Decoder) any {
	token, err := decoder.Token()
	if err != nil {
		panic(err)
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for decoder.More() {
			list = append(list, nextValue(decoder))
		}
		_, _ = decoder.Token()
		return list
	case json.Delim('{'):
		object := map[string]any{}
		for decoder.More() {
			name := nextValue(decoder).(string)
			if strings.Trim(name, " .") == "" {
				name = "unnamed"
			}
			object[name] = nextValue(decoder)
		}
		_, _ = decoder.Token()
		return object
	}
	return token
}

// depthOf is how deeply valid JSON nests.
func depthOf(text string) (deepest int) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			quoted = !quoted
		case quoted && c == '\\':
			i++
		case quoted:
		case c == '{' || c == '[':
			depth++
			deepest = max(deepest, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return deepest
}

// objectOf is an object with n members and then others, by their names.
func objectOf(n int, format string, more ...string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"`+format+`":%d`, i, i)
	}
	for _, name := range more {
		fmt.Fprintf(&b, `,"%s":"again"`, name)
	}
	return "{" + b.String()[1:] + "}"
}

func TestScanManyMembers(t *testing.T) {
	for _, n := range []int{1, manyMembers - 1, manyMembers, manyMembers + 1, manyMembers + 2, 1000} {
		for _, twin := range []int{0, n / 2, n - 1} {
			line := objectOf(n, "k%d", fmt.Sprintf("k%d", twin))
			var s scanner
			for range 2 { // the second scan must not believe the first one's table
				fields, ok := s.scan([]byte(line), nil)
				if !ok || len(fields) != n+1 {
					t.Fatalf("%d members: %d, %v", n, len(fields), ok)
				}
				for i := range fields {
					if fields[i].Removed != (i == twin) {
						t.Errorf("%d members, twin of %d: field %d removed is %v", n, twin, i, fields[i].Removed)
					}
				}
			}
		}
	}
}

// TestScanForgets scans lines after others that had nearly the same names.
func TestScanForgets(t *testing.T) {
	lines := []string{`{"a":1,"a.b":2}`, `{"a":1,"a.b":2}`, `{"a.b":1,"a":{"b":2}}`, `{"a" :1,"a.b": {"c":2}}`, `{"a.b":1,"a":{"b":2}}`, `{"ab":1}`, `{"a"`, `{"a":`, `{"\u0061":1}`,
		`{"a":1,"\u0061":{"b":2}}`, `{"":1,"":2}`, `{"a":{"b":1},"a.b":1}`, `{"a":{"b":1},"a.b":1}`}
	var used scanner
	for range 2 {
		for _, line := range lines {
			got, ok := used.scan([]byte(line), nil)
			var fresh scanner
			want, wantOK := fresh.scan([]byte(line), nil)
			if ok != wantOK || !reflect.DeepEqual(got, want) || used.mayTangle() != fresh.mayTangle() {
				t.Errorf("%s: %v %v %v, afresh %v %v %v", line, got, ok, used.mayTangle(), want, wantOK, fresh.mayTangle())
			}
		}
	}
}

// TestScanIsLinear counts, because a clock would not be believed: what the scanner compares grows as the line does.
func TestScanIsLinear(t *testing.T) {
	const n = 100_000
	for name, line := range map[string]string{
		"names":         objectOf(n, "k%d"),
		"names in list": `{"l":[` + objectOf(n, "k%d") + `]}`,
		"dotted":        objectOf(n, "a.%d", "a"),
		"equal hashes":  objectOf(n, "k%06da"),
	} {
		var s scanner
		fields, ok := s.scan([]byte(line), nil)
		if !ok {
			t.Fatalf("%s: %s", name, s.appendFault(nil))
		}
		// Beyond the first members every name is looked up once in the table, instead of being compared with all.
		if len(s.seen) < n {
			t.Errorf("%s: the table has %d names, want %d", name, len(s.seen), n)
		}
		if s.scan([]byte("{}"), fields[:0]); s.seen != nil {
			t.Errorf("%s: the large table is kept", name)
		}
	}
}

func TestScanDepth(t *testing.T) {
	for _, c := range []struct {
		open, inner, end string
		n                int
		want             bool
	}{
		{`{"a":`, `1`, `}`, maxDepth, true},
		{`{"a":`, `1`, `}`, maxDepth + 1, false},
		{`[`, `1`, `]`, maxDepth - 1, true},
		{`[`, `1`, `]`, maxDepth, false},
		{`[{"a":`, `1`, `}]`, maxDepth/2 - 1, true},
		{`[{"a":`, `1`, `}]`, maxDepth / 2, false},
		{`{"a":`, `1`, `}`, 100_000, false},
		{`[`, ``, ``, 100_000, false},
		{`[{"a":`, ``, ``, 100_000, false},
	} {
		line := strings.Repeat(c.open, c.n) + c.inner + strings.Repeat(c.end, c.n)
		if c.open[0] == '[' {
			line = `{"l":` + line + `}`
		}
		var s scanner
		fields, ok := s.scan([]byte(line), nil)
		if ok != c.want || len(fields) > maxDepth+1 {
			t.Errorf("%s × %d: %v with %d fields, want %v", c.open, c.n, ok, len(fields), c.want)
		}
		if !ok && s.reason != "nested too deeply" {
			t.Errorf("%s × %d: %s", c.open, c.n, s.reason)
		}
	}
}

// TestMendOnce sees to it that a fault deep inside lists is not mended at every level around it.
func TestMendOnce(t *testing.T) {
	line := []byte(`{"l":` + strings.Repeat(`[{"a":`, 60) + `"\ud83d"` + strings.Repeat(`}]`, 60) + `}`)
	var s scanner
	once := testing.AllocsPerRun(10, func() { s.scan(line, nil) })
	whole := testing.AllocsPerRun(10, func() { mend(line) })
	if !raceEnabled && once > whole+20 {
		t.Errorf("%.0f allocations to scan, %.0f to mend it all once", once, whole)
	}
}

func TestFaults(t *testing.T) {
	for line, want := range map[string]string{
		``:                 "json: not a JSON object at byte 0",
		` x`:               "json: not a JSON object at byte 1",
		`{"a":1}}`:         "json: text behind the object at byte 7",
		`{a:1}`:            "json: expected a name in quotes at byte 1",
		`{"a" 1}`:          "json: expected : at byte 5",
		`{"a":1 2}`:        "json: expected , or } at byte 7",
		`{"a":[1 2]}`:      "json: expected , or ] at byte 8",
		`{"a":}`:           "json: expected a value at byte 5",
		`{"a":`:            "json: the line ends where a value should be at byte 5",
		`{"a":"b`:          "json: a string does not end at byte 7",
		`{"a":"b\`:         "json: a string does not end at byte 7",
		`{"a":"\q"}`:       "json: an unknown escape at byte 6",
		`{"a":"\u00g0"}`:   `json: \u without four hexadecimal digits at byte 6`,
		"{\"a\":\"\x1f\"}": "json: a control character in a string at byte 6",
		`{"a":-}`:          "json: a number without digits at byte 6",
		`{"a":1.}`:         "json: a number without digits behind its point at byte 7",
		`{"a":1e+}`:        "json: a number without digits in its exponent at byte 8",
		`{"a":truth}`:      "json: expected a value at byte 5",
	} {
		var s scanner
		if _, ok := s.scan([]byte(line), nil); ok || string(s.appendFault(nil)) != want {
			t.Errorf("%s: %v, %s, want %s", line, ok, s.appendFault(nil), want)
		}
	}
}
