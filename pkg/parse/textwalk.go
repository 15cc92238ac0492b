package parse

import "math/bits"

// textWalk looks in free text for what stands there under a name: ids, and the first duration. It goes over the line once
// and stops only where a name may end: at a `=` or a `:` behind anything but a number, and at a blank before a value; and
// where a Jaeger client may say what it reported.
type textWalk struct {
	line     []byte
	stops    *textStops
	keys     *keyMemo
	trace    *traceContext // where ids go; nil when none are looked for
	duration bool          // one is looked for and has not been found

	ns      int64 // the duration
	found   bool
	reports [2]int // where the value behind the first reporting and the first reported begins; 0 for none
}

// run goes over the line.
func (w *textWalk) run() {
	line := w.line
	from := 1
	for k, stops := range w.stops.find(line) {
		for ; stops != 0; stops &= stops - 1 {
			at := k*stopBlock + bits.TrailingZeros64(stops)
			switch c := line[at]; {
			case c == 'R' || c == 'S':
				w.noteReport(at)
			case at < from: // inside of an id
			case c == '=' || c == ':':
				if mayEndName(line[:at]) {
					from = max(from, w.assigned(at))
				}
			case w.duration:
				w.spaced(at)
			}
		}
	}
	if w.trace != nil {
		w.offerReport()
	}
}

// mayEndName refuses most names that mean nothing by what text ends with. Of digits only the 3 of b3 ends a name, and clocks do
// not have it.
func mayEndName(text []byte) bool {
	n := len(text)
	c := text[n-1]
	return textClass[c]&endsName != 0 && (c != '3' || n < 2 || !isDigit(text[n-2]))
}

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
	if !mayEndDuration(w.line[last]) {
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
