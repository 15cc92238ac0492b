package detect

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Rule is a detector.
type Rule uint8

// The rules, the one that explains most first: of what begins at one time in a service, the first is the finding.
const (
	Errors    Rule = iota // more of the lines tell of a failure
	Latency               // what is done takes longer
	Novel                 // lines of a template never seen before
	Heartbeat             // what came at a steady pace does not come any more
	Silence               // nothing comes any more
	Rate                  // more lines come, or fewer
	ruleCount
)

var ruleNames = [ruleCount]string{Errors: "errors", Latency: "latency", Novel: "new", Heartbeat: "heartbeat", Silence: "silence", Rate: "rate"}

// Rules are all of them.
func Rules() []Rule { return []Rule{Errors, Latency, Novel, Heartbeat, Silence, Rate} }

func (r Rule) String() string { return ruleNames[r] }

// MarshalText writes the rule's name.
func (r Rule) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText reads a rule's name.
func (r *Rule) UnmarshalText(name []byte) error {
	i := slices.Index(ruleNames[:], string(name))
	if i < 0 {
		return fmt.Errorf("%q is no rule", name)
	}
	*r = Rule(i) // #nosec G115 -- there are few
	return nil
}

// What is smaller is no finding, however sure it is.
const (
	rateFactor   = 2.0   // more lines, or fewer, than before by this factor
	rateExtra    = 10    // more lines than before
	seasonMargin = 1.3   // beyond what the same hour had on other days
	shareFactor  = 2.0   // a larger share of errors than before by this factor
	shareExtra   = 0.005 // and by this difference
	fewFailed    = 5
	fewSlow      = 8
	fewNew       = 3 // lines of a new template
	newFor       = 30 * time.Minute
	beatsMissed  = 3
	persistence  = 2 // windows in a row in which it must be so
)

// candidate is something unusual of a series at the end of a window.
type candidate struct {
	rule          Rule
	series        *series
	score         float64
	before, after Level
	since         int64 // about when it began
	quantile      float64
}

// Level is a number before and after, and what it is from.
type Level struct {
	Value   float64 // lines a minute; share of errors; a duration in nanoseconds; seconds between lines
	Lines   float64 // that were looked at
	Seconds float64 // in which they came
}

// judge asks everything of each series of a service.
func (e *Engine) judge(svc *service, w int64) {
	threshold := needed(len(e.series))
	j := judgement{now: (w + 1) * window, threshold: threshold, minutes: e.leastMinutes()}
	for s := range svc.each {
		j.series(s)
	}
	e.decide(svc, &j)
}

// leastMinutes is how many minutes of the past must be known of a series.
func (e *Engine) leastMinutes() float64 { return min(max(e.Learning.Minutes()/2, 3), 30) }

// judgement is of one service at the end of a window.
type judgement struct {
	now       int64
	threshold float64
	minutes   float64
	found     []candidate
	waiting   bool // something is unusual, but not for long enough yet
}

// series asks of one series. Of each rule the surest answer counts.
func (j *judgement) series(s *series) {
	var best [ruleCount]candidate
	note := func(c candidate) {
		if c.score > best[c.rule].score {
			c.series = s
			best[c.rule] = c
		}
	}
	j.fresh(s, note)
	j.beat(s, note)
	if s.history != nil {
		j.silence(s, note)
		for scale := range scales {
			if s.base[scale].minutes >= j.minutes {
				j.rate(s, scale, note)
				j.errors(s, scale, note)
				j.latency(s, scale, note)
			}
		}
	}
	for rule := range best {
		switch {
		case best[rule].series == nil:
			s.streak[rule] = 0
			continue
		case s.streak[rule] < 255:
			s.streak[rule]++
		}
		if s.streak[rule] >= persistence {
			j.found = append(j.found, best[rule])
		} else {
			j.waiting = true
		}
	}
}

// fresh finds a template never seen before. Lines of it in two windows make sure that it is not one odd line.
func (j *judgement) fresh(s *series, note func(candidate)) {
	if s.old || s.born == 0 {
		return
	}
	if j.now-s.born > int64(newFor) {
		s.old = true
		return
	}
	if s.total < fewNew || s.windows < 2 || j.now-s.last > 5*int64(time.Minute) {
		return
	}
	seconds := float64(j.now-s.born) / 1e9
	note(candidate{rule: Novel, score: j.threshold + math.Log10(float64(s.total)), since: s.born,
		before: Level{Lines: 0, Seconds: float64(s.service.learned) * 60}, after: Level{Value: float64(s.total) / seconds * 60, Lines: float64(s.total), Seconds: seconds}})
}

// beat finds a heartbeat that is missing.
func (j *judgement) beat(s *series, note func(candidate)) {
	still := j.now - max(s.last, s.service.watched)
	if s.last == 0 || still < beatsMissed*int64(beatLeast) {
		return
	}
	pace := s.beats.pace()
	if pace == 0 || still < beatsMissed*int64(pace)+lateness {
		return
	}
	note(candidate{rule: Heartbeat, score: j.threshold + float64(still)/float64(pace), since: j.now - still,
		before: Level{pace.Seconds(), float64(s.total), 0}, after: Level{float64(still) / 1e9, 0, float64(still) / 1e9}})
}

// silence finds that nothing comes any more.
func (j *judgement) silence(s *series, note func(candidate)) {
	base := &s.base[1]
	still := float64(j.now-max(s.last, s.service.watched)) / 1e9
	if s.last == 0 || still < 3*windowSeconds || base.minutes < j.minutes {
		return
	}
	score := rateScore(0, still/60, base.lines, base.minutes, max(base.dispersion, s.dispersion[1]))
	if _, least, ok := s.season.usual(j.now); score < j.threshold || ok && least < 1 {
		return
	}
	note(candidate{rule: Silence, score: score, since: max(s.last, s.service.watched), before: base.level(), after: Level{0, 0, still}})
}

func (b *baseline) level() Level { return Level{b.rate(), b.lines, b.minutes * 60} }

// rate finds that more lines come, or fewer, than before, and than at this time of other days.
func (j *judgement) rate(s *series, scale int, note func(candidate)) {
	base := &s.base[scale]
	dispersion := max(base.dispersion, s.dispersion[scale])
	most, least, ok := s.season.usual(j.now)
	of := &scales[scale]
	minutes := of.seconds / 60
	ask := func(up bool) {
		sum := s.sum(j.now, of, linesOf, up)
		rate, before := float64(sum.Lines)/minutes, base.rate()
		switch {
		case up && (rate < rateFactor*before || float64(sum.Lines)-before*minutes < rateExtra), !up && (rate > before/rateFactor || sum.Lines == 0):
			return
		}
		if ok && (up && rate < seasonMargin*most || !up && rate > least/seasonMargin) {
			if of.n == minutesKept {
				s.shifted = j.now
			}
			return
		}
		if score := rateScore(float64(sum.Lines), minutes, base.lines, base.minutes, dispersion); score >= j.threshold {
			note(candidate{rule: Rate, score: score, since: j.since(of), before: base.level(), after: Level{rate, float64(sum.Lines), of.seconds}})
		}
	}
	ask(true)
	ask(false)
}

// since is about when what is seen over a scale began.
func (j *judgement) since(of *scale) int64 { return j.now - int64(of.n)*of.unit }

// errors finds that more of the lines tell of a failure.
func (j *judgement) errors(s *series, scale int, note func(candidate)) {
	of := &scales[scale]
	sum := s.sum(j.now, of, failedOf, true)
	base := &s.base[scale]
	if sum.Failed < fewFailed || base.lines == 0 {
		return
	}
	k, lines := float64(sum.Failed), float64(sum.Lines)
	share, before := k/lines, base.failed/base.lines
	if share < shareFactor*before || share < before+shareExtra || share < seasonMargin*s.season.failing(j.now) {
		return
	}
	if score := shareScore(k, lines, base.failed, base.lines, base.failedDispersion); score >= j.threshold {
		note(candidate{rule: Errors, score: score, since: j.since(of), before: Level{before, base.lines, base.minutes * 60}, after: Level{share, lines, of.seconds}})
	}
}

// latency finds that more durations than before are above a quantile of before.
func (j *judgement) latency(s *series, scale int, note func(candidate)) {
	l := s.latency
	if l == nil || !l.ready() || float64(l.minutes) < j.minutes {
		return
	}
	of := &scales[scale]
	var recent [len(quantiles)]float64
	for i, q := range quantiles {
		sum := s.sum(j.now, of, func(c *counts) uint32 { return c.Above[i] }, true)
		k, timed := float64(sum.Above[i]), float64(sum.Timed)
		if p := l.share[i]; k < fewSlow || k/timed < min(2*p, (1+p)/2) {
			continue
		}
		score := exceedScore(k, timed, l.share[i], l.dispersion[i])
		if score < j.threshold {
			continue
		}
		if recent[0] == 0 {
			recent = l.recent()
		}
		before := l.above[i] / tolerance
		if recent[i] <= before { // of too few to say so
			continue
		}
		note(candidate{rule: Latency, score: score, since: j.since(of), quantile: q,
			before: Level{before, l.past.GetCount(), float64(l.minutes) * 60}, after: Level{recent[i], timed, of.seconds}})
	}
}
