package parse_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/parse"
)

func quote(text string) string { return string(jsontext.AppendString(nil, text)) }

func TestKVDocuments(t *testing.T) {
	kv := func(field, value, whitespace string) parse.Config {
		return parse.Config{Format: []string{"kv"}, KV: parse.KV{FieldSplit: field, ValueSplit: value, Whitespace: whitespace}}
	}
	for _, c := range []struct {
		name  string
		cfg   parse.Config
		cases []documentCase
	}{
		{"defaults", parse.Config{Format: []string{"kv"}}, []documentCase{
			{"pairs", `a=1 b.c=x é=ü`, `~,"a":"1","b.c":"x","é":"ü"`},
			{"enclosed", `a="x y" b='x "y' c=(x y) d=[x y] e=<x y> f={x`, `~,"a":"x y","b":"x \"y","c":"x y","d":"x y","e":"x y","f":"{x"`},
			{"enclosed nothing", `a="" b=() c=1`, `~,"a":"","b":"","c":"1"`},
			{"blanks around the separator", `a = 1 b =2 c= 3 d  =  "x y"`, `~,"a":"1","b":"2","c":"3","d":"x y"`},
			{"nothing behind the separator", `a= b=1`, `~,"a":"b=1"`},
			{"nothing behind the last", `a=1 b=`, `~,"a":"1","b":""`},
			{"separators in values", `a=b=c d==e`, `~,"a":"b=c","d":"=e"`},
			{"escaped blanks", `a\ b=c\ d e=f`, `~,"a\\ b":"c\\ d","e":"f"`},
			{"an escape that is none", `\="x y"`, `~,"\\":"x y"`},
			{"quotes that do not end", `a="x b=(y c='z`, `~,"a":"\"x","b":"(y","c":"'z"`},
			{"text behind quotes", `a="x"y b=(x)y`, `~,"a":"\"x\"y","b":"(x)y"`},
			{"quotes behind a backslash", `a="x\"y" b="x\" c`, `~,"a":"x\\\"y","b":"x\\","message":"a=\"x\\\"y\" b=\"x\\\" c"`},
			{"a name twice", `a=1 a=2 b=3 a=`, `~,"a":["1","2"],"b":"3"`},
			{"blank names", `.=1 a=2`, `~,"unnamed":"1","a":"2"`},
			{"names that were chosen", `service=a host=b level=warn msg=m`, `~,"service":"a","host":"b","message":"m","log.level":"warn"`},
			{"text between pairs", `2026-01-02T00:00:00Z WARN a=1 or so`, `"@timestamp":"2026-01-02T00:00:00Z","a":"1","message":"2026-01-02T00:00:00Z WARN a=1 or so","log.level":"warn"`},
			{"text between pairs, one of them the message", `x message=m`, `~,"message":"m","event.original":"x message=m"`},
			{"none", `no pair`, `~,"message":"no pair","event.kind":"pipeline_error","error.message":"kv: no key with a value"`},
			{"only a separator", `=`, `~,"message":"=","event.kind":"pipeline_error","error.message":"kv: no key with a value"`},
			{"empty", ``, `~,"message":"","event.kind":"pipeline_error","error.message":"kv: no key with a value"`},
		}},
		{"strict", kv(" ", "=", "strict"), []documentCase{
			{"nothing behind the separator", `a= b=1 c=`, `~,"a":"","b":"1","c":""`},
			{"blanks around the separator", `a =1 b=2`, `~,"b":"2","message":"a =1 b=2"`},
		}},
		{"sets", kv(`&;`, ":=", "lenient"), []documentCase{
			{"pairs", `a=1&b:2;;c=x y`, `~,"a":"1","b":"2","c":"x y"`},
			{"blanks", ` a : 1 ; b = "x & y"  & c=(d) `, `~,"a":"1","b":"x & y","c":"d"`},
		}},
		{"sets, strict", kv(`,`, ":", "strict"), []documentCase{
			{"blanks", `a : 1, b: "2"`, `~,"a ":" 1"," b":" \"2\""`},
		}},
		{"special characters", kv(`\t\|§`, `→\s`, "lenient"), []documentCase{
			{"pairs", "a→1\tb 2|c  →  3§d→4é", `~,"a":"1","b":"2","c":"3","d":"4é"`},
		}},
		{"a line end", kv("\\n", ":", "lenient"), []documentCase{
			{"pairs", "To: tom\ntest: \"tom\" test\nx: \"a b\"  ", `~,"To":"tom","test":"\"tom\" test","x":"a b"`},
		}},
	} {
		t.Run(c.name, func(t *testing.T) { checkDocuments(t, c.cfg, c.cases) })
	}
}

// TestHostileLinesTakeNoLonger sees that no line is looked through again and again.
func TestHostileLinesTakeNoLonger(t *testing.T) {
	if parse.RaceEnabled {
		t.Skip("what is looked at is time")
	}
	const n = 100_000
	for _, c := range []struct{ format, piece string }{
		{"kv", `a=(`}, {"kv", `a=( `}, {"kv", `a="\" `}, {"kv", `\=`}, {"kv", `a=1 `}, {"kv", `= =`}, {"kv", "a=(\n"},
		{"logfmt", `a=1 `}, {"logfmt", `a="\"" `}, {"cef", `=`}, {"cef", `a=`}, {"cef", ` a`}, {"cef", `\`}, {"cef", `CEF:0`}, {"leef", "\t"}, {"leef", "LEEF:0.0.0"},
		{"leef", "a=\t"}, {"csv", `""`}, {"csv", `,`}, {"csv", `"`},
	} {
		d := newDocuments(t, parse.Config{Format: []string{c.format}})
		for _, line := range []string{strings.Repeat(c.piece, n), "CEF:0|a|b|c|d|e|f|" + strings.Repeat(c.piece, n), "LEEF:2.0|a|b|c|d|" + strings.Repeat(c.piece, n), "a=(" + strings.Repeat(c.piece, n) + ")" + strings.Repeat(" ", n) + "x"} {
			start := time.Now()
			d.append(nil, []byte(line))
			if took := time.Since(start); took > 10*time.Second {
				t.Errorf("%s took %v for %d times %q", c.format, took, n, c.piece)
			}
		}
	}
}
