package redfa

import (
	"regexp"
	"testing"
)

const (
	accessLog = `^(?P<clientip>[^ ]*) (?P<ident>[^ ]*) (?P<user>[^ ]*) \[(?P<time>[^\]]*)\] "(?P<method>[^ ]*) (?P<path>[^ ]*) HTTP/(?P<httpversion>[^"]*)" (?P<status>[0-9]*) (?P<bytes>[0-9]*) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" rt=(?P<rt>[0-9.]*) trace=(?P<trace_id>[0-9a-f]*) seq=(?P<seq>[0-9]*)$`

	accessLine = `10.66.113.7 - user66 [02/Jan/2026:03:04:05 +0000] "GET /api/v1/cart/items/94274 HTTP/1.1" 200 31337 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0" rt=0.001 trace=6d1f8a2be03c49f50a1b2c3d4e5f6071 seq=12345`
)

var benchmarks = []struct{ name, expr, line string }{
	{"access", accessLog, accessLine},
}

func BenchmarkMatch(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			re, err := Compile(c.expr)
			if err != nil {
				b.Fatal(err)
			}
			m, line := re.NewMatcher(), []byte(c.line)
			if m.Match(line) == nil {
				b.Fatal("no match")
			}
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				m.Match(line)
			}
		})
	}
}

func BenchmarkRegexp(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			r, err := renameGroups(c.expr)
			if err != nil {
				b.Fatal(err)
			}
			re, line := regexp.MustCompile(r.text), []byte(c.line)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				re.FindSubmatchIndex(line)
			}
		})
	}
}
