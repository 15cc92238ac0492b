package parse

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// TestTimeMemo holds a parser that remembers minutes to one that has nothing to remember, on texts that come near to one another.
func TestTimeMemo(t *testing.T) {
	for _, c := range []struct {
		layout string // of the configuration; empty to be found
		text   string // Go's layout
	}{
		{"%d/%b/%Y:%H:%M:%S %z", "02/Jan/2006:15:04:05 -0700"}, {"%Y%m%d%H%M%S", "20060102150405"}, {"%S.%f %M %H %d %m %Y", "05.000000 04 15 02 01 2006"},
		{"%d.%m.%y %H:%M:%S", "02.01.06 15:04:05"}, {"%b %d %H:%M:%S", "Jan 02 15:04:05"}, {"unix", ""}, {"unix_ms", ""}, {"%I:%M:%S %p %F", "03:04:05 PM 2006-01-02"},
		{"", "Mon Jan 2 15:04:05 2006"}, {"", "02 Jan 2006 15:04:05.000"}, {"", "2006/01/02 15:04:05.000000"}, {"", time.RFC1123Z}, {"", time.RFC3339Nano},
		{"", "20060102150405"}, {"", "02/Jan/2006:15:04:05 -0700"},
	} {
		cfg := Timestamp{Timezone: "Europe/Berlin", Now: "2026-06-01T00:00:00Z"}
		if c.layout != "" {
			cfg.Field, cfg.Layouts = "ts", []string{c.layout}
		}
		kept, err := newTimeParser(cfg)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(1, 2))
		at := time.Date(2026, 10, 25, 0, 58, 0, 0, time.UTC) // in the hour before the clocks go back
		used := 0
		for range 3000 {
			at = at.Add(time.Duration(r.IntN(4_000_000)) * time.Microsecond)
			if r.IntN(20) == 0 {
				at = at.Add(time.Duration(r.IntN(200)-100) * time.Minute)
			}
			text := at.Format(c.text)
			switch c.layout {
			case "unix":
				text = fmt.Sprint(at.Unix())
			case "unix_ms":
				text = fmt.Sprint(at.UnixMilli())
			}
			if r.IntN(30) == 0 { // not a time any more, or another one
				b := []byte(text)
				b[r.IntN(len(b))] = "0567 :.Z"[r.IntN(8)]
				text = string(b)
			}
			fresh, _ := newTimeParser(cfg)
			want, wantOK := fresh.parse([]byte(text))
			if _, ok := kept.memo.read([]byte(text)); ok {
				used++
			}
			if got, ok := kept.parse([]byte(text)); ok != wantOK || ok && got != want {
				t.Fatalf("%q %q: %v %v, afresh %v %v", c.layout, text, got, ok, want, wantOK)
			}
		}
		if used < 1000 && c.text != time.RFC3339Nano && c.layout != "unix" && c.layout != "unix_ms" { // RFC 3339 has a memory of its own, and numbers are cheap
			t.Errorf("%q %q: remembered %d times only", c.layout, c.text, used)
		}
	}
}
