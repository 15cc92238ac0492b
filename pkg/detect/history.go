package detect

import "math"

// historyMinutes is how far back the recent past goes that a series is compared with.
const historyMinutes = 120

// unknown stands for the lines of a minute that is not to be compared with: nobody counted, or something was found in it.
const unknown = math.MaxUint32

// minute is what came in one.
type minute struct{ Lines, Failed uint32 }

// history is the last minutes of a series.
type history struct {
	ring [historyMinutes]minute
	next int // where the next one goes
}

func newHistory() *history {
	h := new(history)
	h.forget(historyMinutes)
	return h
}

func (h *history) push(m minute) {
	h.ring[h.next] = m
	h.next = (h.next + 1) % historyMinutes
}

// ago is the minute that ended i minutes before the last one.
func (h *history) ago(i int) *minute {
	return &h.ring[(h.next-1-i+2*historyMinutes)%historyMinutes]
}

// forget makes the last n minutes unknown.
func (h *history) forget(n int) {
	for i := range min(n, historyMinutes) {
		*h.ago(i) = minute{Lines: unknown}
	}
}

// baseline is what the past of a series is like.
type baseline struct {
	minutes, lines, failed float64
	dispersion             float64 // variance of the lines by their mean: 1 for lines that come independently
	failedDispersion       float64 // the same of the failed ones, given the lines
}

// rate is in lines a minute.
func (b *baseline) rate() float64 { return b.lines / max(b.minutes, 1) }

// baseline looks at the minutes before the last so many. What lines scatter is of sums of group minutes, and of minutes that are longer
// ago when there are enough of them: what is unusual now must not hide in it.
func (h *history) baseline(leaving, group int) baseline {
	b := h.levels(leaving)
	calm := leaving
	if calm < minutesKept && h.levels(minutesKept).minutes >= leastCalm {
		calm = minutesKept
	}
	b.dispersion, b.failedDispersion = h.dispersion(calm, group), 1
	if b.failed > 0 && b.failed < b.lines {
		b.failedDispersion = max(1, h.failedDispersion(calm, b.failed/b.lines))
	}
	return b
}

// leastCalm is how many minutes tell what lines scatter.
const leastCalm = 30

func (h *history) levels(leaving int) (b baseline) {
	for i := leaving; i < historyMinutes; i++ {
		if m := h.ago(i); m.Lines != unknown {
			b.minutes++
			b.lines += float64(m.Lines)
			b.failed += float64(m.Failed)
		}
	}
	return b
}

// dispersion is the variance of sums of group minutes by their mean, at least 1.
func (h *history) dispersion(leaving, group int) float64 {
	var sums, squares, groups, sum float64
	in := 0
	for i := leaving; i < historyMinutes; i++ {
		m := h.ago(i)
		if m.Lines == unknown {
			sum, in = 0, 0
			continue
		}
		if sum, in = sum+float64(m.Lines), in+1; in == group {
			sums, squares, groups = sums+sum, squares+sum*sum, groups+1
			sum, in = 0, 0
		}
	}
	if groups < 2 || sums == 0 {
		return 1
	}
	mean := sums / groups
	return max(1, (squares/groups-mean*mean)*groups/(groups-1)/mean)
}

// failedDispersion is by how much more the failed lines of a minute scatter than if each failed with the probability p.
func (h *history) failedDispersion(leaving int, p float64) float64 {
	total, minutes := 0.0, 0.0
	for i := leaving; i < historyMinutes; i++ {
		m := h.ago(i)
		if m.Lines == unknown || m.Lines == 0 {
			continue
		}
		n := float64(m.Lines)
		off := float64(m.Failed) - n*p
		total, minutes = total+off*off/max(n*p*(1-p), 0.5), minutes+1
	}
	return total / max(minutes, 1)
}
