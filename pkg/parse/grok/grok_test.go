package grok

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var definitions = Definitions{
	"INT": `[0-9]+`, "WORD": `\w+`, "PAIR": `%{WORD:k}=%{INT:v:int}`, "ROUND": `a%{TRIP}`, "TRIP": `b%{ROUND}`, "SELF": `%{SELF}`,
	"BACK": `(a)\1`, "a.b-c": `y`,
}

func TestFields(t *testing.T) {
	for _, c := range []struct {
		pattern, line string
		want          []Field
	}{
		{`%{INT} (x)`, "1 x", nil},
		{`%{INT:a} %{WORD:b}`, "1 x", []Field{{"a", []Capture{{1, String}}}, {"b", []Capture{{2, String}}}}},
		{`%{INT:[a][b][c]:long} %{INT:d.e:float} %{INT:f:double} %{INT:g:boolean} %{INT:h:string}`, "1 2 3 4 5", []Field{
			{"a.b.c", []Capture{{1, Int}}}, {"d.e", []Capture{{2, Float}}}, {"f", []Capture{{3, Float}}}, {"g", []Capture{{4, Boolean}}}, {"h", []Capture{{5, String}}}}},
		{`%{PAIR} %{PAIR:both}`, "a=1 b=2", []Field{{"k", []Capture{{1, String}, {4, String}}}, {"v", []Capture{{2, Int}, {5, Int}}}, {"both", []Capture{{3, String}}}}},
		{`%{INT:x} %{WORD:x} %{INT:x:int} %{INT:x}`, "1 a 2 3", []Field{{"x", []Capture{{1, String}, {4, String}, {2, String}, {3, Int}}}}},
		{`(?<n>%{INT})(?<[a][b]> )(?P<c___d>x)`, "1 x", []Field{{"n", []Capture{{1, String}}}, {"a.b", []Capture{{2, String}}}, {"c.d", []Capture{{3, String}}}}},
		{`%{INT:[@metadata][n]}%{a.b-c}`, "1y", []Field{{"@metadata.n", []Capture{{1, String}}}}},
		{`%{WORD:[source][user][name?]} %{INT - of any kind}`, "x 1", []Field{{"source.user.name", []Capture{{1, String}}}}},
	} {
		p, err := definitions.Compile(c.pattern)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if diff := cmp.Diff(c.want, p.Fields); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", c.pattern, diff)
		}
		if p.NewMatcher().Match([]byte(c.line)) == nil {
			t.Errorf("%s does not match %s", c.pattern, c.line)
		}
	}
}

func TestErrors(t *testing.T) {
	long := Definitions{"A": strings.Repeat("x", 600_000), "B": "%{A}%{A}"}
	deep := Definitions{"D": "x"}
	for i := range maxDepth + 1 {
		deep["D"+strings.Repeat("x", i+1)] = "%{D" + strings.Repeat("x", i) + "}"
	}
	for _, c := range []struct {
		defs          Definitions
		pattern, want string
	}{
		{definitions, `ab %{NOG}`, "there is no definition NOG at offset 3"},
		{definitions, `%{WORDS:x}`, "there is no definition WORDS; did you mean WORD? at offset 0"},
		{definitions, `%{int}`, "there is no definition int; did you mean INT? at offset 0"},
		{definitions, `x%{ROUND}`, "the definition ROUND leads back to itself: ROUND → TRIP → ROUND at offset 1 of the definition TRIP"},
		{definitions, `%{SELF}`, "the definition SELF leads back to itself: SELF → SELF at offset 0 of the definition SELF"},
		{definitions, `a%{INT`, "a reference without its closing brace at offset 1"},
		{definitions, `%{}`, `"" is not the name of a definition; write %{NAME} of letters, digits, dashes and dots at offset 0`},
		{definitions, `%{INT:a/b}`, `"a/b" is not the name of a field; write a.b or [a][b] of letters, digits, _, -, @ at offset 0`},
		{definitions, `%{INT:a:integer}`, `"integer" is not a type; write int, long, float, double, boolean or string at offset 0`},
		{definitions, `%{INT:[]}`, `the group ":INT:[]:" is not the name of a field; write (?<a.b>...), or %{NAME:a.b:int} for a type`},
		{definitions, `(?<a:int>x)`, `the group "a:int" is not the name of a field; write (?<a.b>...), or %{NAME:a.b:int} for a type`},
		{definitions, `%{WORD} (`, "end pattern with unmatched parenthesis at offset 8"},
		{definitions, `x%{BACK}`, "backreferences are not supported at offset 3 of the definition BACK"},
		{long, `%{B}`, "the pattern comes to more than 1048576 bytes with its definitions written out at offset 4 of the definition B"},
		{deep, `%{D` + strings.Repeat("x", maxDepth+1) + `}`, "definitions within definitions more than 100 deep at offset 0 of the definition Dxx"},
	} {
		_, err := c.defs.Compile(c.pattern)
		if err == nil || err.Error() != c.want {
			t.Errorf("%s: %v, not %s", c.pattern, err, c.want)
		}
	}
}

func TestReadDir(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("a", "# comment\n\n  SHOP \t [a-z]+ \r\nTWICE a\nEMPTY ''\n\t# comment too\n")
	write("b.conf", "TWICE b # no comment")
	write(".hidden", "NO definition")
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	d := Definitions{"SHOP": "x", "KEPT": "k"}
	if err := d.ReadDir(dir); err != nil {
		t.Fatal(err)
	}
	want := Definitions{"SHOP": "[a-z]+ ", "TWICE": "b # no comment", "EMPTY": "''", "KEPT": "k"}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, text := range []string{"A b\nALONE\n", "A \xff"} {
		write("c", text)
		if err := d.ReadDir(dir); err == nil || !strings.Contains(err.Error(), filepath.Join(dir, "c")+":") {
			t.Errorf("%q: %v", text, err)
		}
	}
	write("c", strings.Repeat("#", maxFile+1))
	if err := d.ReadDir(dir); err == nil {
		t.Error("a file too large is read")
	}
	if err := d.ReadDir(filepath.Join(dir, "absent")); err == nil {
		t.Error("a folder that is not there is read")
	}
}

// FuzzCompile sees that no pattern or definition is more than an error, that what compiles runs, and that errors are
// about a place that is there.
func FuzzCompile(f *testing.F) {
	f.Add(`%{INT:a:int}`, `%{WORD}`, "1")
	f.Add(`%{MINE:a?}(?<b>x)|%{MINE}`, `(?:%{INT:c}|%{WORD:[d][e]})`, "x")
	f.Add(`%{MINE}`, `%{MINE}`, "")
	f.Add(`%{MINE`, `(`, "")
	f.Add(`(?<a:b:c>)(?<[]>)%{MINE:@}`, `%{}`, "")
	f.Fuzz(func(t *testing.T, pattern, mine, line string) {
		if len(pattern)+len(mine) > 200 {
			return
		}
		defs := Definitions{"MINE": mine, "INT": `[0-9]+`, "WORD": `\w+`}
		p, err := defs.Compile(pattern)
		if err != nil {
			e, ok := err.(*Error)
			text := pattern
			if ok && e.Definition != "" {
				text = defs[e.Definition]
			}
			if ok && (e.Pos < 0 || e.Pos > len(text)) {
				t.Errorf("%v: the text has %d bytes", e, len(text))
			}
			return
		}
		p.NewMatcher().Match([]byte(line))
		names := p.SubexpNames()
		for _, field := range p.Fields {
			if field.Name == "" || strings.ContainsAny(field.Name, "[]") {
				t.Errorf("field %q", field.Name)
			}
			for _, c := range field.Captures {
				if c.Group < 1 || c.Group >= len(names) || !slices.Contains([]Type{String, Int, Float, Boolean}, c.Type) {
					t.Errorf("capture %v", c)
				}
			}
		}
	})
}
