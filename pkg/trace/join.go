package trace

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// Joiner puts together what several lines say of one span: the line with its duration, where it began and ended, and
// what was logged in between. What it holds is bounded; it belongs to one goroutine.
//
// A line joins its span by trace and span id. Of several lines with a duration the longest is the span; a shorter one
// of the same service that is not the same once more measured something within it, and becomes a child with a derived id.
type Joiner struct {
	limits Limits
	groups map[groupKey]*group
	oldest *group // the groups form a list in the order in which they were touched last
	newest *group
	bytes  int
}

// Limits bound a Joiner that never ends. The zero Limits hold everything until Flush.
type Limits struct {
	Settle time.Duration // a span is complete when no line of it came for so long
	Keep   time.Duration // lines whose span did not come are forgotten after so long
	Bytes  int           // of what is held, about; beyond that the oldest spans are taken as complete
}

type groupKey struct{ traceID, spanID string }

type group struct {
	key          groupKey
	records      []Record
	complete     bool // has a duration, or a beginning and an end
	touched      time.Time
	older, newer *group
}

// Log is a line of a trace that belongs to no span that is known.
type Log struct {
	TraceID, SpanID, Service, Host string
	event.SpanLog
}

// NewJoiner returns an empty Joiner.
func NewJoiner(limits Limits) *Joiner {
	return &Joiner{limits: limits, groups: map[groupKey]*group{}}
}

// Bytes is about how much memory is held.
func (j *Joiner) Bytes() int { return j.bytes }

// Add takes in a record at the time now. emit is called with spans that became complete by it, as by Expire.
func (j *Joiner) Add(now time.Time, rec Record, emit func(event.Span)) {
	key := groupKey{rec.Span.TraceID, rec.Span.SpanID}
	if key.spanID == "" {
		if rec.phase != whole && j.limits.Keep > 0 {
			return // what belongs to a trace and to none of its spans is of no use to an output
		}
		key.spanID = deriveID(rec.Span.ID)
		if rec.phase == whole {
			rec.Span.SpanID = key.spanID
		}
	}
	g := j.groups[key]
	if g == nil {
		g = &group{key: key}
		j.groups[key] = g
	} else {
		j.unlink(g)
	}
	g.records = append(g.records, rec)
	g.complete = g.complete || rec.phase == whole || rec.phase == closes && (rec.reported || slices.ContainsFunc(g.records, isOpening))
	g.touched = now
	j.link(g)
	j.bytes += rec.size
	for j.limits.Bytes > 0 && j.bytes > j.limits.Bytes {
		j.finish(j.oldest, emit, nil)
	}
}

func isOpening(rec Record) bool { return rec.phase == opens }

func (j *Joiner) link(g *group) {
	g.older, g.newer = j.newest, nil
	if j.newest != nil {
		j.newest.newer = g
	} else {
		j.oldest = g
	}
	j.newest = g
}

func (j *Joiner) unlink(g *group) {
	if g.older != nil {
		g.older.newer = g.newer
	} else {
		j.oldest = g.newer
	}
	if g.newer != nil {
		g.newer.older = g.older
	} else {
		j.newest = g.older
	}
}

// Expire emits the spans that are complete at the time now, and forgets lines whose span did not come.
func (j *Joiner) Expire(now time.Time, emit func(event.Span)) {
	for g := j.oldest; g != nil && now.Sub(g.touched) >= j.limits.Settle; {
		next := g.newer
		if g.complete || now.Sub(g.touched) >= j.limits.Keep {
			j.finish(g, emit, nil)
		}
		g = next
	}
}

// Flush emits everything that is held: spans, and lines that belong to none. loose may be nil.
func (j *Joiner) Flush(emit func(event.Span), loose func(Log)) {
	for j.oldest != nil {
		j.finish(j.oldest, emit, loose)
	}
}

// finish makes spans of a group and forgets it.
func (j *Joiner) finish(g *group, emit func(event.Span), loose func(Log)) {
	j.unlink(g)
	delete(j.groups, g.key)
	for i := range g.records {
		j.bytes -= g.records[i].size
	}
	slices.SortStableFunc(g.records, func(a, b Record) int {
		return cmp.Or(cmp.Compare(a.time, b.time), strings.Compare(a.Span.ID, b.Span.ID))
	})
	main := g.main()
	if main == nil {
		for i := range g.records {
			if rec := &g.records[i]; loose != nil {
				loose(Log{rec.Span.TraceID, rec.Span.SpanID, rec.Span.Service, rec.Span.Host, rec.log()})
			}
		}
		return
	}
	g.gather(main, emit)
}

// main is the record that tells the extent of the span: the longest with a duration, or one made of beginning and end.
func (g *group) main() *Record {
	var main *Record
	for i := range g.records {
		if rec := &g.records[i]; rec.phase == whole && (main == nil || rec.Span.Duration > main.Span.Duration) {
			main = rec
		}
	}
	if main != nil {
		return main
	}
	return g.pair()
}

// pair joins the first beginning with the last end. Where a Jaeger client reported the span, its first line is its
// beginning, whatever that says.
func (g *group) pair() *Record {
	var first, last *Record
	for i := range g.records {
		rec := &g.records[i]
		if rec.phase == opens && first == nil {
			first = rec
		}
		if rec.phase == closes && (rec.reported || first != nil) {
			last = rec
		}
	}
	if last == nil {
		return nil
	}
	if first == nil {
		first = &g.records[0]
	}
	last.Span.Start = first.time
	last.Span.Duration = max(0, last.time-first.time)
	last.Span.Origin = event.FromPair
	if last.named == "" {
		if last.reported { // all that the client says of the span is its ids
			last.Span.Name = first.Span.Name
		}
		last.Span.Name = withoutPhase(last.Span.Name)
	}
	return last
}

// withoutPhase is a name less the word that says that something began or ended.
func withoutPhase(name string) string {
	words := strings.Fields(name)
	if n := len(words) - 1; n > 0 && phaseOf(words[n]) != notes {
		words = words[:n]
	}
	if len(words) > 1 && phaseOf(words[0]) != notes {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

// gather emits the span of main with everything that the other lines say of it.
func (g *group) gather(main *Record, emit func(event.Span)) {
	s := &main.Span
	for i := range g.records {
		rec := &g.records[i]
		if rec == main {
			continue
		}
		if rec.phase == whole && !sameWork(s, &rec.Span) {
			rec.inside(s)
			emit(rec.Span)
			rec.emitBehind(emit)
			continue
		}
		s.Lines += rec.Span.Lines
		fillFrom(s, rec)
	}
	slices.SortStableFunc(s.Logs, func(a, b event.SpanLog) int { return cmp.Compare(a.Time, b.Time) })
	s.Logs = s.Logs[:min(len(s.Logs), maxLogs)]
	emit(*s)
	main.emitBehind(emit)
}

// maxLogs bounds the lines of one span.
const maxLogs = 1000

// sameWork reports whether two lines tell of the same work: they last as long and lie together.
func sameWork(a, b *event.Span) bool {
	slack := max(a.Duration/100, 1_000_000)
	return a.Service == b.Service && a.Duration-b.Duration <= slack && max(a.Start, b.Start)-min(a.Start, b.Start) <= max(2*slack, a.Duration/10)
}

// inside makes the record a span of its own within s.
func (rec *Record) inside(s *event.Span) {
	rec.Span.ParentID, rec.Span.Origin = s.SpanID, event.FromInside
	rec.Span.SpanID = deriveID(rec.Span.ID)
}

// emitBehind emits what a proxy measured of the servers behind it.
func (rec *Record) emitBehind(emit func(event.Span)) {
	for i, child := range rec.behind {
		child.ParentID = rec.Span.SpanID
		child.SpanID = deriveID(rec.Span.ID, "upstream", strconv.Itoa(i))
		emit(child)
	}
}
