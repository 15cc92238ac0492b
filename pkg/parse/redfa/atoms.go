package redfa

import "slices"

// Atomic groups, (?>X): once X has matched, its other ways to match are given up, whatever follows. A thread that has
// finished X is therefore only provisional as long as threads that are preferred to it are still inside: if one of
// them finishes X later, it takes the place of everything behind it that belongs to this entry into the group.
//
// An entry into a group is an instance; it has a number. The trail of a thread is the list of instances it belongs to,
// outermost first, each with whether the thread is still inside. The threads of an instance stand side by side in the
// list of threads, those inside before those that have finished. Finishing cuts what follows of the instance, as a
// match of the whole expression cuts all that follows.
//
// A thread may finish a group while it is itself provisional in a group within. Then the finish is provisional too: it
// cuts nothing yet, and a witness stays behind the thread's continuation. It is a thread inside the group that does
// nothing but finish it, without continuation, once no thread preferred to it can cut it from within; until then the
// other ways through the group go on, less preferred. A match of the whole expression is provisional in the same way.
//
// Without atomic groups a node needs to be explored once for each step: the most preferred thread decides. With them a
// thread that comes second may be dropped if the instances of the first are among its own: whatever cuts the first cuts
// the second, and where the second would finish a group and cut, the first, inside the same instance or an outer one,
// finishes and cuts at the same moment. Otherwise both stay. Two instances that stand in the same place and whose
// threads are the same, one by one, live and die in the same way, so the second is dropped; this is what keeps the list
// short where a group is entered anew at every position.

// That list is not short for every expression one can think of: groups within groups within loops can make instances
// that all differ. So the number of threads is bounded; where the bound is hit the Matcher gives up on the line and
// says so. Expressions without atomic groups, or whose groups could be rewritten, never come near: their threads are
// bounded by the nodes of the program.

func maxThreads(p *prog) int { return 4*len(p.nodes) + 64 }

// trails holds the trail of each thread of a kernel.
type trails struct {
	ends  []int32 // of each trail, in items
	items []int32 // instance<<1, +1 if the thread is inside
}

func (t *trails) reset() { t.ends, t.items = t.ends[:0], t.items[:0] }

func (t *trails) add(trail []int32) {
	t.items = append(t.items, trail...)
	t.ends = append(t.ends, int32(len(t.items)))
}

// of returns the trail of thread i.
func (t *trails) of(i int) []int32 {
	from := int32(0)
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.items[from:t.ends[i]]
}

// link is one element of a trail during a step; up leads outwards.
type link struct {
	up       int32
	instance int32
	inside   bool
	kept     bool // the thread is the one that finished the instance in this step
}

// visit is a trail with which a node was explored in this step.
type visit struct{ trail, next int32 }

// atoms is the scratch for the trails of a step.
type atoms struct {
	links       []link
	finished    []bool // by instance: finished in this step
	visits      []visit
	seen, added []int32 // first visit of each node
	next        []int32 // trails of the threads of the next kernel
	path        []int32 // scratch
	number      []int32 // scratch: new number of an instance + 1
	open        []bool  // scratch: some thread is inside the instance
	drop        []bool  // scratch: threads to drop
	same, back  []int32 // scratch: instances of one block in terms of another's, + 1, and the other way
}

func (a *atoms) init(p *prog) {
	if p.atomic {
		a.seen, a.added = make([]int32, len(p.nodes)), make([]int32, len(p.nodes))
	}
}

func (a *atoms) begin(from *kernel) {
	a.links, a.visits, a.next = a.links[:0], a.visits[:0], a.next[:0]
	n := int32(0)
	for _, item := range from.trails.items {
		n = max(n, item>>1+1)
	}
	a.finished = append(a.finished[:0], make([]bool, n)...)
}

// load makes links of a kernel's trail and returns the innermost, or none.
func (a *atoms) load(trail []int32) int32 {
	at := none
	for _, item := range trail {
		at = a.link(link{up: at, instance: item >> 1, inside: item&1 != 0})
	}
	return at
}

func (a *atoms) link(l link) int32 {
	a.links = append(a.links, l)
	return int32(len(a.links) - 1)
}

// enter returns the trail of a thread that enters a group.
func (a *atoms) enter(trail int32) int32 {
	a.finished = append(a.finished, false)
	return a.link(link{up: trail, instance: int32(len(a.finished) - 1), inside: true})
}

// leave returns the trail of a thread that finishes the innermost group it is in. If the finish is final, it cuts what
// follows.
func (a *atoms) leave(trail int32) (after int32, final bool) {
	a.path = a.path[:0]
	for !a.links[trail].inside {
		a.path = append(a.path, trail)
		trail = a.links[trail].up
	}
	l := a.links[trail]
	final = a.settled(a.path)
	if final {
		a.finished[l.instance] = true
	}
	l.inside, l.kept = false, final
	at := a.link(l)
	for _, inner := range slices.Backward(a.path) {
		l := a.links[inner]
		l.up = at
		at = a.link(l)
	}
	return at, final
}

// settled reports whether no thread preferred to the present one is inside one of the instances.
func (a *atoms) settled(links []int32) bool {
	for _, at := range links {
		instance := a.links[at].instance
		for _, trail := range a.next {
			for ; trail != none; trail = a.links[trail].up {
				if l := &a.links[trail]; l.instance == instance && l.inside {
					return false
				}
			}
		}
	}
	return true
}

// certain reports whether nothing can cut a thread any more.
func (a *atoms) certain(trail int32) bool {
	a.path = a.path[:0]
	for ; trail != none; trail = a.links[trail].up {
		a.path = append(a.path, trail)
	}
	return a.settled(a.path)
}

// cut reports whether one of the thread's groups was finished by a thread preferred to it.
func (a *atoms) cut(trail int32) bool {
	for ; trail != none; trail = a.links[trail].up {
		if l := &a.links[trail]; a.finished[l.instance] && !l.kept {
			return true
		}
	}
	return false
}

// known reports whether a thread preferred to this one, of instances among its own, was at the node in this step. If
// not, it notes the visit.
func (a *atoms) known(stamp *uint32, now uint32, first []int32, pc, trail int32) bool {
	next := none
	if *stamp == now {
		next = first[pc]
		for v := next; v != none; v = a.visits[v].next {
			if a.among(a.visits[v].trail, trail) {
				return true
			}
		}
	}
	*stamp = now
	first[pc] = int32(len(a.visits))
	a.visits = append(a.visits, visit{trail, next})
	return false
}

// among reports whether the instances of trail x are all in trail y.
func (a *atoms) among(x, y int32) bool {
	for ; x != none; x = a.links[x].up {
		i := y
		for i != none && a.links[i].instance != a.links[x].instance {
			i = a.links[i].up
		}
		if i == none {
			return false
		}
	}
	return true
}

// finish writes the trails of the next kernel: instances no thread is inside of any more are forgotten, the others are
// numbered in the order in which they appear, and instances that repeat an earlier one are dropped with their threads.
func (a *atoms) finish(to *kernel, slots int) {
	a.open = append(a.open[:0], make([]bool, len(a.finished))...)
	for _, trail := range a.next {
		for ; trail != none; trail = a.links[trail].up {
			l := &a.links[trail]
			a.open[l.instance] = a.open[l.instance] || l.inside
		}
	}
	instances := a.write(&to.trails)
	if instances > 1 && a.dropRepeated(to) {
		a.remove(to, slots)
	}
}

// write writes the trails and returns the number of instances.
func (a *atoms) write(to *trails) int32 {
	a.number = append(a.number[:0], make([]int32, len(a.finished))...)
	n := int32(0)
	for _, trail := range a.next {
		a.path = a.path[:0]
		for ; trail != none; trail = a.links[trail].up {
			if a.open[a.links[trail].instance] {
				a.path = append(a.path, trail)
			}
		}
		for _, at := range slices.Backward(a.path) {
			l := &a.links[at]
			if a.number[l.instance] == 0 {
				n++
				a.number[l.instance] = n
			}
			to.items = append(to.items, (a.number[l.instance]-1)<<1|int32(b2i(l.inside)))
		}
		to.ends = append(to.ends, int32(len(to.items)))
	}
	return n
}

// dropRepeated marks the threads of instances that repeat an earlier one.
func (a *atoms) dropRepeated(k *kernel) bool {
	a.drop = append(a.drop[:0], make([]bool, len(k.pcs))...)
	dropped := false
	for j := 1; j < len(k.pcs); j++ {
		for depth := range k.trails.of(j) {
			if a.drop[j] || !startsBlock(&k.trails, j, depth) {
				continue
			}
			for i := range j {
				if !a.drop[i] && startsBlock(&k.trails, i, depth) && a.sameBlocks(k, i, j, depth) {
					end := blockEnd(&k.trails, j, depth)
					for at := j; at < end; at++ {
						a.drop[at] = true
					}
					dropped = true
					break
				}
			}
		}
	}
	return dropped
}

// startsBlock reports whether thread i is the first of the instance at this depth of its trail.
func startsBlock(t *trails, i, depth int) bool {
	trail := t.of(i)
	if len(trail) <= depth {
		return false
	}
	if i == 0 {
		return true
	}
	before := t.of(i - 1)
	return len(before) <= depth || before[depth]>>1 != trail[depth]>>1
}

// blockEnd returns the end of the threads of the instance that starts at thread i.
func blockEnd(t *trails, i, depth int) int {
	instance := t.of(i)[depth] >> 1
	for i++; i < len(t.ends); i++ {
		if trail := t.of(i); len(trail) <= depth || trail[depth]>>1 != instance {
			break
		}
	}
	return i
}

// sameBlocks reports whether the instances that start at threads i and j stand in the same outer instances and have the
// same threads, up to the numbers of the instances within.
func (a *atoms) sameBlocks(k *kernel, i, j, depth int) bool {
	n := blockEnd(&k.trails, i, depth) - i
	if blockEnd(&k.trails, j, depth)-j != n || i+n > j {
		return false
	}
	a.same = append(a.same[:0], make([]int32, len(k.trails.items)+1)...)
	a.back = append(a.back[:0], a.same...)
	for at := range n {
		x, y := k.trails.of(i+at), k.trails.of(j+at)
		if k.pcs[i+at] != k.pcs[j+at] || len(x) != len(y) || !slices.Equal(x[:depth], y[:depth]) {
			return false
		}
		for d := depth; d < len(x); d++ {
			u, v := x[d]>>1, y[d]>>1
			if a.same[u] == 0 && a.back[v] == 0 {
				a.same[u], a.back[v] = v+1, u+1
			}
			if a.same[u] != v+1 || a.back[v] != u+1 || x[d]&1 != y[d]&1 {
				return false
			}
		}
	}
	return true
}

// remove removes the marked threads.
func (a *atoms) remove(k *kernel, slots int) {
	kept, items := 0, int32(0)
	from := int32(0)
	for i := range k.pcs {
		end := k.trails.ends[i]
		if !a.drop[i] {
			k.pcs[kept] = k.pcs[i]
			copy(k.vals[kept*slots:(kept+1)*slots], k.vals[i*slots:(i+1)*slots])
			items += int32(copy(k.trails.items[items:], k.trails.items[from:end]))
			k.trails.ends[kept] = items
			kept++
		}
		from = end
	}
	k.pcs, k.vals = k.pcs[:kept], k.vals[:kept*slots]
	k.trails.ends, k.trails.items = k.trails.ends[:kept], k.trails.items[:items]
}
