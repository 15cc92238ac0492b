package detect

import "time"

// Lines of a minute that may come late, and its counts are taken for whole: so many, or one of so many.
const (
	fewLate   = 10
	fewLateOf = 20
)

// service is what is known of one service. It belongs to the Engine's goroutine, but for its list of series.
type service struct {
	name    string
	all     *series
	series  []*series // of its templates
	started bool
	resumed bool // its state is from an earlier run, and what came in between is unknown
	live    bool // its lines are of now, so that silence is known from the clock

	head    int64 // the newest time
	sealed  int64 // the last window that is over
	ahead   int   // lines in a row that jumped
	late    uint32
	watched int64 // Unix nanoseconds since when nothing was missed: there is no silence before
	learned int   // minutes
	review  int   // minutes until findings are possible again after too many lines came late

	incidents []*incident
	over      []pastIncident
	novel     float64 // findings of new templates, of which half fade in six hours
}

func (svc *service) start(w int64) {
	svc.started, svc.sealed, svc.head = true, w-1, w*window
}

// skip goes on behind a window as if there had been none before: nobody knows what came.
func (svc *service) skip(w int64) {
	if w <= svc.sealed {
		return
	}
	gap := w - svc.sealed
	svc.sealed, svc.resumed = w, false
	for s := range svc.each {
		s.recent, s.minutes, s.minute, s.streak = [long]counts{}, [minutesKept]counts{}, counts{}, [ruleCount]uint8{}
		if gap > openWindows {
			s.open = [openWindows]counts{}
		}
		s.unknown(int(min(gap/perMinute, historyMinutes)))
		s.beats = beats{}
	}
	svc.watched = (w + 1) * window
	svc.review = max(svc.review, reviewMinutes)
}

// each yields all series.
func (svc *service) each(yield func(*series) bool) {
	if !yield(svc.all) {
		return
	}
	for _, s := range svc.series {
		if !yield(s) {
			return
		}
	}
}

// seal ends a window of a service, and asks what is unusual.
func (e *Engine) seal(svc *service, w int64) {
	svc.sealed = w
	for s := range svc.each {
		s.seal(w)
	}
	if (w+1)%perMinute == 0 {
		svc.endMinute((w + 1) * window)
	}
	if time.Duration(svc.learned)*time.Minute < e.Learning {
		for s := range svc.each {
			s.old = true
		}
		return
	}
	if svc.review > 0 {
		for _, in := range svc.incidents {
			in.active = (w + 1) * window // nobody knows
		}
		return
	}
	e.judge(svc, w)
}

// endMinute ends a minute. When many lines came too late to be counted, as while old files are read side by side, the counts
// say nothing.
func (svc *service) endMinute(at int64) {
	known := svc.late <= fewLate || svc.late <= svc.all.minute.Lines/fewLateOf
	if !known {
		svc.review = reviewMinutes
	} else if svc.review > 0 {
		svc.review--
	}
	svc.late = 0
	svc.learned++
	svc.novel *= novelFading
	for s := range svc.each {
		s.endMinute(at, known, known && !svc.concerned(s))
	}
}

// concerned reports whether something was found in the series that is not over.
func (svc *service) concerned(s *series) bool {
	for _, in := range svc.incidents {
		if s == svc.all || in.has(s) {
			return true
		}
	}
	return false
}
