package cause

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
)

const (
	maxSingles   = 1000   // lines with a duration that name no trace, of each bin: they are kept
	maxServices  = 1000   // whose lines are counted
	maxDocuments = 10_000 // that are read of each of the slices that the time is divided into
	parts        = bins / 2
	maxAlerts    = 20
)

// Study gathers documents and traces around a time. It belongs to one goroutine.
type Study struct {
	Options
	from, to   int64
	reader     reader
	alone      trace.Reader
	singles    []studied
	traces     []studied
	versions   versions
	statements *statements
	documents  [bins]float64
	lines      map[string]*[bins]float64 // by service
	singled    [bins]int
	alerts     []Alert
	sampled    bool
	crowded    bool // there were more operations than are told apart
	skipped    bool // there were more singles than are kept
	warnings   []string
}

// studied is a trace; alone are lines that name none, each a trace of its own.
type studied struct {
	*trace.Trace
	alone bool
}

// NewStudy begins a study.
func NewStudy(o Options) *Study {
	return &Study{Options: o, from: o.At.Add(-o.Window).UnixNano(), to: o.At.Add(o.Window).UnixNano(), reader: newReader(),
		alone: trace.Reader{Alone: true}, statements: newStatements(), lines: map[string]*[bins]float64{}}
}

// From is the beginning of the time that is looked at, and To its end.
func (s *Study) From() time.Time { return s.At.Add(-s.Window) }

// To is the end of the time that is looked at.
func (s *Study) To() time.Time { return s.At.Add(s.Window) }

// Document takes in a document with its _id; weight is how many it stands for. Those of other times do not count. The document may
// change when the call is over.
func (s *Study) Document(id string, document []byte, weight float64) {
	d, ok := s.reader.read(document)
	if !ok || d.at < s.from || d.at >= s.to {
		return
	}
	if d.alert {
		s.alert(&d)
		return
	}
	bin := min(int(float64(d.at-s.from)/float64(s.to-s.from)*bins), bins-1)
	s.documents[bin] += weight
	s.count(d.service, bin, weight)
	version := d.said()
	started, is := startedAs(d.message)
	if is {
		version = cmp.Or(version, started)
	}
	s.versions.add(&d, version, is)
	if d.message != "" || d.templateID != "" {
		s.statements.add(&d, bin, weight)
	}
	if d.timed && d.traceID == "" {
		if s.skipped = s.skipped || s.singled[bin] == maxSingles; s.singled[bin] < maxSingles {
			s.singled[bin]++
			s.single(id, document)
		}
	}
}

// count counts a line of a service.
func (s *Study) count(service string, bin int, weight float64) {
	lines := s.lines[service]
	if lines == nil {
		if len(s.lines) == maxServices {
			return
		}
		lines = new([bins]float64)
		s.lines[service] = lines
	}
	lines[bin] += weight
}

// single takes in a line that tells a duration and no trace.
func (s *Study) single(id string, document []byte) {
	rec, ok, err := s.alone.Read(id, document)
	if err != nil || !ok || rec.Span.TraceID != "" {
		return
	}
	rec.Slim()
	rec.Single(func(span event.Span) {
		s.singles = append(s.singles, studied{trace.Assemble([]event.Span{span}, nil), true})
	})
}

// alert takes in a finding, by the time at which what it found began. That it is over is no finding.
func (s *Study) alert(d *fields) {
	if d.action == "resolved" {
		return
	}
	s.alerts = append(s.alerts, Alert{time.Unix(0, cmp.Or(d.start, d.at)).UTC(), d.rule, d.service, clip(d.message)})
	slices.SortStableFunc(s.alerts, func(a, b Alert) int { return b.Time.Compare(a.Time) })
	s.alerts = s.alerts[:min(len(s.alerts), maxAlerts)]
}

// Traces takes in the traces, in order of their start; complete is false when there were more than could be held.
func (s *Study) Traces(all []*trace.Trace, complete bool) {
	for _, t := range all {
		if t.Start >= s.from && t.Start < s.to {
			s.traces = append(s.traces, studied{t, false})
		}
	}
	if !complete {
		s.warnings = append(s.warnings, fmt.Sprintf("there are more than %d lines of traces; choose a shorter window", search.MaxSpans))
	}
}

// Read reads everything from a source. An error that came together with documents or traces is a warning in the report.
func (s *Study) Read(ctx context.Context, source search.Source) error {
	all, complete, err := source.Traces(ctx, s.From(), s.To())
	if err != nil && len(all) == 0 {
		return err
	}
	s.warn(err)
	s.Traces(all, complete)
	step := s.To().Sub(s.From()) / parts
	for i := range time.Duration(parts) {
		slice := search.Selection{From: s.From().Add(i * step), To: s.From().Add((i + 1) * step)}
		if i == parts-1 {
			slice.To = s.To()
		}
		if err := s.slice(ctx, source, slice); err != nil {
			return err
		}
	}
	return nil
}

func (s *Study) warn(err error) {
	if err != nil && !slices.Contains(s.warnings, err.Error()) {
		s.warnings = append(s.warnings, err.Error())
	}
}

// slice reads a part of the time: all of it, or the latest maxDocuments of it, which then stand for the others.
func (s *Study) slice(ctx context.Context, source search.Source, slice search.Selection) error {
	page, err := source.Search(ctx, search.Request{Selection: slice, Limit: maxDocuments})
	if err != nil && len(page.Hits) == 0 {
		return err
	}
	s.warn(err)
	weight := 1.0
	if page.Next != nil {
		bars, err := source.Histogram(ctx, slice, slice.To.Sub(slice.From))
		if err != nil && len(bars) == 0 {
			return err
		}
		sum := int64(0)
		for _, b := range bars {
			sum += b.Count
		}
		weight = max(1, float64(sum)/float64(len(page.Hits)))
		s.sampled = s.sampled || weight > 1
	}
	for i := range page.Hits {
		s.Document(page.Hits[i].ID, page.Hits[i].Document, weight)
	}
	return ctx.Err()
}

// Report ranks what changed. It may be asked for once.
func (s *Study) Report() (Report, error) {
	if s.Window <= 0 {
		return Report{}, errors.New("the window must be longer than 0")
	}
	all := slices.Concat(s.traces, s.singles)
	slices.SortStableFunc(all, func(a, b studied) int { return cmp.Compare(a.Start, b.Start) })
	split := s.At.UnixNano()
	r := s.rank(all, split)
	if at, ok := s.moved(&r, split); ok {
		r = s.rank(all, at)
	}
	r.Alerts = append([]Alert{}, s.alerts...)
	if s.sampled {
		s.warnings = append(s.warnings, fmt.Sprintf("there are too many documents to read all: of each %s, the latest %d stand for the others",
			(s.To().Sub(s.From())/parts).Round(time.Millisecond), maxDocuments))
	}
	if s.statements.left > 0 {
		s.warnings = append(s.warnings, fmt.Sprintf("lines that are of none of the %d templates that are counted: %d", maxTemplates, s.statements.left))
	}
	if s.crowded {
		s.warnings = append(s.warnings, fmt.Sprintf("there are more than %d operations; the others were not compared", maxOperations))
	}
	if s.skipped {
		s.warnings = append(s.warnings, fmt.Sprintf("there are too many lines with a duration and no trace to compare all: of each %s, %d were", (s.To().Sub(s.From())/bins).Round(time.Millisecond), maxSingles))
	}
	r.Warnings = s.warnings
	return r, nil
}

// moved is when what stands first began, if that is so far from where the baseline was taken to end that it makes a difference, and
// near enough to leave something on either side. Lines begin and end all the time: they count only when there is nothing else.
func (s *Study) moved(r *Report, split int64) (at int64, ok bool) {
	first := slices.IndexFunc(r.Causes, func(c Cause) bool { return c.Kind != Template })
	if len(r.Causes) == 0 {
		return 0, false
	}
	at = r.Causes[max(first, 0)].Since.UnixNano()
	far := max(at-split, split-at)
	return at, far > (s.to-s.from)/bins/10 && far < int64(s.Window)*2/3
}
