package logstash

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/tailspan/tailspan/internal/imports"
)

func TestParse(t *testing.T) {
	text := "# head\ninput {\n  file { path => [\"/a\", '/b'] codec => json { charset => \"UTF-8\" } tags => x }\n}\n" +
		"filter { if [type] == \"a\" and !([b][c] =~ /x\\/y/) { mutate { add_field => { \"k\" => \"v \\\" w\" n => -1.5 } } }\n" +
		"else if \"t\" not in [tags] or [n] in [1, 2] { drop { } } else { sleep { time => ${T:3} } } }\noutput { }"
	got, err := Parse("f", text, new(imports.Ledger))
	if err != nil {
		t.Fatal(err)
	}
	word := func(text string) Value { return Value{Text: text} }
	want := []Section{
		{"input", []Statement{&Plugin{Name: "file", Settings: []Setting{
			{Name: "path", Value: Value{kind: listValue, List: []Value{word("/a"), word("/b")}}},
			{Name: "codec", Value: Value{kind: pluginValue, Plugin: &Plugin{Name: "json", Settings: []Setting{{Name: "charset", Value: word("UTF-8")}}}}},
			{Name: "tags", Value: word("x")},
		}}}},
		{"filter", []Statement{&Branch{[]Arm{
			{When: &Logic{"and", &Compare{"==", Field("type"), Literal{Text: "a"}}, &Not{&Compare{"=~", Field("b.c"), Pattern("x/y")}}},
				Body: []Statement{&Plugin{Name: "mutate", Settings: []Setting{{Name: "add_field", Value: Value{kind: mapValue, Map: []Entry{{"k", word(`v \" w`)}, {"n", word("-1.5")}}}}}}}},
			{When: &Logic{"or", &Compare{"not in", Literal{Text: "t"}, Field("tags")}, &Compare{"in", Field("n"), List{Literal{"1", true}, Literal{"2", true}}}},
				Body: []Statement{&Plugin{Name: "drop"}}},
			{Body: []Statement{&Plugin{Name: "sleep", Settings: []Setting{{Name: "time", Value: word("${T:3}")}}}}},
		}}}},
		{"output", nil},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Value{}), cmpopts.IgnoreTypes(imports.Pos{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSyntaxErrors(t *testing.T) {
	for text, want := range map[string]string{
		"inputs { }":                                 `f:1:7: "inputs" is no section; input, filter and output are`,
		"filter {\n grok {":                          `f:2:8: a setting or } is missing before the end of the file`,
		"filter { grok { match => }":                 `f:1:26: a value is missing before "}"`,
		"filter { grok { match \"x\" } }":            `f:1:23: "=>" is missing before "\"x\" } }"`,
		"filter { a { b => \"x } }":                  `f:1:19: the " is not closed`,
		"filter { if [a] == { } }":                   `f:1:20: a value is missing before "{ } }"`,
		"filter { if [a] not [b] { } }":              `f:1:21: "in" is missing before "[b] { } }"`,
		"filter { if [a] =~ /x { } }":                `f:1:21: the / is not closed`,
		"# caf\xe9\nfilter { }":                      `f:1:6: here is a byte that is not UTF-8, which Logstash refuses as well; convert the file, for example with iconv -f latin1 -t utf8`,
		"filter " + strings.Repeat("{ if [a] ", 200): `f:1:894: stands more than 100 deep in braces and brackets`,
	} {
		if _, err := Parse("f", text, new(imports.Ledger)); err == nil || err.Error() != want {
			t.Errorf("%.40q: %v, want %s", text, err, want)
		}
	}
}

func FuzzImport(f *testing.F) {
	for _, c := range imported {
		f.Add(c.text)
	}
	f.Add("filter { grok { match => { \"message\" => \"0\" \"\x91\" => \"\" } } }")
	f.Add("filter { if [a] in [\"b\"] { grok { match => [\"x\", \"%{A:b}\"] } } }")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 10_000 {
			return
		}
		l := new(imports.Ledger)
		draft, err := Import([]File{{"f", text}}, l)
		if err != nil {
			return
		}
		if _, err := draft.Bytes(); err != nil {
			t.Error(err)
		}
		if c := l.Counts(); c.Total() != len(l.All()) {
			t.Errorf("counts %v of %d directives", c, len(l.All()))
		}
	})
}

func TestStrptime(t *testing.T) {
	for joda, want := range map[string]string{
		"ISO8601": "iso8601", "UNIX_MS": "unix_ms", "dd/MMM/yyyy:HH:mm:ss Z": "%d/%b/%Y:%H:%M:%S %z",
		"yyyy-MM-dd'T'HH:mm:ss.SSSZZ": "%Y-%m-%dT%H:%M:%S.%f%z", "MMM  d HH:mm:ss": "%b  %d %H:%M:%S", "yy/M/d h:mm a": "%y/%m/%d %I:%M %p",
		"EEEE, MMMM dd 'o''clock' 100%": "%A, %B %d o'clock 100%%", "yyyyMMddHHmmssSSS": "%Y%m%d%H%M%S%f", "DDD z ZZZ": "%j %Z %Z",
	} {
		if got, err := strptime(joda); got != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", joda, got, err, want)
		}
	}
	for _, joda := range []string{"yyyy-'W'ww", "'open", "GGGG"} {
		if got, err := strptime(joda); err == nil {
			t.Errorf("%s: became %s", joda, got)
		}
	}
}
