package search

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/ship/local"
	"github.com/tailspan/tailspan/pkg/trace"
)

// localSource asks the embedded store.
type localSource struct{ reader *local.Reader }

func (*localSource) Name() string { return "local" }

func (*localSource) Close() error { return nil }

func question(s Selection) local.Question {
	return local.Question{Query: s.Query, From: s.From, To: s.To}
}

func (l *localSource) Search(ctx context.Context, r Request) (Page, error) {
	var after *local.Place
	if r.After != nil {
		place := local.Place(*r.After)
		after = &place
	}
	limit := bounded(r.Limit)
	hits, err := l.reader.Search(ctx, question(r.Selection), after, limit+1)
	page := Page{Hits: []Hit{}}
	for i, h := range hits {
		if i == limit {
			next := Cursor(hits[i-1].Place)
			page.Next = &next
			break
		}
		page.Hits = append(page.Hits, hitOf(h))
	}
	return page, err
}

// bounded is a limit within what is allowed.
func bounded(limit int) int { return min(max(limit, 1), MaxLimit) }

func hitOf(h local.Hit) Hit {
	return Hit{ID: h.ID, Time: h.Place.Time, Document: json.RawMessage(h.Document)}
}

func (l *localSource) Document(ctx context.Context, id string) (hit Hit, ok bool, err error) {
	h, err := l.reader.Document(ctx, id)
	return hitOf(h), h.ID != "", err
}

func (l *localSource) Histogram(ctx context.Context, s Selection, step time.Duration) ([]Bar, error) {
	step = max(step, time.Millisecond)
	bars := map[int64]*Bar{}
	err := l.reader.Histogram(ctx, question(s), step, func(from int64, level string, count int64) {
		b := bars[from]
		if b == nil {
			b = &Bar{From: time.Unix(0, from).UTC(), Levels: map[string]int64{}}
			bars[from] = b
		}
		b.Count += count
		b.Levels[level] += count
	})
	all := []Bar{}
	for _, b := range bars {
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b Bar) int { return a.From.Compare(b.From) })
	return all, err
}

func (l *localSource) Top(ctx context.Context, s Selection, field string, limit int) (Top, error) {
	if err := countable(field); err != nil {
		return Top{}, err
	}
	top := Top{Values: []Count{}}
	counts := map[string]int64{}
	err := l.reader.Values(ctx, question(s), field, func(value string, missing bool, count int64) {
		if missing {
			top.Missing += count
		} else {
			counts[value] += count
		}
	})
	for value, count := range counts {
		top.Values = append(top.Values, Count{value, count})
	}
	slices.SortFunc(top.Values, func(a, b Count) int { return cmp.Or(cmp.Compare(b.Count, a.Count), strings.Compare(a.Value, b.Value)) })
	limit = bounded(limit)
	for _, c := range top.Values[min(limit, len(top.Values)):] {
		top.Others += c.Count
	}
	top.Values = top.Values[:min(limit, len(top.Values))]
	return top, err
}

func (l *localSource) Trace(ctx context.Context, id string) (*trace.Trace, error) {
	return ReadTrace(id, func(visit Visit) error { return l.reader.Trace(ctx, id, visit) })
}

func (l *localSource) Traces(ctx context.Context, from, to time.Time) ([]*trace.Trace, bool, error) {
	return ReadTraces(from, to, func(visit Visit) error { return l.reader.Traced(ctx, from, to, visit) })
}

func (l *localSource) Services(ctx context.Context, s Selection, step time.Duration) ([]Service, error) {
	step = max(step, time.Millisecond)
	all := tally{}
	err := l.reader.Timings(ctx, question(s), failures, func(t local.Timing) {
		at := all.at(t.Service, t.Time/int64(step)*int64(step))
		at.point.Count++
		if t.Failed {
			at.point.Errors++
		}
		if t.Timed {
			at.point.Timed++
			at.durations = append(at.durations, t.Duration)
		}
	})
	return all.services(), err
}
