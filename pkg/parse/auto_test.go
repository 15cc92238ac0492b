package parse

import "testing"

// autoLines begin as lines of the formats that auto knows do.
var autoLines = []string{
	"", " ", `{"a":1}`, " \t{\"a\":1}", `{"t":{"$date":"2026-01-02T03:04:05.678Z"},"s":"I"}`,
	`{"log":"x\n","stream":"stdout","time":"2026-01-02T03:04:05.678901234Z"}`, "2026-01-02T03:04:05.678901234Z stdout F x",
	"type=SYSCALL msg=audit(1364481363.243:24287): arch=c000003e", "node=a type=CWD msg=audit(1364481363.243:24287): cwd=1",
	"<13>1 2026-01-02T03:04:05Z host app 1 - - x", "<13>Jan  2 03:04:05 host app: x", "Jan  2 03:04:05 host app[1]: x", "2026-01-02T03:04:05+00:00 host app: x",
	"2026-01-02T03:04:05.001Z WARN [catalog] x", "2026-01-02T03:04:05+00:00 error app: x", "2026-01-02T03:04:05Z: INFO app[1]: x",
	`1.2.3.4 - - [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 1`, `2026-01-02 [02/Jan/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 1`,
	"[Fri Jan 02 03:04:05.678901 2026] [core:error] [pid 1:tid 2] x", "2026/01/02 03:04:05 [error] 1#2: *3 x", `[2026-01-02T03:04:05.678Z] "GET / HTTP/1.1" 200 - 0 1`,
	"10.0.1.2:33317 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0",
	`2026-01-02 [06/Feb/2009:12:14:14.655] http-in static/srv1 10/0/30/69/109 200 2750 - - ---- 1/1/1/1/0 0/0`,
	`https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.037 200 200 0 57 "GET https://x/ HTTP/1.1" "curl" - -`,
	`2015-05-13T23:39:43.945958Z my-loadbalancer 192.168.131.39:2817 10.0.0.1:80 0.000073 0.001048 0.000057 200 200 0 29 "GET http://x/ HTTP/1.1" "curl" - -`,
	"#Fields: date time", "2026-01-02 03:04:05 10.0.0.1 GET /a - 80 - 10.0.0.2 curl 200 0 0 1", "a=1 b=2", "2026-01-02=1 b=2",
	"CEF:0|a|b|1|c|d|5|x=1", "2026-01-02T03:04:05Z host CEF:0|a|b|1|c|d|5|x=1", "LEEF:1.0|a|b|1|c|x=1", "Jan  2 03:04:05 host LEEF:1.0|a|b|1|c|x=1",
	"I0102 03:04:05.678901 1 a.go:1] x",
}

// FuzzAuto holds auto to asking every format that a line fits.
func FuzzAuto(f *testing.F) {
	for _, line := range autoLines {
		f.Add([]byte(line))
	}
	a, err := newAutoOf(new(Config), true)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, line []byte) {
		may := a.mayFit(line)
		for i, k := range a.known[:len(a.known)-1] {
			if k.fits(line) && may>>i&1 == 0 {
				t.Errorf("%q: %s is not asked", line, k.name)
			}
		}
	})
}

// A level where the host should be tells that no syslog daemon wrote the line.
func TestLevelBehindTime(t *testing.T) {
	for line, want := range map[string]bool{
		"2026-01-02T03:04:05Z WARN app: x": true, "2026-01-02T03:04:05+00:00  error x": true, "2026-01-02T03:04:05Z host app: x": false,
		"2026-01-02T03:04:05Z: WARN x": false, "2026-01-02T03:04:05Z WARN": false, "2026-01-02T03:04:05Z WARN: x": false, "2026-01-02T03:04:05Z ": false,
		"2026-01-02 03:04:05 WARN x": false, "2026-01-02T=4:05:05Z WARN x": false,
	} {
		if levelBehindTime([]byte(line)) != want {
			t.Errorf("%q: %v", line, !want)
		}
	}
}
