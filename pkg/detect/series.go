package detect

import (
	"sync/atomic"
	"time"
)

const (
	windowSeconds = 10
	window        = windowSeconds * int64(time.Second) // what is counted together
	perMinute     = 60 / windowSeconds
	lateness      = window // how much older than the newest line of its service a line may be
	openWindows   = 4      // that may be counted into at once: lateness, the newest, and some to spare
	short, long   = 2 * perMinute, 5 * perMinute
	minutesKept   = 15
	leftOut       = 4 // windows of a scale in which most was, or least
)

// scale is over how many windows, or minutes, lines are added up.
type scale struct {
	n       int
	unit    int64   // nanoseconds
	seconds float64 // in which the lines came that are not left out
	leaving int     // minutes before now that are no past for that
	group   int     // minutes that the dispersion of the past is about
}

// scales are from what strikes at once to what shows only with patience, as in services that write little.
var scales = [...]scale{
	{short, window, (short - leftOut) * windowSeconds, 3, 2},
	{long, window, (long - leftOut) * windowSeconds, 6, 5},
	{minutesKept, int64(time.Minute), (minutesKept - leftOut) * 60, minutesKept + 2, 10},
}

// counts are of one series in one window.
type counts struct {
	Lines, Failed, Timed uint32
	Slow                 uint32                 // durations above the p95 that the service has had
	Above                [len(quantiles)]uint32 // durations above those of before
}

func (c *counts) add(o *counts) {
	c.Lines, c.Failed, c.Timed, c.Slow = c.Lines+o.Lines, c.Failed+o.Failed, c.Timed+o.Timed, c.Slow+o.Slow
	for i := range c.Above {
		c.Above[i] += o.Above[i]
	}
}

// series is the lines of a service, or those of them that one template fits. Workers read what never changes and count up what
// is atomic; all else belongs to the Engine.
type series struct {
	key     uint64
	service *service
	id      string // of the template; empty for all lines of the service
	text    string // of the template

	sampled [sampleKinds]atomic.Int64 // the last window of which there is a sample
	slow    atomic.Int64              // durations above are worth a sample
	gone    atomic.Bool               // is not watched any more

	born       int64 // Unix nanoseconds of the first line
	last       int64 // of the newest line
	total      int64 // lines
	windows    uint8 // in which there were any, up to 255
	old        bool  // is not new any more, or never was
	open       [openWindows]counts
	recent     [long]counts        // ring, by window
	minutes    [minutesKept]counts // ring, by minute
	minute     counts
	history    *history
	base       [len(scales)]baseline
	dispersion [len(scales)]float64 // the highest there was; half of it goes in half a day
	season     *season
	shifted    int64 // when the season changed the rate last: that is no dispersion
	beats      beats
	latency    *latency
	streak     [ruleCount]uint8
	samples    samples
}

// enough is how many lines a series has before it is worth a history.
const enough = 10

// add counts a line in a window. It reports whether the line was slow.
func (s *series) add(o *observation, w int64) (slow bool) {
	c := &s.open[w%openWindows]
	c.Lines++
	if o.failed {
		c.Failed++
	}
	if s.total++; s.last < o.time {
		if s.last > 0 {
			s.beats.push(o.time - s.last)
		} else {
			s.born = o.time
		}
		s.last = o.time
	}
	if o.duration < 0 {
		return false
	}
	if s.latency == nil {
		if s.history == nil {
			return false
		}
		s.latency = newLatency()
	}
	return s.latency.add(o.duration, c)
}

// seal ends a window.
func (s *series) seal(w int64) {
	c := &s.open[w%openWindows]
	if c.Lines > 0 && s.windows < 255 {
		s.windows++
	}
	s.minute.add(c)
	s.recent[w%long] = *c
	*c = counts{}
}

// endMinute ends a minute at a time; known tells whether all of it was counted, and usual whether it is a part of the past that
// others are compared with.
func (s *series) endMinute(at int64, known, usual bool) {
	m := minute{s.minute.Lines, s.minute.Failed}
	s.minutes[(at/int64(time.Minute)-1)%minutesKept] = s.minute
	if s.history == nil && s.total >= enough {
		s.history, s.season = newHistory(), new(season)
	}
	if !known {
		m = minute{Lines: unknown}
	}
	if s.latency != nil {
		s.latency.push(&s.minute, usual)
		s.slow.Store(int64(s.latency.above[1]))
	}
	if s.minute = (counts{}); s.history == nil {
		return
	}
	s.season.push(at, m) // also what was a finding: on the next day it is none
	if !usual {
		m = minute{Lines: unknown}
	}
	s.history.push(m)
	for i := range scales {
		s.base[i] = s.history.baseline(scales[i].leaving, scales[i].group)
		if s.dispersion[i] *= dispersionFading; at-s.shifted > int64(historyMinutes+minutesKept)*int64(time.Minute) {
			s.dispersion[i] = max(s.base[i].dispersion, s.dispersion[i])
		}
	}
}

// dispersionFading halves in half a day of minutes.
const dispersionFading = 0.99904

// unlearn makes the minutes since a time unknown.
func (s *series) unlearn(since, now int64) {
	if s.history != nil {
		s.history.forget(int((now-since)/int64(time.Minute)) + 1)
	}
	if s.latency != nil {
		s.latency.forget()
	}
}

// unknown lets minutes pass of which nothing is known.
func (s *series) unknown(minutes int) {
	if s.history != nil {
		for range minutes {
			s.history.push(minute{Lines: unknown})
		}
	}
}

// restart forgets how many lines came in the past: from now on it is as if there was none.
func (s *series) restart() {
	if s.history != nil {
		s.history.forget(historyMinutes)
		s.base, s.dispersion = [len(scales)]baseline{}, [len(scales)]float64{}
	}
	if s.latency != nil {
		s.latency = newLatency()
	}
}

// sum adds up what came in a scale up to a time, without the parts of it in which what is asked for was most, or least: so it takes
// more than a burst to be seen.
func (s *series) sum(now int64, of *scale, what func(*counts) uint32, most bool) (total counts) {
	ring := s.recent[:]
	if of.n == minutesKept {
		ring = s.minutes[:]
	}
	var extreme [leftOut]*counts // the most extreme first
	last := now/of.unit - 1
	for i := last - int64(of.n) + 1; i <= last; i++ {
		c := &ring[i%int64(len(ring))]
		total.add(c)
		for k := range extreme {
			if e := extreme[k]; e == nil || most && what(c) > what(e) || !most && what(c) < what(e) {
				c, extreme[k] = e, c
			}
			if c == nil {
				break
			}
		}
	}
	for _, c := range extreme {
		total.sub(c)
	}
	return total
}

func (c *counts) sub(o *counts) {
	c.Lines, c.Failed, c.Timed, c.Slow = c.Lines-o.Lines, c.Failed-o.Failed, c.Timed-o.Timed, c.Slow-o.Slow
	for i := range c.Above {
		c.Above[i] -= o.Above[i]
	}
}

func linesOf(c *counts) uint32  { return c.Lines }
func failedOf(c *counts) uint32 { return c.Failed }
func slowOf(c *counts) uint32   { return c.Slow }
