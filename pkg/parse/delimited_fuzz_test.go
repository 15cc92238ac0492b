package parse

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/go-logfmt/logfmt"

	"github.com/tailspan/tailspan/pkg/event"
)

// pairsOf takes a line apart with one format, without reading the fields any further.
func pairsOf(f format, line []byte) (p *Parser, ev *event.Event, ok bool) {
	p, ev = new(Parser), &event.Event{Raw: line, Line: line}
	return p, ev, f.take(p, ev, &resolution{})
}

// FuzzLogfmt holds the format to go-logfmt: the same lines are well-formed, and have the same names and values.
func FuzzLogfmt(f *testing.F) {
	for _, seed := range []string{``, `a=1 b="x y" c`, `a="\"\u00e9\ud83d\ude00\ud83d\/\'\\" =`, `a==`, `a=b"`, `"`, "a=\"\x01\\n\"", `é\=1 a=1 a="2"`, "a=\x7f\t\x00b", `a="\`, `a="\u12g4"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) || strings.ContainsAny(line, "\r\n") || len(line) > 10_000 {
			t.Skip("go-logfmt reads lines of its own; the parser has made the text valid")
		}
		p, ev, ok := pairsOf(&logfmtFormat{}, []byte(line))
		oracle := logfmt.NewDecoder(strings.NewReader(line))
		oracle.ScanRecord()
		n := 0
		for ; oracle.ScanKeyval(); n++ {
			if !ok {
				continue
			}
			field := &ev.Fields[n]
			if want := string(p.nameOf("", oracle.Key())); string(field.Name) != want {
				t.Fatalf("%q: name %d is %q, want %q", line, n, field.Name, want)
			}
			if isArray(field) || isSingle(field.Name) {
				continue
			}
			value, _ := p.textOf(field)
			nothing := oracle.Value() == nil && (saysNothing(field) || event.Lookup(ev.Fields, field.Name) == n)
			if string(value) != string(oracle.Value()) && !nothing {
				t.Fatalf("%q: value %d is %q, want %q", line, n, value, oracle.Value())
			}
		}
		if ok != (oracle.Err() == nil) || ok && n != len(ev.Fields) {
			t.Fatalf("%q: %v %s, %d fields; go-logfmt has %v, %d", line, ok, p.fault, len(ev.Fields), oracle.Err(), n)
		}
	})
}

// FuzzKV holds the format to the expression that Logstash makes of the same options, where it follows it to the letter:
// when blanks split, or count.
func FuzzKV(f *testing.F) {
	for _, seed := range []string{`a=1 b="x y" c=(d e) 'f`, `\="x y"`, `a = b  c= d =e`, `a="x\" b='y' c=[x]y`, `=a= b==`, `a=(((( b=<>`, "a=\"x\"\nb=1", `a\ b=c\ d`, `x "y=z"`} {
		f.Add(seed)
	}
	oracles := map[*regexp.Regexp]KV{}
	for _, kv := range []KV{DefaultKV(), {FieldSplit: " ", ValueSplit: "=", Whitespace: "strict"}, {FieldSplit: "&,", ValueSplit: ":=", Whitespace: "strict"}, {FieldSplit: " ;", ValueSplit: ":", Whitespace: "lenient"}} {
		key, field := `((?:\\.|[^`+kv.ValueSplit+kv.FieldSplit+`])+)`, `[`+kv.FieldSplit+`]`
		split := `[` + kv.ValueSplit + `]`
		if kv.Whitespace == "lenient" {
			split = ` *` + split + ` *`
		}
		value := `(?:"((?:\\.|[^"])+)?"|'((?:\\.|[^'])+)?'|\(((?:\\.|[^)])+)?\)|\[((?:\\.|[^\]])+)?\]|<((?:\\.|[^>])+)?>|((?:\\.|[^` + kv.FieldSplit + `])+))?`
		oracles[regexp.MustCompile(`(?m)`+key+split+value+`(?:`+field+`|$)`)] = kv
	}
	f.Fuzz(func(t *testing.T, line string) {
		if !utf8.ValidString(line) || strings.Contains(line, `\\`) || strings.Contains(line, "\n") || len(line) > 1000 {
			t.Skip("two backslashes are read in one way only, and what Ruby's $ finds depends on what comes behind")
		}
		for re, kv := range oracles {
			made, err := newKVFormat(&Config{KV: kv})
			if err != nil {
				t.Fatal(err)
			}
			p, ev, ok := pairsOf(made, []byte(line))
			all := re.FindAllStringSubmatch(line, -1)
			if ok != (len(all) > 0) || ok && len(ev.Fields) != len(all) {
				t.Fatalf("%+v %q: %d fields, Logstash has %q", kv, line, len(ev.Fields), all)
			}
			for i, m := range all {
				field := &ev.Fields[i]
				want := strings.Join(m[2:], "")
				if string(field.Name) != string(p.nameOf("", []byte(m[1]))) {
					t.Fatalf("%+v %q: name %d is %q, Logstash has %q", kv, line, i, field.Name, all)
				}
				if !isArray(field) && !isSingle(field.Name) && string(field.Value) != want && !(want == "" && event.Lookup(ev.Fields, field.Name) == i) {
					t.Fatalf("%+v %q: value %d is %q, Logstash has %q", kv, line, i, field.Value, all)
				}
			}
		}
	})
}

// FuzzCSV holds the format to encoding/csv: what that accepts has the same values, and what is refused it refuses, too.
func FuzzCSV(f *testing.F) {
	for _, seed := range []string{`a,b`, `"a","b""c",`, `a"b,"c"d`, "\"a\nb\",c\r\n", `,,`, `"`, "a\nb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		made, err := newCSVFormat(&Config{}, "csv", ",")
		if err != nil {
			t.Fatal(err)
		}
		_, ev, ok := pairsOf(made, []byte(line))
		oracle := csv.NewReader(strings.NewReader(line))
		want, err := oracle.ReadAll()
		if strings.Contains(line, "\r") || strings.HasPrefix(line, "\n") || strings.HasSuffix(line, "\n\n") {
			return // encoding/csv makes \n of \r\n, and knows empty lines
		}
		if !ok && err == nil && len(want) == 1 {
			t.Fatalf("%q is refused, encoding/csv has %q", line, want)
		}
		if !ok || err != nil || len(want) != 1 {
			return
		}
		for i, value := range want[0] {
			if i >= len(ev.Fields) || string(ev.Fields[i].Value) != value {
				t.Fatalf("%q: %d fields, encoding/csv has %q", line, len(ev.Fields), want)
			}
		}
	})
}

// FuzzDissect sees that a pattern without padding says what the line was.
func FuzzDissect(f *testing.F) {
	for _, seed := range [][2]string{{`%{a} %{b}`, `x y z`}, {`<%{?a}> %{+b/2}--%{+b/1},`, `<1> 2---3,,`}, {`%{*a}=%{&a}`, `a=b`}, {`%{a->} %{}`, `a   b`}, {`%{`, ``}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, pattern, line string) {
		made, err := newDissectFormat(&Config{Pattern: []string{pattern}})
		if err != nil {
			return
		}
		d := made.(*dissectFormat)
		if _, _, ok := pairsOf(d, []byte(line)); !ok {
			return
		}
		whole := string(d.patterns[0].lead)
		for i, part := range d.patterns[0].parts {
			value := string(d.found[i].of([]byte(line)))
			if len(part.until) > 0 && strings.Contains(value, string(part.until)) {
				t.Errorf("%q: %q goes beyond its end %q", pattern, value, part.until)
			}
			if whole += value + string(part.until); part.padded {
				return
			}
		}
		if !strings.HasPrefix(line, whole) {
			t.Errorf("%q of %q is %q", pattern, line, whole)
		}
	})
}

var cefEscaper = strings.NewReplacer(`\`, `\\`, `|`, `\|`, `=`, `\=`, "\n", `\n`)

// FuzzCEF writes a name and two values as the specification wants them, and sees that they come back.
func FuzzCEF(f *testing.F) {
	f.Add("n", "a b", `c=d|\`+"\n")
	f.Add("CEF:0|", "x y=", "\\n |=")
	f.Fuzz(func(t *testing.T, name, first, second string) {
		format, _ := newCEFFormat(nil)
		pairsOf(format, []byte(name)) // must not panic
		header := strings.NewReplacer(`\`, `\\`, `|`, `\|`).Replace(name)
		line := "CEF:0|v|p|1|2|" + header + "|9|one=" + cefEscaper.Replace(first) + " two=" + cefEscaper.Replace(second)
		_, ev, ok := pairsOf(format, []byte(line))
		if !ok {
			t.Fatalf("%q is refused", line)
		}
		got := map[string]string{}
		for _, field := range ev.Fields {
			got[string(field.Name)] = string(field.Value)
		}
		for key, want := range map[string]string{"cef.name": string(trimBlanks([]byte(name))), "cef.extensions.one": strings.TrimRight(first, " "), "cef.extensions.two": strings.TrimRight(second, " ")} {
			if got[key] != want {
				t.Errorf("%q: %s is %q, want %q", line, key, got[key], want)
			}
		}
	})
}

// FuzzLEEF writes two values with a declared delimiter, and sees that they come back.
func FuzzLEEF(f *testing.F) {
	f.Add("LEEF:2.0|v|p|1|2|x5E|a=1^b=2", "x y", "z=1", '^')
	f.Add("LEEF:1.0|v|p|1|2|a=1\tb", "x", "=", '\t')
	f.Fuzz(func(t *testing.T, line, first, second string, delimiter rune) {
		format, _ := newLEEFFormat(nil)
		pairsOf(format, []byte(line)) // must not panic
		mark := string(delimiter)
		if delimiter == utf8.RuneError || !utf8.ValidRune(delimiter) || strings.ContainsAny(mark, "|= \r\n=onetw") || strings.Contains(first+second, mark) {
			return
		}
		line = "LEEF:2.0|v|p|1|2|" + mark + "|one=" + first + mark + "two=" + second
		_, ev, ok := pairsOf(format, []byte(line))
		if !ok {
			t.Fatalf("%q is refused", line)
		}
		for key, want := range map[string]string{"leef.extensions.one": first, "leef.extensions.two": second} {
			i, text := event.Lookup(ev.Fields, []byte(key)), trimBlanks([]byte(want))
			if i < 0 && len(text) > 0 || i >= 0 && !bytes.Equal(ev.Fields[i].Value, text) {
				t.Errorf("%q: %s, want %q", line, key, text)
			}
		}
	})
}
