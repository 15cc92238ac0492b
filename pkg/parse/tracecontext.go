package parse

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// traceContext collects the ids that one line has under any of the names traceKey knows. Formats are kept apart until
// resolve, for a line may log its own ids beside the headers of the request it answers.
//
// The zero value is ready for use. It belongs to one goroutine.
type traceContext struct {
	formats [traceFormats]traceIDs
	dirty   uint16 // a bit for each of formats that reset has to clear
	tid     [16]byte
	hasTID  bool   // tid holds Datadog's upper half
	chosen  uint16 // the formats that resolve took ids from

	incoming bool     // the traceparent is that of a request that came in: its span is the caller's
	caller   []byte   // after resolve: that span, when it belongs to the trace of the line
	derived  [16]byte // the span that deriveSpan made
}

// traceFormat is a way to log or propagate ids; lower ones are believed before higher ones.
type traceFormat uint8

const (
	formatECS traceFormat = iota
	formatPlain
	formatW3C
	formatB3
	formatB3Multi
	formatJaeger
	formatOT
	formatXray
	formatDatadog
	formatGCP
	traceFormats
)

// What a traceIDs has.
const (
	hasTrace uint8 = 1 << iota
	hasSpan
	hasParent
	hasTransaction // the span is only Elastic APM's transaction
	seenBefore     // a header that must not come twice
	spoiled        // something in it is malformed, so none of it counts
)

// traceIDs holds the ids of one format as lower-case hexadecimal text.
type traceIDs struct {
	trace  [32]byte
	span   [16]byte
	parent [16]byte
	has    uint8
}

// formatOfRole is the format a role belongs to.
var formatOfRole = [traceRoles]traceFormat{
	ecsTrace: formatECS, ecsSpan: formatECS, ecsParent: formatECS, ecsTransaction: formatECS,
	plainTrace: formatPlain, plainSpan: formatPlain, plainParent: formatPlain,
	w3cParent: formatW3C, b3Single: formatB3, jaegerID: formatJaeger, xrayID: formatXray,
	b3Trace: formatB3Multi, b3Span: formatB3Multi, b3Parent: formatB3Multi, b3Sampled: formatB3Multi,
	otTrace: formatOT, otSpan: formatOT, otSampled: formatOT,
	ddTrace: formatDatadog, ddSpan: formatDatadog, ddParent: formatDatadog, ddHigh: formatDatadog, ddTags: formatDatadog,
	gcpTrace: formatGCP, gcpSpan: formatGCP, gcpHeader: formatGCP,
}

// reset forgets the line.
func (c *traceContext) reset() {
	for rest := c.dirty; rest != 0; rest &= rest - 1 {
		c.formats[bits.TrailingZeros16(rest)].has = 0
	}
	c.dirty, c.chosen, c.hasTID, c.incoming, c.caller = 0, 0, false, false, nil
}

// offer takes the value of a field with a role, as unescaped text; number says that it was a JSON number. It reports
// whether the value was understood as ids; used tells later whether they became those of the line.
func (c *traceContext) offer(role traceRole, value []byte, number bool) (consumed bool) {
	if role == notTrace || role >= traceRoles {
		return false
	}
	format := formatOfRole[role]
	c.dirty |= 1 << format
	ids := &c.formats[format]
	if number && format != formatDatadog {
		return false
	}
	if format <= formatPlain {
		return ids.named(role, value)
	}
	value = trimBlanks(value)
	switch format {
	case formatW3C:
		return ids.whole(value, (*traceIDs).traceparent)
	case formatB3:
		return ids.whole(value, (*traceIDs).b3)
	case formatJaeger:
		return ids.whole(value, (*traceIDs).jaeger)
	case formatXray:
		return ids.whole(value, (*traceIDs).xray)
	case formatB3Multi, formatOT:
		return ids.header(role, value)
	case formatDatadog:
		return c.datadog(role, value)
	}
	return ids.google(role, value)
}

// resolve tells the ids of the line: of 32, 16 and 16 lower-case hexadecimal digits, nil when absent, valid until the
// next reset. The first format that has a trace id wins; what it lacks is taken from others of the same trace. The span of an
// incoming traceparent is the parent, and never the span, also where another header repeats it.
func (c *traceContext) resolve() (traceID, spanID, parentID []byte) {
	if c.dirty == 0 {
		return nil, nil, nil
	}
	c.chosen = 0
	c.widenDatadog()
	for rest := c.dirty; rest != 0; rest &= rest - 1 {
		i := bits.TrailingZeros16(rest)
		ids := &c.formats[i]
		if !ids.valid(traceFormat(i)) {
			continue
		}
		if ids.has&hasTrace != 0 {
			if traceID == nil {
				traceID = ids.trace[:]
				c.chosen |= 1 << i
			} else if string(traceID) != string(ids.trace[:]) {
				continue
			}
		}
		if c.incoming && i == int(formatW3C) {
			c.caller = ids.span[:]
			if parentID == nil && string(spanID) != string(c.caller) {
				parentID = c.caller
				c.chosen |= 1 << i
			}
			continue
		}
		if spanID == nil && ids.has&hasSpan != 0 && string(c.caller) != string(ids.span[:]) {
			spanID = ids.span[:]
			c.chosen |= 1 << i
		}
		if parentID == nil && ids.has&hasParent != 0 {
			parentID = ids.parent[:]
			c.chosen |= 1 << i
		}
	}
	return traceID, c.orTransaction(spanID), parentID
}

// orTransaction is the span, or where there is none the transaction that Elastic APM logs beside the trace.
func (c *traceContext) orTransaction(span []byte) []byte {
	ids := &c.formats[formatECS]
	if span != nil || ids.has&hasTransaction == 0 {
		return span
	}
	c.chosen |= 1 << formatECS
	return ids.span[:]
}

// used reports after resolve whether the ids of the line came from fields with this role, so that those whose value offer
// understood may be removed. What a header says beyond its ids, as a sampling flag of its own, is never used.
func (c *traceContext) used(role traceRole) bool {
	if role == notTrace || role >= traceRoles || c.chosen&(1<<formatOfRole[role]) == 0 {
		return false
	}
	switch role {
	case b3Sampled, otSampled, ddTags:
		return false
	case ecsTransaction:
		return c.formats[formatECS].has&hasTransaction != 0
	}
	return true
}

// valid reports whether the format's ids count. Formats that log propagated headers have a trace id and a span id, or
// nothing; Datadog's and Google's may lack the span.
func (ids *traceIDs) valid(format traceFormat) bool {
	if ids.has == 0 || ids.has&spoiled != 0 {
		return false
	}
	switch format {
	case formatECS, formatPlain:
		return true
	case formatDatadog, formatGCP:
		return ids.has&hasTrace != 0
	}
	return ids.has&(hasTrace|hasSpan) == hasTrace|hasSpan
}

// whole reads a header that holds a whole context, and must not come twice: then nobody knows which is right.
func (ids *traceIDs) whole(value []byte, read func(*traceIDs, []byte) bool) bool {
	if ids.has&seenBefore != 0 {
		ids.has |= spoiled
		return false
	}
	ok := read(ids, value)
	ids.has |= seenBefore
	if !ok {
		ids.has |= spoiled
	}
	return ok
}

// named reads an id that a logger wrote under a name of its own; a malformed one changes nothing, and of two of one name
// the first counts.
func (ids *traceIDs) named(role traceRole, value []byte) bool {
	switch role {
	case ecsTrace, plainTrace:
		if ids.has&hasTrace != 0 {
			return false
		}
		if len(value) == 32 && ids.setTrace(value, true) { // as most are
			return true
		}
		value = bytes.TrimPrefix(bareID(value), []byte("Root="))
		return ids.setTrace(value, true) || ids.xrayTrace(value)
	case ecsSpan, plainSpan:
		return ids.has&hasSpan == 0 && (ids.setSpan(value, true) || ids.setSpan(bareID(value), true))
	case ecsTransaction:
		if ids.has&(hasSpan|hasTransaction) != 0 || !ids.setSpan(bareID(value), true) {
			return false
		}
		ids.has = ids.has&^hasSpan | hasTransaction
		return true
	}
	return ids.has&hasParent == 0 && ids.setParent(bareID(value), true)
}

// bareID is an id without blanks around it, and without what OpenTelemetry for Python writes before it.
func bareID(value []byte) []byte { return bytes.TrimPrefix(trimBlanks(value), []byte("0x")) }

// setTrace keeps a trace id of 128 or 64 bits, the latter padded on its left. A malformed one changes nothing.
func (ids *traceIDs) setTrace(id []byte, anyCase bool) bool {
	switch len(id) {
	case len(ids.trace):
		if !lowerHex(ids.trace[:], id, anyCase) {
			return false
		}
	case len(zeros):
		if !lowerHex(ids.trace[len(zeros):], id, anyCase) {
			return false
		}
		copy(ids.trace[:], zeros)
	default:
		return false
	}
	ids.has |= hasTrace
	return true
}

// setSpan keeps a span id of 64 bits, over a transaction's.
func (ids *traceIDs) setSpan(id []byte, anyCase bool) bool {
	if len(id) != len(ids.span) || !lowerHex(ids.span[:], id, anyCase) {
		return false
	}
	ids.has = ids.has&^hasTransaction | hasSpan
	return true
}

// setParent keeps the span id of the caller.
func (ids *traceIDs) setParent(id []byte, anyCase bool) bool {
	return len(id) == len(ids.parent) && lowerHex(ids.parent[:], id, anyCase) && ids.mark(hasParent)
}

const zeros = "0000000000000000"

// isID reports an id of n hexadecimal digits, 16 or 32, which are not all zero.
func isID(id []byte, n int, anyCase bool) bool {
	var lower [32]byte
	return len(id) == n && lowerHex(lower[:n], id, anyCase)
}

// lowerWords is lowerHex for any processor: eight digits at a time.
func lowerWords(dst, id []byte, anyCase bool) bool {
	all, some, upper := uint64(highs), uint64(0), uint64(0)
	for i := 0; i < len(dst); i += 8 {
		x := binary.LittleEndian.Uint64(id[i:])
		all &= hexDigits(x)
		upper |= hexLetters(x) >> 2 &^ x
		some |= x ^ ones*'0'
	}
	if all != highs || some == 0 || !anyCase && upper != 0 {
		return false
	}
	for i := 0; i < len(dst); i += 8 {
		// Of the letters, and of no digit, the bit 0x40 is set, and that below it makes them small.
		x := binary.LittleEndian.Uint64(id[i:])
		binary.LittleEndian.PutUint64(dst[i:], x|x&(ones*0x40)>>1)
	}
	return true
}

// Eight bytes are looked at together; what is said of each stands in its high bit.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// hexDigits has the high bit of each byte of x that is a hexadecimal digit in either case, and no other.
func hexDigits(x uint64) uint64 { return (inRange(x, '0', '9') | hexLetters(x)) &^ x }

// hexLetters has the high bit of each byte of x that is a to f in either case. Of bytes above 0x7f it says nothing.
func hexLetters(x uint64) uint64 { return inRange(x&^highs|ones*0x20, 'a', 'f') &^ x }

// inRange has the high bit of each byte of x from low to high. Of bytes above 0x7f it says nothing.
func inRange(x uint64, low, high byte) uint64 {
	x &^= highs
	return (x + ones*uint64(0x80-low)) &^ (x + ones*uint64(0x7f-high)) & highs
}

// isHex reports a lower-case hexadecimal digit.
func isHex(c byte) bool { return isDigit(c) || c-'a' < 6 }

// areHex reports whether all of text is lower-case hexadecimal.
func areHex(text []byte) bool {
	for _, c := range text {
		if !isHex(c) {
			return false
		}
	}
	return true
}

// copyLower copies src over dst in lower case.
func copyLower(dst, src []byte) {
	for i, c := range src {
		dst[i] = lower(c)
	}
}
