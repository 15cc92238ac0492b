package detect

import (
	"maps"
	"slices"
	"sync"
)

// view is what others may ask of the Engine at any time.
type view struct {
	sync.Mutex
	recent  []Finding // in the order in which they began
	counted map[Counted]int64
}

// Counted is what findings are counted by.
type Counted struct{ Rule, Service string }

const (
	mostRecent  = 200
	mostCounted = 300 // services and rules with a count of their own; what is beyond is counted as of the service Other
)

// Other stands for services beyond those that have counts.
const Other = "other"

// tell shows a finding to everybody.
func (e *Engine) tell(f *Finding) {
	e.told.Store(true)
	e.view.show(f)
	if f.Over.IsZero() {
		e.view.count(f)
	}
	if e.Found != nil {
		copied := *f
		e.Found(&copied)
	}
}

// show puts a finding in the place of what it was before.
func (v *view) show(f *Finding) {
	v.Lock()
	defer v.Unlock()
	if i := slices.IndexFunc(v.recent, func(o Finding) bool { return o.ID == f.ID }); i >= 0 {
		v.recent[i] = *f
		return
	}
	if v.recent = append(v.recent, *f); len(v.recent) > mostRecent {
		v.recent = slices.Delete(v.recent, 0, 1)
	}
}

func (v *view) count(f *Finding) {
	v.Lock()
	defer v.Unlock()
	if v.counted == nil {
		v.counted = map[Counted]int64{}
	}
	key := Counted{f.Rule.String(), f.Service}
	if _, is := v.counted[key]; !is && len(v.counted) >= mostCounted {
		key.Service = Other
	}
	v.counted[key]++
}

// Recent are the last findings, in the order in which they began. They must not be changed.
func (e *Engine) Recent() []Finding {
	e.view.Lock()
	defer e.view.Unlock()
	return slices.Clone(e.view.recent)
}

// Counts are the findings since the start by rule and service, of a bounded number of services.
func (e *Engine) Counts() map[Counted]int64 {
	e.view.Lock()
	defer e.view.Unlock()
	return maps.Clone(e.view.counted)
}

// Watched is how many series there are.
func (e *Engine) Watched() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.series)
}
