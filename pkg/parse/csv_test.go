package parse_test

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/parse"
)

// checkProblem holds err to one problem that begins with want.
func checkProblem(t *testing.T, name string, err error, want string) {
	t.Helper()
	if all := confkey.All(err); len(all) != 1 || !strings.HasPrefix(all[0].Error(), want) {
		t.Errorf("%s: %v, want %q", name, all, want)
	}
}

func TestCSVDocuments(t *testing.T) {
	failure := func(line, reason string) string {
		return `~,"message":` + quote(line) + `,"event.kind":"pipeline_error","error.message":` + quote(reason)
	}
	for _, c := range []struct {
		name  string
		cfg   parse.Config
		cases []documentCase
	}{
		{"columns", parse.Config{Format: []string{"csv"}, Columns: []string{"a", "b.c", `d"`}}, []documentCase{
			{"all", `1,x y,true`, `~,"a":"1","b.c":"x y","d\"":"true"`},
			{"too few", `1`, `~,"a":"1"`},
			{"too many", `1,2,3,4,5`, `~,"a":"1","b.c":"2","d\"":"3","column4":"4","column5":"5"`},
			{"empty ones", `,"",`, `~,"a":"","b.c":"","d\"":""`},
			{"quoted", `"1,2","x ""y""","""",""`, `~,"a":"1,2","b.c":"x \"y\"","d\"":"\"","column4":""`},
			{"line ends in quotes", "\"1\r\n2\",3\r\n", `~,"a":"1\r\n2","b.c":"3"`},
			{"blanks belong to values", ` 1 , "2"`, `~,"a":" 1 ","b.c":" \"2\""`},
			{"a quote inside", `5" disk,x"`, `~,"a":"5\" disk","b.c":"x\""`},
			{"empty", ``, `~`},
			{"no end", `1,"2,3`, failure(`1,"2,3`, `csv: a quoted value that does not end at byte 2`)},
			{"text behind a quote", `1,"2"x,3`, failure(`1,"2"x,3`, `csv: text behind a quoted value at byte 5`)},
			{"a second record", "1,2\n3,4", failure("1,2\n3,4", `csv: a second record at byte 3`)},
		}},
		{"known names", parse.Config{Format: []string{"csv"}, Columns: []string{"time", "level", "msg", "service"}}, []documentCase{
			{"all", `2026-01-02T03:04:05Z,WARN,"a, b",s`, `"@timestamp":"2026-01-02T03:04:05Z","service":"s","message":"a, b","log.level":"warn"`},
		}},
		{"no columns", parse.Config{Format: []string{"csv"}, Delimiter: ";"}, []documentCase{{"all", `1;2,3`, `~,"column1":"1","column2":"2,3"`}}},
		{"a long delimiter", parse.Config{Format: []string{"csv"}, Delimiter: "¦"}, []documentCase{{"all", `1¦"2¦"¦3`, `~,"column1":"1","column2":"2¦","column3":"3"`}}},
		{"a name that comes again", parse.Config{Format: []string{"csv"}, Columns: []string{"column2"}}, []documentCase{{"all", `1,2`, `~,"column2":"2"`}}},
		{"tsv", parse.Config{Format: []string{"tsv"}, Columns: []string{"a", "b"}}, []documentCase{
			{"all", "1\t\"x\ty\"\t3", `~,"a":"1","b":"x\ty","column3":"3"`},
			{"no end", "\"", failure(`"`, `tsv: a quoted value that does not end at byte 0`)},
		}},
	} {
		t.Run(c.name, func(t *testing.T) { checkDocuments(t, c.cfg, c.cases) })
	}
}

func TestBadDelimitedConfigurations(t *testing.T) {
	for _, c := range []struct {
		name string
		cfg  parse.Config
		want string
	}{
		{"two characters", parse.Config{Format: []string{"csv"}, Delimiter: ",,"}, `delimiter: ",," is not allowed here`},
		{"a quote", parse.Config{Format: []string{"csv"}, Delimiter: `"`}, `delimiter: "\"" is not allowed here`},
		{"no character", parse.Config{Format: []string{"csv"}, Delimiter: "\xff"}, `delimiter: "\xff" is not allowed here`},
		{"a delimiter for tsv", parse.Config{Format: []string{"tsv"}, Delimiter: ","}, `delimiter: format tsv has no use for it`},
		{"a column twice", parse.Config{Format: []string{"csv"}, Columns: []string{"a", "a"}}, `columns[1]: "a" is the name of another column already`},
		{"a blank column", parse.Config{Format: []string{"csv"}, Columns: []string{"a", " "}}, `columns[1]: is blank`},
		{"columns elsewhere", parse.Config{Format: []string{"json"}, Columns: []string{"a"}}, `columns: format json has no use for it`},
		{"no field_split", parse.Config{Format: []string{"kv"}, KV: parse.KV{ValueSplit: "=", Whitespace: "lenient"}}, `kv.field_split: is empty`},
		{"no value_split", parse.Config{Format: []string{"kv"}, KV: parse.KV{FieldSplit: " ", Whitespace: "lenient"}}, `kv.value_split: is empty`},
		{"whitespace", parse.Config{Format: []string{"kv"}, KV: parse.KV{FieldSplit: " ", ValueSplit: "=", Whitespace: "none"}}, `kv.whitespace: "none" is not allowed here`},
		{"kv elsewhere", parse.Config{Format: []string{"logfmt"}, KV: parse.DefaultKV()}, `kv: format logfmt has no use for it`},
		{"no pattern", parse.Config{Format: []string{"dissect"}}, `pattern: is missing; format dissect needs one`},
		{"append_separator elsewhere", parse.Config{Format: []string{"regex"}, Pattern: []string{"(?P<a>.)"}, AppendSeparator: ","}, `append_separator: format regex has no use for it`},
	} {
		_, err := parse.New(c.cfg)
		checkProblem(t, c.name, err, c.want)
	}
}
