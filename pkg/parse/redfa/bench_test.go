package redfa

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"testing"
)

const (
	accessLog = `^(?P<clientip>[^ ]*) (?P<ident>[^ ]*) (?P<user>[^ ]*) \[(?P<time>[^\]]*)\] "(?P<method>[^ ]*) (?P<path>[^ ]*) HTTP/(?P<httpversion>[^"]*)" (?P<status>[0-9]*) (?P<bytes>[0-9]*) "(?P<referer>[^"]*)" "(?P<agent>[^"]*)" rt=(?P<rt>[0-9.]*) trace=(?P<trace_id>[0-9a-f]*) seq=(?P<seq>[0-9]*)$`

	accessLine = `10.66.113.7 - user66 [02/Jan/2026:03:04:05 +0000] "GET /api/v1/cart/items/94274 HTTP/1.1" 200 31337 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0" rt=0.001 trace=6d1f8a2be03c49f50a1b2c3d4e5f6071 seq=12345`

	application = `^(?P<time>[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]*Z) (?P<level>[A-Z]*) \[(?P<service>[^\]]*)\] \[trace=(?P<trace_id>[0-9a-f]{32}) span=(?P<span_id>[0-9a-f]{16})\] seq=(?P<seq>[0-9]+) (?P<method>[A-Z]+) (?P<path>[^ ]+) status=(?P<status>[0-9]{3}) took (?P<took>[0-9.]+)(?P<unit>[a-z]+)$`
)

// benchmark is an expression and a maker of lines that fit it.
type benchmark struct {
	name string
	grok bool
	expr string
	line func(r *rand.Rand) string
}

func (b benchmark) compile(t testing.TB) *Regexp {
	t.Helper()
	compile := Compile
	if b.grok {
		compile = CompileGrok
	}
	re, err := compile(b.expr)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

func (b benchmark) regexp(t testing.TB) *regexp.Regexp {
	t.Helper()
	re, err := oracle(b.expr)
	if err != nil {
		t.Fatal(err)
	}
	return re
}

// lines returns lines for the expression and their length together.
func (b benchmark) lines() (lines [][]byte, size int64) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 256 {
		line := []byte(b.line(r))
		lines = append(lines, line)
		size += int64(len(line))
	}
	return lines, size
}

var (
	agents = []string{"curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"}
	referers = []string{"-", "https://shop.example.com/", "https://shop.example.com/search?q=shoes"}
	paths    = []string{"/api/v1/orders/", "/catalog/product/", "/search?q=", "/images/kibana-"}
	hosts    = []string{"evita", "web-01.example.com", "10.1.2.3", "db7", "fe80::1:22"}
	programs = []string{"sshd[2245]", "postfix/smtpd[1713]", "kernel", "systemd[1]", "CRON[99]"}
)

func ip(r *rand.Rand) string {
	return fmt.Sprintf("%d.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
}

func clock(r *rand.Rand) string {
	return fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60))
}

var benchmarks = []benchmark{
	{"access", false, accessLog, func(r *rand.Rand) string {
		return fmt.Sprintf(`10.%d.%d.7 - user%d [02/Jan/2026:%s +0000] "GET %s%d HTTP/1.1" %d %d "%s" "%s" rt=0.%03d trace=%016x%016x seq=%d`,
			r.IntN(256), r.IntN(256), r.IntN(500), clock(r), pick(r, paths), r.IntN(1e6), 200+r.IntN(300), r.IntN(50000), pick(r, referers),
			pick(r, agents), r.IntN(1000), r.Uint64(), r.Uint64(), r.IntN(1e6))
	}},
	{"application", false, application, func(r *rand.Rand) string {
		return fmt.Sprintf(`2026-01-02T%s.%03dZ INFO [payment-gateway] [trace=%016x%016x span=%016x] seq=%d POST %s%d status=%d took %d.%03dms`,
			clock(r), r.IntN(1000), r.Uint64(), r.Uint64(), r.Uint64(), r.IntN(1e6), pick(r, paths), r.IntN(1e6), 200+r.IntN(300),
			r.IntN(200), r.IntN(1000))
	}},
	{"combined", true, expand("%{COMBINED}"), func(r *rand.Rand) string {
		return fmt.Sprintf(`%s - %s [04/Jan/2015:%s +0000] "GET %s%d HTTP/1.1" %d %d "%s" "%s"`, ip(r), pick(r, []string{"-", "alice", "bob.smith"}),
			clock(r), pick(r, paths), r.IntN(1e6), 200+r.IntN(300), r.IntN(50000), pick(r, referers), pick(r, agents))
	}},
	{"syslog", true, expand("%{SYSLOG}"), func(r *rand.Rand) string {
		return fmt.Sprintf(`Mar %2d %s %s %s: connection %d from camomile.cloud9.net[%s]: session opened, user=<root>`, 1+r.IntN(31), clock(r),
			pick(r, hosts), pick(r, programs), r.IntN(1e6), ip(r))
	}},
	{"haproxy", true, expand("%{HAPROXY}"), func(r *rand.Rand) string {
		return fmt.Sprintf(`Sep 20 %s 127.0.0.1 haproxy[28747]: %s:%d [20/Sep/2014:%s.111] main app/app%d %d/0/1/17/18 %d %d - - ---- 3/3/0/1/0 0/0 {example.com||} {|} "GET %s%d HTTP/1.1"`,
			clock(r), ip(r), 1024+r.IntN(60000), clock(r), r.IntN(10), r.IntN(1000), 200+r.IntN(300), r.IntN(50000), pick(r, paths), r.IntN(1e6))
	}},
	{"s3", true, expand("%{S3}"), func(r *rand.Rand) string {
		return fmt.Sprintf(`79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be mybucket [06/Feb/2014:%s +0000] %s 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be %016X REST.GET.OBJECT %s "GET /mybucket/%d?versioning HTTP/1.1" %d - %d - %d - "%s" "S3Console/0.4" -`,
			clock(r), ip(r), r.Uint64(), pick(r, []string{"-", "foo/bar.html"}), r.IntN(1000), 200+r.IntN(300), r.IntN(1e5), r.IntN(100), pick(r, referers))
	}},
}

// BenchmarkMatch leaves out the grok expressions, which pkg/parse/grok measures as its libraries have them.
func BenchmarkMatch(b *testing.B) {
	for _, c := range benchmarks {
		if c.grok {
			continue
		}
		b.Run(c.name, func(b *testing.B) {
			m := c.compile(b).NewMatcher()
			lines, size := c.lines()
			for _, line := range lines {
				if m.Match(line) == nil {
					b.Fatalf("no match: %s", line)
				}
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range lines {
					m.Match(line)
				}
			}
			b.ReportMetric(float64(len(m.gen.dfa.states)), "states")
			b.ReportMetric(float64(m.gen.dfa.used)/1024, "KiB")
		})
	}
}

func BenchmarkRegexp(b *testing.B) {
	for _, c := range benchmarks {
		if c.grok {
			continue
		}
		b.Run(c.name, func(b *testing.B) {
			re := c.regexp(b)
			lines, size := c.lines()
			for _, line := range lines[:10] {
				if re.FindSubmatchIndex(line) == nil {
					b.Fatalf("no match: %s", line)
				}
			}
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				for _, line := range lines {
					re.FindSubmatchIndex(line)
				}
			}
		})
	}
}

func BenchmarkCompile(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				c.compile(b).NewMatcher()
			}
		})
	}
}

// BenchmarkEvil is for comparing the time for each byte with that of BenchmarkMatch.
func BenchmarkEvil(b *testing.B) {
	for _, c := range evil {
		b.Run(c.expr+" on "+c.line, func(b *testing.B) {
			re, err := Compile(c.expr)
			if err != nil {
				b.Fatal(err)
			}
			m, line := re.NewMatcher(), evilLine(c.line)
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				m.Match(line)
			}
		})
	}
}
