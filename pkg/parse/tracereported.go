package parse

// What stands before the context of a span in what Jaeger's clients log when they hand it on: the first in Go and Python, the
// second in Java.
const (
	reporting = "Reporting span "
	reported  = "Span reported: "
)

// noteReport notes what stands at index at, if it is the first of its kind.
func (w *textWalk) noteReport(at int) {
	const size = len(reporting)
	if len(w.line)-at < size {
		return
	}
	mark := w.line[at : at+size]
	switch {
	case w.reports[0] == 0 && string(mark) == reporting:
		w.reports[0] = at + size
	case w.reports[1] == 0 && string(mark) == reported:
		w.reports[1] = at + size
	}
}

// offerReport takes the ids of the span that a Jaeger client says in text that it reported.
func (w *textWalk) offerReport() {
	for _, at := range w.reports {
		if at == 0 {
			continue
		}
		value, _ := valueAfter(w.line, at, jaegerID)
		c := w.trace
		c.dirty |= 1 << formatJaeger
		if ids := &c.formats[formatJaeger]; !ids.whole(value, (*traceIDs).report) {
			ids.has = spoiled
		}
		return
	}
}

// report reads `traceid:spanid:parentid:flags` as clients print it: older ones leave out leading zeros, and a root has the
// parent 0.
func (ids *traceIDs) report(value []byte) bool {
	trace, rest, _ := cutColon(value)
	span, rest, _ := cutColon(rest)
	parent, flags, ok := cutColon(rest)
	if !ok || len(flags) == 0 || !isJaegerFlag(flags) || len(parent) == 0 || len(parent) > len(ids.parent) || !areHex(parent) ||
		!padID(ids.trace[:], trace) || !padID(ids.span[:], span) {
		return false
	}
	ids.has |= hasTrace | hasSpan
	if padID(ids.parent[:], parent) {
		ids.has |= hasParent
	}
	return true
}

// padID copies an id into dst, with zeros for digits that were left out, and reports whether it is one.
func padID(dst, id []byte) bool {
	if len(id) == 0 || len(id) > len(dst) || !areHex(id) {
		return false
	}
	zeros := len(dst) - len(id)
	for i := range zeros {
		dst[i] = '0'
	}
	copy(dst[zeros:], id)
	return isID(dst, len(dst), false)
}
