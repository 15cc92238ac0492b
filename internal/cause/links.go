package cause

import (
	"cmp"
	"slices"

	"github.com/tailspan/tailspan/pkg/trace"
)

// shadow is what is left of a candidate that another one explains: it is there all the same.
const shadow = 0.05

// maxLinked is how many candidates are held against each other: the ones with the highest scores.
const maxLinked = 64

// explain lowers candidates whose spans show another candidate below them, by the share of their spans that do and no more than that
// other's score: what is slight explains only what is slight.
func explain(all []*candidate, traces []studied) {
	linked := slices.DeleteFunc(slices.Clone(all), func(c *candidate) bool { return c.is == nil })
	slices.SortStableFunc(linked, func(a, b *candidate) int { return cmp.Compare(b.Score, a.Score) })
	linked = linked[:min(len(linked), maxLinked)]
	l := links{all: linked, at: map[place][]int{}}
	for i, c := range linked {
		l.at[c.op.place] = append(l.at[c.op.place], i)
	}
	for _, t := range traces {
		l.walk(t.Trace)
	}
	was := make([]float64, len(linked))
	for i, c := range linked {
		was[i] = c.Score
	}
	for i := range linked {
		for j := range linked {
			if l.shown[i] > 0 { // it is the same change, which is as bad as it shows at its worst
				was[j] = max(was[j], linked[i].Score*float64(l.same[i][j])/float64(l.shown[i]))
			}
		}
	}
	for i, c := range linked {
		most := 0.0
		for j := range linked {
			if l.shown[i] > 0 {
				most = max(most, min(was[i], was[j])*float64(l.links[i][j])/float64(l.shown[i]))
			}
		}
		c.Score = max(was[i]-most, shadow*was[i])
	}
}

// links counts for each candidate how many spans show it, and how many of those have another one below them.
type links struct {
	all   []*candidate
	at    map[place][]int
	shown [maxLinked]int
	links [maxLinked][maxLinked]int
	same  [maxLinked][maxLinked]int // of them, those that the other one is only another side of
}

// set is candidates, by number.
type set uint64

func (l *links) walk(t *trace.Trace) {
	below := make(map[*trace.Node]set) // what is shown below a span, and by itself once it was its turn
	stack := slices.Clone(t.Roots)
	var down []*trace.Node // parents before children
	for len(stack) > 0 {
		n := stack[len(stack)-1]
		stack = append(stack[:len(stack)-1], n.Children...)
		down = append(down, n)
	}
	for _, n := range slices.Backward(down) {
		own := set(0)
		for _, i := range l.at[place{n.Service, n.Name}] {
			if l.all[i].is(n) {
				own |= 1 << i
			}
		}
		if own != 0 {
			l.count(n, own, below[n])
		}
		if up := below[n] | own; n.Parent != nil && up != 0 {
			below[n.Parent] |= up
		}
		delete(below, n)
	}
}

// count takes in a span that shows the candidates own, and has others below it.
func (l *links) count(n *trace.Node, own, below set) {
	for i := range l.all {
		if own&(1<<i) == 0 {
			continue
		}
		l.shown[i]++
		for j := range l.all {
			switch {
			case j == i:
			case below&(1<<j) != 0:
				l.links[i][j]++
			case own&(1<<j) != 0 && l.first(n, j, i):
				l.links[i][j]++
				if l.all[j].Kind != Slow {
					l.same[i][j]++
				}
			}
		}
	}
}

// first reports whether of two candidates that one span shows the first is what the second comes of. What takes too long fails for
// that reason. A call that failed is made again; but when what it called did its work, giving up and calling again are the
// caller's own doing.
func (l *links) first(n *trace.Node, one, other int) bool {
	a, b := l.all[one].Kind, l.all[other].Kind
	repeats := func(k Kind) bool { return k == Retries || k == Calls }
	switch {
	case a == Slow && b == Errors:
		return true
	case a == Errors && repeats(b):
		return !answered(n)
	case repeats(a) && b == Errors:
		return answered(n)
	case repeats(a) && b == Slow, a == Slow && repeats(b):
		return repeats(b)
	}
	return false
}

// answered reports whether something that the span called did its work.
func answered(n *trace.Node) bool {
	return slices.ContainsFunc(n.Children, func(c *trace.Node) bool { return !c.Failed })
}
