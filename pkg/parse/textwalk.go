package parse

// textWalk looks in free text for what stands there under a name: ids, and the first duration. It goes over the line once
// and stops only where a name may end: at a `=` or a `:` behind anything but a number, and at a blank before a value.
type textWalk struct {
	line     []byte
	keys     *keyMemo
	trace    *traceContext // where ids go; nil when none are looked for
	duration bool          // one is looked for and has not been found

	ns    int64 // the duration
	found bool
}

// run goes over the line.
func (w *textWalk) run() {
	line := w.line
	if len(line) == 0 {
		return
	}
	before := textClass[line[0]]
	for i := 1; i < len(line); i++ {
		here := textClass[line[i]]
		stop := before & (here >> 4)
		before = here
		if stop == 0 {
			continue
		}
		if stop&endsName != 0 {
			if end := w.assigned(i); end > i {
				i, before = end-1, textClass[line[end-1]]
			}
		} else if w.duration {
			w.spaced(i)
		}
	}
	if w.trace != nil {
		w.trace.offerReport(line)
	}
}

// What a byte may be to the next one; the same bits four to the left say what the next one has to be.
const (
	endsName    = 1 << iota // before `=` and `:`: what may end a name, or stand between it and them
	beforeValue             // a blank before a digit or the P of ISO 8601
)

// textClass has the bits of each byte. Of digits only the 3 of b3 ends a name, so that clocks are no names.
var textClass = func() (class [256]byte) {
	for i := range class {
		if c := byte(i); !isDigit(c) || c == '3' {
			class[i] |= endsName
		}
		if c := byte(i); isDigit(c) || c == 'P' {
			class[i] |= beforeValue << 4
		}
	}
	class[' '] |= beforeValue
	class['\t'] |= beforeValue
	class['='] |= endsName << 4
	class[':'] |= endsName << 4
	return class
}()

// assigned looks at the name before the `=` or `:` at index at. It returns where a value that was ids ends, 0 for any other.
func (w *textWalk) assigned(at int) (end int) {
	name, start := keyBefore(w.line[:at])
	key := w.keys.of(name)
	if w.trace != nil && key.trace != notTrace {
		value, end := valueAfter(w.line, at+1, key.trace)
		if len(value) == 0 {
			return 0
		}
		w.trace.offer(key.trace, value, false)
		return end
	}
	if w.duration && key.duration && !isQueryOrStatistic(w.line[:start]) {
		w.take(durationAfter(w.line, at+1, key.unit))
	}
	return 0
}

// spaced looks at the name before a value that starts at index at behind a blank, as in `took 672us` and `completed in
// 12ms`. A number has to bring its unit along, a clock is none, and behind `in` the value has to end what is said.
func (w *textWalk) spaced(at int) {
	last := at - 1
	for last > 0 && isBlank(w.line[last]) {
		last--
	}
	if c := w.line[last]; c != 'n' && !mayEndDuration(c) {
		return
	}
	name, start := keyBefore(w.line[:last+1])
	if string(name) == "in" {
		if ns, end, ok := durationAt(w.line, at, 0); ok && endsClause(w.line, end) && saysDone(w.line[:start]) {
			w.take(ns, isLetter(w.line[end-1]))
		}
		return
	}
	if w.keys.of(name).duration && !isQueryOrStatistic(w.line[:start]) {
		ns, end, ok := durationAt(w.line, at, 0)
		w.take(ns, ok && isLetter(w.line[end-1]))
	}
}

// take keeps the first duration.
func (w *textWalk) take(ns int64, ok bool) {
	if ok {
		w.ns, w.found, w.duration = ns, true, false
	}
}
