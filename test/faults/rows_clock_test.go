//go:build faults && linux

package faults_test

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

var clockRows = []row{
	{31, "clock ±1 h, ±1 y, backwards", clockMoved},
	{32, "DST gap and overlap, no year, 29 February", daylight},
}

func clockMoved(s *scene) {
	s.skip("the clock is that of the whole machine, on which others work")
}

// daylight parses times that occur twice, never, or without their year.
func daylight(s *scene) {
	cases := []struct{ zone, now, text, want string }{
		{"Europe/Berlin", "2026-06-01T00:00:00Z", "2026-03-29 01:59:59", "2026-03-29T00:59:59Z"},
		{"Europe/Berlin", "2026-06-01T00:00:00Z", "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"}, // the gap: as the time before it goes on
		{"Europe/Berlin", "2026-06-01T00:00:00Z", "2026-03-29 03:00:00", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-06-01T00:00:00Z", "2026-10-25 01:59:59", "2026-10-24T23:59:59Z"},
		{"Europe/Berlin", "2026-06-01T00:00:00Z", "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"}, // the overlap: the first one
		{"Europe/Berlin", "2026-06-01T00:00:00Z", "2026-10-25 03:00:00", "2026-10-25T02:00:00Z"},
		{"Australia/Lord_Howe", "2026-06-01T00:00:00Z", "2026-04-05 02:30:00", "2026-04-04T16:00:00Z"},
		{"+05:45", "2026-06-01T00:00:00Z", "2026-06-01 00:00:00", "2026-05-31T18:15:00Z"},
		{"", "2027-01-01T00:30:00Z", "Dec 31 23:59:59", "2026-12-31T23:59:59Z"},
		{"", "2026-12-31T23:30:00Z", "Jan  1 00:00:01", "2027-01-01T00:00:01Z"}, // a clock ahead of ours by half an hour
		{"", "2024-03-01T12:00:00Z", "Feb 29 10:00:00", "2024-02-29T10:00:00Z"},
		{"", "2026-03-01T12:00:00Z", "Feb 29 10:00:00", "2024-02-29T10:00:00Z"},
		{"", "2026-06-01T00:00:00Z", "2024-02-29 10:00:00", "2024-02-29T10:00:00Z"},
	}
	for _, c := range cases {
		layout := "%Y-%m-%d %H:%M:%S"
		if !strings.Contains(c.text, "-") {
			layout = "%b %e %H:%M:%S"
		}
		s.conf.pipelines[0].extra = fmt.Sprintf("format: json\ntimestamp: {field: ts, layouts: [%q], timezone: %q, now: %q}\n", layout, c.zone, c.now)
		conf := s.writeConf()
		cmd := exec.Command(binary, "parse", "--config", conf)
		cmd.Stdin = strings.NewReader(fmt.Sprintf(`{"ts":%q,"message":"x"}`+"\n", c.text))
		out, err := cmd.CombinedOutput()
		if err != nil {
			s.fail("parse: %v: %s", err, out)
		}
		var doc struct {
			Time time.Time `json:"@timestamp"`
		}
		s.must(json.Unmarshal(out, &doc))
		if got := doc.Time.UTC().Format(time.RFC3339Nano); got != c.want {
			s.wrong("%s in %q at %s: %s instead of %s", c.text, c.zone, c.now, got, c.want)
		}
	}
	s.saw("%d times", len(cases))
}
