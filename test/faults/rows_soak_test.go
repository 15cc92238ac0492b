//go:build faults && linux

package faults_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"time"
)

var soakRows = []row{
	{50, "long soak of rows 1, 14, 37, 43", soak},
	{52, "Elasticsearch away for long: 10,000 files and a backlog", awayForLong},
}

// usage is what an agent holds at a moment.
type usage struct {
	at          time.Duration // since the first one
	resident    float64       // MiB
	live        float64       // MiB that were in use after the last collection, by the goal of the next one
	descriptors int
}

// soak mixes rotations and bad answers for a while, in its first half kills as well. In the second half, which one agent lives
// through, memory and descriptors must not grow.
func soak(s *scene) {
	span := size(0, 20*time.Minute)
	if span == 0 {
		s.skip("takes 20 minutes: not in -short")
	}
	w := s.writer("app.log")
	r := s.rotation(w.path, "rotate 30", "create 0644", "missingok")
	s.start()
	w.flow(1000)
	done := map[string]int{}
	s.shake(w, r, span/2, 6, done)
	all := s.shake(w, r, span/2, 5, done)
	s.passWith(standard{})
	for _, u := range all {
		s.t.Logf("%6.1f min %5.1f MiB resident %5.1f MiB live %d descriptors", u.at.Minutes(), u.resident, u.live, u.descriptors)
	}
	all = all[len(all)/3:] // buffers and what is known of the rotated files are taken up first
	slope := slopeOf(all)
	if slope > 0.5 {
		s.wrong("what is in use grows by %.2f MiB a minute", slope)
	}
	first, last := mostOpen(all[:len(all)/4]), mostOpen(all[3*len(all)/4:])
	if last > first+3 {
		s.wrong("from %d to %d descriptors", first, last)
	}
	s.saw("%v: %v, %d lines; in the last %v of an agent that lived for %v %+.2f MiB a minute in use (%.0f to %.0f MiB resident), at most %d descriptors in the first quarter and %d in the last",
		span, done, w.written(), span/3, span/2, slope, all[0].resident, all[len(all)-1].resident, first, last)
}

// shake does one of so many kinds of harm every few seconds; the last kind is a kill when there are six.
func (s *scene) shake(w *writer, r *rotation, span time.Duration, kinds int, done map[string]int) (all []usage) {
	s.t.Helper()
	for start := time.Now(); time.Since(start) < span; {
		switch rand.N(kinds) {
		case 0:
			done["429"]++
			s.sink.suffer(always(http.StatusTooManyRequests, "es_rejected_execution_exception"), nil)
		case 1:
			done["reset"]++
			s.sink.suffer(func(rw http.ResponseWriter, r *request) bool { r.apply(); reset(hijack(rw)); return true }, nil)
		case 5:
			done["kill"]++
			s.agent.kill()
			s.start()
		default:
			done["rotation"]++
			r.rotate()
			s.must(w.reopen(w.path))
		}
		lasts(rand.N(5 * time.Second))
		s.sink.heal()
		lasts(rand.N(5 * time.Second))
		all = append(all, s.agent.usage(start))
	}
	return all
}

// usage is what the agent holds now.
func (a *agent) usage(start time.Time) usage {
	u := usage{at: time.Since(start), descriptors: len(a.descriptors())}
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", a.cmd.Process.Pid)) // it has ended: nothing
	for line := range strings.Lines(string(text)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			var kib float64
			_, _ = fmt.Sscan(rest, &kib) // the kernel writes a number
			u.resident = kib / 1024
		}
	}
	if m, err := a.metrics(); err == nil {
		u.live = m["go_memstats_next_gc_bytes"] / 2 / (1 << 20) // GOGC is 100
	}
	return u
}

// slopeOf is how many MiB a minute what is in use grows, by least squares. What is resident grows for minutes, until the
// collector's goal has been reached everywhere once; a leak shows in what is in use, and the cap is for what is resident.
func slopeOf(all []usage) float64 {
	var n, x, y, xx, xy float64
	for _, u := range all {
		t := u.at.Minutes()
		n, x, y, xx, xy = n+1, x+t, y+u.live, xx+t*t, xy+t*u.live
	}
	return (n*xy - x*y) / (n*xx - x*x)
}

func mostOpen(all []usage) int {
	most := 0
	for _, u := range all {
		most = max(most, u.descriptors)
	}
	return most
}

// awayForLong has more than fits in memory waiting for Elasticsearch: 10,000 files, of which one has a large backlog, and lines
// of 100 MB. Memory must stay within the cap all the time, and the files be the queue.
func awayForLong(s *scene) {
	files, away := size(1000, 10_000), size(10*time.Second, 10*time.Minute)
	s.conf.pipelines[0].extra = "format: none\n"
	s.sink.suffer(always(http.StatusServiceUnavailable, "unavailable"), nil)
	var first *writer
	for i := range files {
		w := s.writer(fmt.Sprintf("f%05d.log", i))
		w.write(5)
		s.must(w.fd.Close())
		if first == nil {
			first = w
		}
	}
	big := s.writer("big.log")
	big.wide = 1000
	big.write(size(20_000, 200_000))
	huge := s.writer("huge.log")
	line := append([]byte("# long "), []byte(strings.Repeat("x", 100<<20))...)
	for range size(1, 5) {
		huge.raw(append(line, '\n'))
		huge.write(1)
	}
	a := s.start()
	big.flow(200)
	start, all, before := time.Now(), []usage(nil), cpuOf(a)
	for time.Since(start) < away {
		lasts(away / 100)
		all = append(all, a.usage(start))
	}
	busy := (cpuOf(a) - before).Seconds() / time.Since(start).Seconds()
	big.rest()
	s.sink.heal()
	s.must(first.reopen(first.path))
	s.freshBy(first)
	s.passWith(standard{noFresh: true})
	s.saw("%d files, %d lines and lines of 100 MB waited for %v: %.0f MiB resident after a tenth of it, %.0f at its end, peak %s, at most %d descriptors, %.0f %% of a core",
		files, files*5+big.written(), away, all[len(all)/10].resident, all[len(all)-1].resident, s.peakText(), mostOpen(all), busy*100)
}
