package parse

import (
	"bytes"
	"strconv"
)

// datadog reads what Datadog's tracers log and propagate: decimal numbers of 64 bits, or the whole 128 bits of a trace in
// hexadecimal; the upper half of a decimal one stands in _dd.p.tid, alone or within x-datadog-tags.
func (c *traceContext) datadog(role traceRole, value []byte) bool {
	ids := &c.formats[formatDatadog]
	switch role {
	case ddTrace:
		if len(value) == 32 {
			return ids.setTrace(value, true)
		}
		copy(ids.trace[:], zeros)
		return decimalID(ids.trace[16:], value) && ids.mark(hasTrace)
	case ddSpan:
		return decimalID(ids.span[:], value) && ids.mark(hasSpan)
	case ddParent:
		return decimalID(ids.parent[:], value) && ids.mark(hasParent)
	case ddTags:
		_, value, _ = bytes.Cut(value, []byte("_dd.p.tid="))
		value, _, _ = bytes.Cut(value, []byte(","))
	}
	if !isID(value, 16, false) {
		return false
	}
	copy(c.tid[:], value)
	c.hasTID = true
	return true
}

// widenDatadog puts the upper half that Datadog propagates apart before a trace id that is 64 bits short.
func (c *traceContext) widenDatadog() {
	ids := &c.formats[formatDatadog]
	if c.hasTID && ids.has&hasTrace != 0 && string(ids.trace[:16]) == zeros {
		copy(ids.trace[:], c.tid[:])
	}
}

// google reads what Google Cloud's loggers write, `projects/P/traces/ID` and a span id beside it, and the header
// `X-Cloud-Trace-Context: ID/SPAN;o=1`, whose span is decimal.
func (ids *traceIDs) google(role traceRole, value []byte) bool {
	switch role {
	case gcpTrace:
		if i := bytes.LastIndexByte(value, '/'); i >= 0 && bytes.HasSuffix(value[:i], []byte("/traces")) {
			value = value[i+1:]
		}
		return isID(value, 32, true) && ids.setTrace(value, true)
	case gcpSpan:
		return ids.setSpan(value, true) || decimalID(ids.span[:], value) && ids.mark(hasSpan)
	}
	value, _, _ = bytes.Cut(value, []byte(";"))
	trace, span, ok := bytes.Cut(value, []byte("/"))
	if !isID(trace, 32, true) {
		return false
	}
	if ok && string(span) != "0" && !(decimalID(ids.span[:], span) && ids.mark(hasSpan)) {
		return false
	}
	return ids.setTrace(trace, true)
}

// mark notes that the ids have something.
func (ids *traceIDs) mark(has uint8) bool {
	ids.has |= has
	return true
}

// decimalID writes a decimal number of 64 bits as 16 hexadecimal digits over dst.
func decimalID(dst, value []byte) bool {
	if len(value) == 0 || len(value) > 20 {
		return false
	}
	var id uint64
	for _, c := range value {
		digit := uint64(c - '0')
		if digit > 9 || id > (1<<64-1-digit)/10 {
			return false
		}
		id = id*10 + digit
	}
	if id == 0 {
		return false
	}
	var digits [16]byte
	text := strconv.AppendUint(digits[:0], id, 16)
	copy(dst, zeros[:16-len(text)])
	copy(dst[16-len(text):], text)
	return true
}
