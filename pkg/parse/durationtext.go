package parse

import "math"

// maxDurationText is how long a word of a duration may be; it bounds what a name before it can cost.
const maxDurationText = 48

// durationAfter reads the value behind the `=` or `:` of a name that implies a unit, or none when that is 0.
func durationAfter(line []byte, pos int, unit durationUnit) (ns int64, ok bool) {
	pos = skipBlanks(line, pos)
	if !atQuote(line, pos) {
		ns, _, ok = durationAt(line, pos, unit)
		return ns, ok
	}
	value, _ := valueAfter(line, pos, notTrace)
	if unit == 0 && isNumber(value) { // 0 as well, which parseDuration would take
		return 0, false
	}
	return parseDuration(value, unit)
}

// atQuote reports a quote, which may be escaped.
func atQuote(line []byte, pos int) bool {
	if pos+1 < len(line) && line[pos] == '\\' {
		pos++
	}
	return pos < len(line) && (line[pos] == '"' || line[pos] == '\'')
}

// durationAt reads a duration without quotes that starts at pos: a word, a number and its unit in two, and further parts
// as in `1m 30s`, each less than the unit before it. It returns where the duration ends. What might be a decimal comma, a
// list or half of a duration is none; nor is a negative one.
func durationAt(line []byte, pos int, unit durationUnit) (ns int64, end int, ok bool) {
	part, ok := durationPartAt(line, pos, unit)
	if !ok || part.ns < 0 {
		return 0, 0, false
	}
	ns = part.ns
	for part.unit > 0 {
		next := skipBlanks(line, part.end)
		if next < len(line) && line[next] == ',' {
			more, ok := durationPartAt(line, skipBlanks(line, next+1), 0)
			return ns, part.end, !ok || more.ns >= int64(part.unit)
		}
		if next == part.end {
			break
		}
		more, ok := durationPartAt(line, next, 0)
		if !ok || more.ns < 0 || more.ns >= int64(part.unit) {
			break
		}
		if more.ns > math.MaxInt64-ns {
			return 0, 0, false
		}
		ns += more.ns
		part = more
	}
	return ns, part.end, true
}

// durationPart is one number of a duration, or one word of several.
type durationPart struct {
	ns   int64
	end  int
	unit durationUnit // of its last number; 0 when nothing can follow: a fraction, a clock, ISO 8601, no unit
}

func durationPartAt(line []byte, pos int, unit durationUnit) (part durationPart, ok bool) {
	part.end = durationWordEnd(line, pos)
	number := line[pos:part.end]
	if len(number) == 0 {
		return part, false
	}
	if part.ns, part.unit, ok = simpleDuration(number); ok {
		return part, true
	}
	if isNumber(number) {
		if next := skipBlanks(line, part.end); next > part.end {
			end := durationWordEnd(line, next)
			if _, isUnit := unitOfWord(line[next:end]); isUnit && (unit == 0 || end-next > 1) {
				part.end = end
			}
		}
		if part.end == pos+len(number) && (unit == 0 || goesOn(line, part.end)) {
			return part, false
		}
	}
	if part.ns, ok = parseDuration(line[pos:part.end], unit); ok {
		part.unit = lastUnit(line[pos:part.end])
	}
	return part, ok
}

// goesOn reports a decimal comma or a list, as nginx writes the times of several upstreams.
func goesOn(line []byte, pos int) bool {
	pos = skipBlanks(line, pos)
	if pos == len(line) || line[pos] != ',' && line[pos] != ':' {
		return false
	}
	pos = skipBlanks(line, pos+1)
	return pos < len(line) && (isDigit(line[pos]) || line[pos] == '-')
}

// lastUnit is the unit that ends text; 0 without one and when it has a fraction.
func lastUnit(text []byte) durationUnit {
	start := len(text)
	for start > 0 && (isLetter(text[start-1]) || text[start-1] >= 0x80) {
		start--
	}
	for _, c := range text[:start] {
		if !isDigit(c) && !isLetter(c) && c != ' ' {
			return 0
		}
	}
	unit, _ := unitOfWord(text[start:])
	return unit
}

// isNumber reports digits with or without a point.
func isNumber(text []byte) bool {
	for _, c := range text {
		if !isDigit(c) && c != '.' {
			return false
		}
	}
	return len(text) > 0
}

// skipBlanks is the index of the first byte from pos on that is no blank; it may be len(line).
func skipBlanks(line []byte, pos int) int {
	for pos < len(line) && isBlank(line[pos]) {
		pos++
	}
	return min(pos, len(line))
}

// durationWordEnd is where the word at pos ends, without the punctuation of a sentence; pos itself when it is too long.
func durationWordEnd(line []byte, pos int) (end int) {
	for end = pos; end < len(line) && !endsDuration[line[end]]; end++ {
		if end-pos > maxDurationText {
			return pos
		}
	}
	if end > pos && endsSentence(line[end-1]) {
		end--
	}
	return end
}

// endsDuration is what a duration in a text does not have inside.
var endsDuration = func() (ends [256]bool) {
	for i := range ends {
		ends[i] = endsValue[i]
	}
	for _, c := range []byte(`|<\`) {
		ends[c] = true
	}
	return ends
}()

// endsSentence reports what may stand between a duration and a blank.
func endsSentence(c byte) bool { return c == '.' || c == '!' || c == '?' || c == ':' }
