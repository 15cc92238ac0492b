package detect

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"
)

// Finding is something unusual, with its evidence.
type Finding struct {
	ID       string // 16 hexadecimal digits; the same when it begins and when it is over
	Rule     Rule
	Service  string // empty: of lines that name none
	Template string // id; empty: it is of all lines of the service
	Text     string // of the template
	Mostly   bool   // it is of all lines of the service, but mostly in those of the template
	Message  string // one sentence
	Since    time.Time
	Found    time.Time // by the lines' times
	Over     time.Time // zero: it is not
	Reason   string    // why it is over: as before, or normal now
	Score    float64   // minus the decimal logarithm of how likely chance is
	Before   Level
	After    Level
	Quantile float64  // of the latency rule
	Also     []string // what else was unusual, as "rule" or "rule: template"
	Samples  []Evidence
}

// Evidence is a line that shows what a finding is about.
type Evidence struct {
	ID, Trace, Text string
	Time            time.Time
}

const (
	mostSamples = 5
	mostTraces  = 5
	mostAlso    = 10
	mostText    = 300
)

// Unit is what the levels of a rule are in.
func (r Rule) Unit() string {
	switch r {
	case Errors:
		return "share"
	case Latency:
		return "ns"
	case Heartbeat:
		return "s"
	}
	return "lines/min"
}

// describe makes the finding of an incident.
func (e *Engine) describe(svc *service, in *incident, c *candidate, found []candidate, now int64) Finding {
	f := Finding{Rule: c.rule, Service: svc.name, Since: time.Unix(0, c.since).UTC(), Found: time.Unix(0, now).UTC()}
	about := c.series
	if about.id == "" && c.rule == Errors {
		about = worst(svc, failedOf)
	} else if about.id == "" && c.rule == Latency {
		about = worst(svc, slowOf)
	}
	if f.Mostly = about != c.series; about.id != "" {
		f.Template, f.Text = about.id, about.text
	}
	f.measure(c)
	for i := range found {
		if o := &found[i]; o.rule != c.rule || o.series != c.series {
			f.add(o)
		}
	}
	f.Samples = evidence(svc, in, about, c.rule, c.since-int64(time.Minute))
	f.ID = fmt.Sprintf("%016x", xxhash.Sum64String(strings.Join([]string{f.Rule.String(), f.Service, f.Template, strconv.FormatInt(now, 10)}, "\x00")))
	return f
}

// add takes note of something else that is a part of it.
func (f *Finding) add(c *candidate) {
	if len(f.Also) == mostAlso {
		return
	}
	of := "all lines"
	if c.series.id != "" {
		of = c.series.text
	}
	f.Also = append(f.Also[:len(f.Also):len(f.Also)], c.rule.String()+": "+of)
}

// worst is the template that has most of what is counted; all lines of the service when none has half of it.
func worst(svc *service, what func(*counts) uint32) *series {
	total, most, of := uint32(0), uint32(0), svc.all
	for _, s := range svc.series {
		n := uint32(0)
		for i := range s.recent {
			n += what(&s.recent[i])
		}
		if total += n; n > most {
			most, of = n, s
		}
	}
	if 2*most < total {
		return svc.all
	}
	return of
}

// evidence is the samples that show it best: of the series it is about, else of all of the service.
func evidence(svc *service, in *incident, about *series, rule Rule, since int64) []Evidence {
	kind := uint8(plain)
	switch rule {
	case Errors:
		kind = failing
	case Latency:
		kind = slowing
	}
	if rule == Silence || rule == Heartbeat {
		since = 0 // the last there were
	}
	var all []*Sample
	from := func(s *series) {
		for i := range s.samples {
			if o := &s.samples[i]; o.time > 0 && o.time >= since {
				all = append(all, o)
			}
		}
	}
	if from(about); about.id == "" {
		for s := range svc.each {
			if in.has(s) || about.id == "" {
				from(s)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Sample) int {
		if (a.kind == kind) != (b.kind == kind) {
			return compareBool(a.kind != kind, b.kind != kind)
		}
		if (len(a.Trace) > 0) != (len(b.Trace) > 0) {
			return compareBool(len(a.Trace) == 0, len(b.Trace) == 0)
		}
		return int(min(max(b.time-a.time, -1), 1))
	})
	var out []Evidence
	for _, s := range all {
		e := Evidence{string(s.ID), string(s.Trace), strings.ToValidUTF8(string(s.Text), "\uFFFD"), time.Unix(0, s.time).UTC()}
		if len(out) < mostSamples && !slices.Contains(out, e) {
			out = append(out, e)
		}
	}
	return out
}

func clip(text string, most int) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// measure takes over numbers, and says them.
func (f *Finding) measure(c *candidate) {
	if c.rule == Latency {
		c.before.Value, c.after.Value = math.Round(c.before.Value), math.Round(c.after.Value)
	}
	f.Score, f.Before, f.After, f.Quantile = min(c.score, 999), c.before, c.after, c.quantile
	f.Message = f.sentence()
}

// resolve ends the finding.
func (f *Finding) resolve(reason string, now int64) {
	f.Over, f.Reason = time.Unix(0, now).UTC(), reason
	f.Message = "over (" + reason + "): " + f.Message
}

// sentence says what changed, with numbers.
func (f *Finding) sentence() string {
	who := f.Service
	if who == "" {
		who = "lines without a service"
	}
	mostly := ""
	if f.Text != "" && f.Mostly {
		mostly = ", most of them in lines like \"" + f.Text + "\""
	} else if f.Text != "" {
		who += ", lines like \"" + f.Text + "\""
	}
	before, after := f.Before.Value, f.After.Value
	switch f.Rule {
	case Errors:
		return fmt.Sprintf("%s: %s of the lines tell of a failure, before %s%s", who, percent(after), percent(before), mostly)
	case Latency:
		return fmt.Sprintf("%s: p%g of the durations is %v, before %v%s", who, f.Quantile*100, rounded(after), rounded(before), strings.Replace(mostly, "most of them", "the slow ones mostly", 1))
	case Novel:
		return fmt.Sprintf("%s: never seen before, %.0f lines in %.0f s", who, f.After.Lines, f.After.Seconds)
	case Heartbeat:
		return fmt.Sprintf("%s: came every %s s, and not for %.0f s now", who, number(before), after)
	case Silence:
		return fmt.Sprintf("%s: nothing for %.0f s, before %s lines a minute", who, f.After.Seconds, number(before))
	}
	word := "more"
	if after < before {
		word = "fewer"
	}
	return fmt.Sprintf("%s: %s lines, %s a minute, before %s", who, word, number(after), number(before))
}

func percent(share float64) string { return number(share*100) + " %" }

// number is one with three digits that count.
func number(v float64) string {
	if v >= 100 {
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

func rounded(ns float64) time.Duration {
	d := time.Duration(ns)
	for unit := time.Second; unit >= time.Microsecond; unit /= 10 {
		if d >= 100*unit {
			return d.Round(unit)
		}
	}
	return d
}

// Trace is the trace of the best example; empty for none.
func (f *Finding) Trace() string {
	for _, s := range f.Samples {
		if s.Trace != "" {
			return s.Trace
		}
	}
	return ""
}

// traces are those of the samples, each once.
func (f *Finding) traces() []string {
	all := []string{}
	for _, s := range f.Samples {
		if s.Trace != "" && !slices.Contains(all, s.Trace) && len(all) < mostTraces {
			all = append(all, s.Trace)
		}
	}
	return all
}
