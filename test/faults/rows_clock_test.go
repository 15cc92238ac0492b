//go:build faults && linux

package faults_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

var clockRows = []row{
	{31, "clock ±1 h, ±1 y, backwards", clockMoved},
	{32, "DST gap and overlap, no year, 29 February", daylight},
}

// clockMoved moves the agent's wall clock while it ships, while it waits for Elasticsearch, and before it starts. Lines without a
// time get that of reading, which shows where the clock is.
func clockMoved(s *scene) {
	const year = 365 * 24 * time.Hour
	w, other := s.writer("app.log"), s.writer("other.log")
	c, last := new(clock), map[string]string{} // when the agent read a writer's last line, by its clock
	s.sink.look = func(d kept) {
		var doc struct {
			Message string
			Time    string `json:"@timestamp"`
		}
		_ = json.Unmarshal([]byte(d.raw), &doc) // the sink says so if it is none
		name, _, _ := strings.Cut(doc.Message, "|")
		last[name] = doc.Time
	}
	wantClock := func(w *writer, at time.Duration) {
		s.t.Helper()
		s.sink.mu.Lock()
		text := last[w.name]
		s.sink.mu.Unlock()
		read, err := time.Parse(time.RFC3339Nano, text)
		if want := time.Now().Add(at); err != nil || read.Sub(want).Abs() > time.Minute {
			s.fail("a line was read at %q by the agent's clock, which should be near %v", text, want)
		}
	}
	start := func(at time.Duration) {
		s.launch(launch{change: func(pid int) error { return errors.Join(c.install(pid), c.move(at)) }}).listening()
	}
	start(0)
	w.flow(500)
	steps := []time.Duration{0, time.Hour, -time.Hour, year, -year, 0}
	for i, at := range steps {
		s.must(c.move(at))
		other.write(10)
		s.must(os.Rename(other.path, fmt.Sprintf("%s.%d", other.path, i)))
		s.must(other.reopen(other.path))
		s.freshBy(other)
		wantClock(other, at)
		took := s.await("the checkpoint follows", patience, func() bool { return s.checkpoint(other.path) > 0 })
		if took > freshWithin {
			s.wrong("with the clock moved by %v it took %v to save", at, took)
		}
	}
	for _, at := range []time.Duration{-time.Hour, year} {
		s.sink.suffer(always(503, "unavailable"), nil)
		s.await("it is refused", patience, func() bool { return s.sink.faulty() > 2 })
		s.must(c.move(at))
		lasts(size(12*time.Second, 60*time.Second))
		s.sink.mu.Lock()
		times := s.sink.times
		s.sink.mu.Unlock()
		for i := 1; i < len(times); i++ {
			if gap := times[i].Sub(times[i-1]); gap > 6*time.Second {
				s.wrong("with the clock moved by %v while it waited, it asked again only after %v", at, gap)
			}
		}
		s.sink.heal()
		s.fresh()
	}
	w.rest()
	for _, at := range []time.Duration{year, -year, 0} {
		s.delivered()
		s.saved(other.path)
		s.agent.kill()
		other.write(100) // unread, under a name that only the checkpoint leads to
		s.must(os.Rename(other.path, fmt.Sprintf("%s/elsewhere.%v", s.logs, at)))
		s.must(other.reopen(other.path))
		other.write(10)
		start(at)
		s.freshBy(other)
		wantClock(other, at)
	}
	s.pass()
	s.saw("by %v while it ships, by 1 h back and 1 year on while it waits, and by 1 year on and back before a start", steps)
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
