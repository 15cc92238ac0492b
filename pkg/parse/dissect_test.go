package parse_test

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestDissectDocuments(t *testing.T) {
	const failure = `"event.kind":"pipeline_error","error.message":"dissect: no pattern matches"`
	for _, c := range []struct {
		name, separator string
		patterns        []string
		cases           []documentCase
	}{
		{"keys", "", []string{`%{source.address} [%{ts}] "%{x"y} %{z}`}, []documentCase{
			{"all", `1.2.3.4 [2026-01-02T03:04:05Z] "a b  c`, `"@timestamp":"2026-01-02T03:04:05Z","source.address":"1.2.3.4","x\"y":"a","z":"b  c"`},
			{"a delimiter is missing", `1.2.3.4 [2026-01-02T03:04:05Z] a b`, `~,"message":"1.2.3.4 [2026-01-02T03:04:05Z] a b",` + failure},
		}},
		{"text around", "", []string{`<%{a}>`}, []documentCase{
			{"match", `<x>`, `~,"a":"x"`},
			{"nothing between", `<>`, `~,"a":""`},
			{"more behind", `<x> y`, `~,"a":"x"`},
			{"wrong start", ` <x>`, `~,"message":" <x>",` + failure},
			{"only the start", `<`, `~,"message":"<",` + failure},
			{"empty", ``, `~,"message":"",` + failure},
		}},
		{"nothing between delimiters", "", []string{`%{a},%{b},%{c}`}, []documentCase{
			{"in the middle", `1,,3`, `~,"a":"1","b":"","c":"3"`},
			{"at the end", `1,2,`, `~,"a":"1","b":"2","c":""`},
			{"everywhere", `,,`, `~,"a":"","b":"","c":""`},
			{"the last one takes the rest", `1,2,3,4`, `~,"a":"1","b":"2","c":"3,4"`},
			{"too few", `1,2`, `~,"message":"1,2",` + failure},
		}},
		{"padding", "", []string{`%{a->} %{b->}--%{->},%{c}`}, []documentCase{
			{"some", `1    2------,,,3`, `~,"a":"1","b":"2","c":"3"`},
			{"none", `1 2--x,3`, `~,"a":"1","b":"2","c":"3"`},
		}},
		{"not kept", "", []string{`%{} %{?name} %{a} %{?}`}, []documentCase{{"match", `1 2 3 4`, `~,"a":"3"`}}},
		{"appended", "", []string{`%{a} %{b} %{+a}`}, []documentCase{{"match", `1 2 3`, `~,"a":"13","b":"2"`}}},
		{"appended in order", "::", []string{`%{+a/3} %{+a/1->} %{+a} %{b} %{+a/1}`}, []documentCase{
			{"match", `1 2   3 4 5`, `~,"a":"3::2::5::1","b":"4"`},
			{"nothing", `  3 4 `, `~,"a":"3::::::","b":"4"`},
		}},
		{"appended once", "-", []string{`%{+a}`}, []documentCase{{"match", `x`, `~,"a":"x"`}}},
		{"named by the line", "", []string{`%{*k1}=%{&k1} %{&k2}=%{*k2} %{k1}`}, []documentCase{
			{"match", `a=1 2=b"c 3`, `~,"a":"1","b\"c":"2","k1":"3"`},
			{"a name twice", `a=1 2=a 3`, `~,"a":"2","k1":"3"`},
			{"no names", `=1 2=. 3`, `~,"unnamed":"2","k1":"3"`},
		}},
		{"named by what is not kept", "", []string{`%{?a}=%{&a} %{b}:%{&b}`}, []documentCase{{"match", `x=1 y:2`, `~,"x":"1","b":"y","y":"2"`}}},
		{"a key twice", "", []string{`%{a} %{a}`}, []documentCase{{"match", `1 2`, `~,"a":"2"`}}},
		{"braces", "", []string{`{%{a}}{%{b}} %{c}`}, []documentCase{{"match", `{1}{2} {3}`, `~,"a":"1","b":"2","c":"{3}"`}}},
		{"several", "", []string{`%{a}-%{b}`, `%{a}+%{b}`, `%{message}`}, []documentCase{
			{"the first", `1-2+3`, `~,"a":"1","b":"2+3"`},
			{"the second", `1+2`, `~,"a":"1","b":"2"`},
			{"the third", `level`, `~,"message":"level"`},
		}},
		{"names that were chosen", "", []string{`%{service} %{level}`}, []documentCase{{"match", `a warn`, `~,"service":"a","log.level":"warn"`}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			checkDocuments(t, parse.Config{Format: []string{"dissect"}, Pattern: c.patterns, AppendSeparator: c.separator}, c.cases)
		})
	}
}

func TestBadDissectPatterns(t *testing.T) {
	for pattern, want := range map[string]string{
		``:                  `pattern: has no key`,
		`text`:              `pattern: has no key`,
		`%{a} %{b`:          `pattern: %{b is not closed`,
		`%{a %{b}`:          `pattern: %{a %{b is not closed before the next key`,
		`%{a}%{b}`:          `pattern: there is nothing between %{a} and the key behind it`,
		`%{} %{?a}`:         `pattern: keeps nothing`,
		`%{+}`:              `pattern: %{+} has no name`,
		`%{ }`:              `pattern: %{ } has no name`,
		`%{+/1}`:            `pattern: %{+/1} has no name`,
		`%{a/1}`:            `pattern: %{a/1}: a name may not hold`,
		`%{+a/x}`:           `pattern: %{+a/x}: behind the slash must stand a number`,
		`%{+a/99999}`:       `pattern: %{+a/99999}: behind the slash must stand a number`,
		`%{+*a}`:            `pattern: %{+*a}: a name may not hold`,
		`%{a+}`:             `pattern: %{a+}: a name may not hold`,
		`%{*a} %{b}`:        `pattern: %{*a} needs one %{*a}, the name, and one %{&a}, the value`,
		`%{&a} %{b}`:        `pattern: %{&a} needs`,
		`%{*a} %{*a}`:       `pattern: %{*a} needs`,
		`%{*a} %{&a} %{&a}`: `pattern: %{*a} needs`,
	} {
		_, err := parse.New(parse.Config{Format: []string{"dissect"}, Pattern: []string{pattern}})
		checkProblem(t, pattern, err, want)
	}
	_, err := parse.New(parse.Config{Format: []string{"dissect"}, Pattern: []string{"%{a}", "x"}})
	checkProblem(t, "in a list", err, "pattern[1]: has no key")
}
