package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	fewestBefore  = 20  // lines of a service, for its silence to mean something
	nextToNothing = 0.1 // of the lines to expect: a service that writes more is not silent
	perhaps       = 0.8 // of the score of a failure that a silence may be the reason of
	silentWeight  = 0.3 // of a silence that nobody failed for: perhaps nobody called
)

// silent are services that write next to nothing any more. Failures of calls of them are parts of that.
func (s *Study) silent(w *walk, spans []*candidate, bin int) []*candidate {
	begin, end := s.bin(s.begin()), s.bin(s.end())
	if end <= bin || begin >= bin {
		return nil
	}
	var all []*candidate
	for service, lines := range s.lines {
		was, is, last := 0.0, 0.0, 0
		for i, n := range lines {
			if i < bin {
				was += n
			} else {
				is += n
			}
			if n > 0 && n >= nextToNothing*was/float64(max(i-begin, 0)+1) {
				last = i
			}
		}
		expected := was * float64(end-bin) / float64(bin-begin)
		z := surplus(expected, is, 1)
		if was < fewestBefore || is > nextToNothing*expected || z < beyond(len(s.lines)) || !s.concerns(w)(service) {
			continue
		}
		g := &group{candidate: &candidate{}}
		g.Cause = Cause{Kind: Silent, Service: service, Since: time.Unix(0, s.from+(s.to-s.from)/bins*int64(last+1)).UTC(),
			Text:     fmt.Sprintf("writes next to nothing any more: %s → %s lines", whole(was), whole(is)),
			Measures: []Measure{{"lines", PerMinute, was / s.minutes(bin-begin), is / s.minutes(end-bin), [2]int{int(was), int(is)}}}}
		g.Score = silentWeight * certainty(z)
		for _, m := range spans {
			switch {
			case m.Kind != Errors || m.Service == service:
			case m.op.peer != "" && (m.op.callee() == service || m.op.peer == service): // the call itself failed
				g.Score = max(g.Score, min(0.98, 1.05*m.Score))
				g.take(m, m.Service+" "+m.Operation+" ")
				m.Score *= partOfIt
			case m.op.below[service] > 0: // who called it failed, perhaps for another reason and before
				g.Score = max(g.Score, perhaps*m.Score)
			}
		}
		all = append(all, g.candidate)
	}
	slices.SortFunc(all, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Service, b.Service))
	})
	return all
}

// minutes is how long so many bins are.
func (s *Study) minutes(n int) float64 {
	return time.Duration((s.to - s.from) / bins * int64(n)).Minutes()
}
