package grok

import (
	"fmt"
	"math"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"
	"time"
)

// benchmark is a pattern and a maker of lines that fit it.
type benchmark struct {
	pattern string
	line    func(r *rand.Rand) string
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func ip(r *rand.Rand) string {
	return fmt.Sprintf("%d.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256), r.IntN(256))
}

func clock(r *rand.Rand) string {
	return fmt.Sprintf("%02d:%02d:%02d", r.IntN(24), r.IntN(60), r.IntN(60))
}

func target(r *rand.Rand) string {
	return pick(r, "/api/v1/orders/", "/catalog/product/", "/search?q=", "/images/shoe-") + fmt.Sprint(r.IntN(1e6))
}

func referer(r *rand.Rand) string {
	return pick(r, "-", "https://shop.example.com/", "https://shop.example.com/search?q=shoes")
}

var benchmarks = []benchmark{
	{"COMBINEDAPACHELOG", func(r *rand.Rand) string {
		return fmt.Sprintf(`%s - %s [04/Jan/2015:%s +0000] "GET %s HTTP/1.1" %d %d "%s" "%s"`, ip(r), pick(r, "-", "alice", "bob.smith"),
			clock(r), target(r), 200+r.IntN(300), r.IntN(50000), referer(r), pick(r, "curl/8.5.0", "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
				"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9_1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/32.0.1700.77 Safari/537.36"))
	}},
	{"SYSLOGLINE", func(r *rand.Rand) string {
		return fmt.Sprintf(`Mar %2d %s %s %s: connection %d from mail.example.net[%s]: session opened, user=<root>`, 1+r.IntN(31), clock(r),
			pick(r, "evita", "web-01.example.com", "10.1.2.3", "db7", "fe80::1:22"),
			pick(r, "sshd[2245]", "postfix/smtpd[1713]", "kernel", "systemd[1]", "CRON[99]"), r.IntN(1e6), ip(r))
	}},
	{"HAPROXYHTTP", func(r *rand.Rand) string {
		return fmt.Sprintf(`Sep 20 %s 127.0.0.1 haproxy[28747]: %s:%d [20/Sep/2014:%s.111] main app/app%d %d/0/1/17/18 %d %d - - ---- 3/3/0/1/0 0/0 {example.com||} {|} "GET %s HTTP/1.1"`,
			clock(r), ip(r), 1024+r.IntN(60000), clock(r), r.IntN(10), r.IntN(1000), 200+r.IntN(300), r.IntN(50000), target(r))
	}},
	{"S3_ACCESS_LOG", func(r *rand.Rand) string {
		return fmt.Sprintf(`79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be mybucket [06/Feb/2014:%s +0000] %s 79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be %016X REST.GET.OBJECT %s "GET /mybucket/%d?versioning HTTP/1.1" %d - %d - %d - "%s" "S3Console/0.4" -`,
			clock(r), ip(r), r.Uint64(), pick(r, "-", "foo/bar.html"), r.IntN(1000), 200+r.IntN(300), r.IntN(1e5), r.IntN(100), referer(r))
	}},
}

// lines returns lines for the pattern and their length together.
func (b benchmark) lines() (lines [][]byte, size int64) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 256 {
		line := []byte(b.line(r))
		lines = append(lines, line)
		size += int64(len(line))
	}
	return lines, size
}

func (b benchmark) compile(tb testing.TB) *Pattern {
	tb.Helper()
	defs, _ := Builtin(ECS)
	p, err := defs.Compile("%{" + b.pattern + "}")
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

var (
	lookAround = regexp.MustCompile(`\(\?<?[!=][^()]*\)`)
	groupName  = regexp.MustCompile(`\(\?<[^>]+>`)
)

// regexp compiles the pattern for regexp, without what that does not know, for comparisons of speed only.
func (b benchmark) regexp(tb testing.TB) *regexp.Regexp {
	tb.Helper()
	expr := strings.ReplaceAll(lookAround.ReplaceAllString(b.compile(tb).String(), ""), "(?>", "(?:")
	n := 0
	expr = groupName.ReplaceAllStringFunc(expr, func(string) string {
		n++
		return fmt.Sprintf("(?P<g%d>", n)
	})
	re, err := regexp.Compile("(?s)" + expr)
	if err != nil {
		tb.Fatal(err)
	}
	return re
}

func BenchmarkMatch(b *testing.B) {
	for _, c := range benchmarks {
		b.Run(c.pattern, func(b *testing.B) {
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
		})
	}
}

// BenchmarkBesideRegexp runs both engines over the same lines in turn and reports the fastest rounds, which a busy machine
// disturbs least, and the geometric mean of how many times faster redfa is.
func BenchmarkBesideRegexp(b *testing.B) {
	logs, count := 0.0, 0
	for _, c := range benchmarks {
		m, re := c.compile(b).NewMatcher(), c.regexp(b)
		lines, _ := c.lines()
		ours := func(line []byte) bool { return m.Match(line) != nil }
		theirs := func(line []byte) bool { return re.FindSubmatchIndex(line) != nil }
		b.Run(c.pattern, func(b *testing.B) {
			fast, slow := math.Inf(1), math.Inf(1)
			for b.Loop() {
				for range 20 {
					fast = min(fast, secondsPerByte(b, lines, ours))
				}
				slow = min(slow, secondsPerByte(b, lines[:16], theirs))
			}
			b.ReportMetric(1/fast/1e6, "redfa-MB/s")
			b.ReportMetric(1/slow/1e6, "regexp-MB/s")
			b.ReportMetric(slow/fast, "times")
			logs, count = logs+math.Log(slow/fast), count+1
		})
	}
	b.Run("mean", func(b *testing.B) {
		for b.Loop() {
		}
		b.ReportMetric(math.Exp(logs/float64(count)), "times")
	})
}

// secondsPerByte runs an engine over lines that it must match.
func secondsPerByte(b *testing.B, lines [][]byte, match func([]byte) bool) float64 {
	size, start := 0, time.Now()
	for _, line := range lines {
		if size += len(line); !match(line) {
			b.Fatalf("no match: %s", line)
		}
	}
	return time.Since(start).Seconds() / float64(size)
}

// BenchmarkEvil is for comparing the time for each byte with that of BenchmarkMatch: of all definitions and 26 repeated
// texts these take most, or would take an engine that backtracks.
func BenchmarkEvil(b *testing.B) {
	for _, c := range []struct{ pattern, of string }{
		{"%{CISCO_DST_IP_USER}$", "1:"}, {"%{MONGO_SLOWQUERY}$", "a"}, {"%{RUUID}$", "a"}, {"%{QUOTEDSTRING}$", `"`}, {"%{HAPROXYURI}$", "0-"}, {"%{EXIM_PID}$", "["},
		{"%{BACULA_LOG_DIFF_FS}$", "/"}, {"%{COMBINEDAPACHELOG}", "a."}, {"%{COMBINEDAPACHELOG}", "1."}, {"%{EMAILADDRESS}$", "a."},
		{"%{URI}$", "a"}, {"%{WINPATH}$", `a:\`}, {"%{UNIXPATH} ", "/a"},
	} {
		b.Run(c.pattern+" on "+c.of, func(b *testing.B) {
			defs, _ := Builtin(ECS)
			p, err := defs.Compile(c.pattern)
			if err != nil {
				b.Fatal(err)
			}
			m, line := p.NewMatcher(), []byte(strings.Repeat(c.of, 100_000/len(c.of))+"\n.")
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				m.Match(line)
			}
		})
	}
}
