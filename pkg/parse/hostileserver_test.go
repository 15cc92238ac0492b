package parse

import (
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// TestHostileServerLines sees that a line 64 times as long takes nowhere near 64 times 64 times as long, whatever repeats in it.
// What lies between is room for a busy machine; the race detector's own cost is not linear.
func TestHostileServerLines(t *testing.T) {
	if raceEnabled {
		t.Skip("what is compared is time")
	}
	const size = 4 << 20
	for _, c := range []struct{ format, head, piece string }{
		{"syslog", `<1>1 - - - - - [a`, ` b="c"`},
		{"syslog", `<1>1 - - - - - `, `[a]`},
		{"syslog", `<1>1 - - - - - [a b="`, `\"`},
		{"syslog", `<34>Oct 11 22:14:15 h `, `a[1`},
		{"nginx", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "`, `\\" 1`},
		{"nginx", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET / HTTP/1.1" 200 1 "-" "-"`, ` a="\" `},
		{"nginx", `1.2.3.4 - - [12/Apr/2018:09:48:40 +0200] "GET / HTTP/1.1" 200 1 `, `" "`},
		{"nginx", `2025/01/03 16:41:26 [error] 31#32: x, client: a`, `, host: "b, `},
		{"nginx", ``, ` [`},
		{"apache", `[Mon Dec 26 16:22:08 2016] [error] [client `, `[]`},
		{"haproxy", `1.2.3.4:5 [26/Feb/2019:00:29:44.326] a b/c 0/0/1/48/49 200 187 - - ---- 3/2/0/0/0 0/0 {`, `a|`},
		{"envoy", `[2016-04-15T20:17:00.310Z] "`, `a "`},
		{"elb", `http 2018-07-02T22:23:00.186641Z a 1.2.3.4:1 - 1 1 1 - - 0 0 "`, `" "`},
		{"w3c", ``, `" `},
	} {
		p, err := New(Config{Format: []string{c.format}})
		if err != nil {
			t.Fatal(err)
		}
		took := func(n int) time.Duration {
			ev := event.Event{Raw: []byte(c.head + strings.Repeat(c.piece, n/len(c.piece)))}
			best := time.Hour
			for range 3 {
				start := time.Now()
				p.Parse(&ev)
				best = min(best, time.Since(start))
			}
			return best
		}
		if small, large := took(size/64), took(size); large > 1000*small && large > time.Second {
			t.Errorf("%s %s%s: 64 KiB in %v, 4 MiB in %v", c.format, c.head, c.piece, small, large)
		}
	}
}
