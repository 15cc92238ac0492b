package parse

// unitOf is the unit that the configuration names: ns, us, µs, ms, s, m, h, d, w or a spelled-out one.
func unitOf(name string) (durationUnit, bool) {
	return unitOfWord([]byte(name))
}

// longestUnit is the length of "milliseconds", the longest word for a unit.
const longestUnit = len("milliseconds")

// unitOfWord is the unit a word stands for. Words of one letter are lower case, for M may be a month or a million.
func unitOfWord(word []byte) (durationUnit, bool) {
	var folded [longestUnit]byte
	n := 0
	for i := 0; i < len(word); i++ {
		c := word[i]
		if c >= 0x80 { // U+00B5 micro sign and U+03BC Greek mu
			if i+1 == len(word) || !isMicro(c, word[i+1]) {
				return 0, false
			}
			c = 'u'
			i++
		} else if len(word) > 1 {
			c = lower(c)
		}
		if n == longestUnit {
			return 0, false
		}
		folded[n] = c
		n++
	}
	return unitOfFolded(folded[:n])
}

// isMicro reports the UTF-8 of either micro sign.
func isMicro(first, second byte) bool {
	return first == 0xc2 && second == 0xb5 || first == 0xce && second == 0xbc
}

// unitOfFolded is the table of units.
func unitOfFolded(word []byte) (durationUnit, bool) {
	switch string(word) {
	case "ns", "nsec", "nsecs", "nano", "nanos", "nanosec", "nanosecs", "nanosecond", "nanoseconds":
		return nanosecond, true
	case "us", "usec", "usecs", "micro", "micros", "microsec", "microsecs", "microsecond", "microseconds":
		return microsecond, true
	case "ms", "msec", "msecs", "milli", "millis", "millisec", "millisecs", "millisecond", "milliseconds":
		return millisecond, true
	case "s", "sec", "secs", "second", "seconds":
		return second, true
	case "m", "min", "mins", "minute", "minutes":
		return minute, true
	case "h", "hr", "hrs", "hour", "hours":
		return hour, true
	case "d", "day", "days":
		return day, true
	case "w", "wk", "wks", "week", "weeks":
		return week, true
	}
	return 0, false
}

// longestStem is the length of "upstreamresponsetime", the longest name of a duration.
const longestStem = len("upstreamresponsetime")

// impliedUnit tells by a field's name whether it holds a duration, and the unit of a bare number in it: that of the
// suffix in duration_ms, elapsedMs or took_seconds, seconds for nginx's request_time and upstream_response_time, else 0,
// so that only a unit in the value counts. A suffix alone is not enough: created_ms is a time, heap_s a size.
func impliedUnit(name []byte) (unit durationUnit, isDuration bool) {
	if len(name) < 3 || len(name) > 64 || !mayEndDuration(name[len(name)-1]) {
		return 0, false
	}
	if unit, stem := unitSuffix(name); unit != 0 {
		return unit, stemKind(stem) != stemNone
	}
	switch stemKind(name) {
	case stemNone:
		return 0, false
	case stemSeconds:
		return second, true
	}
	return 0, true
}

// mayEndDuration rejects most names by their last byte.
func mayEndDuration(last byte) bool {
	switch last {
	case 's', 'S', 'c', 'C', 'n', 'N', 'd', 'D', 'k', 'K', 'y', 'Y', 'e', 'E', 't', 'T', 'r', 'R':
		return true
	}
	return false
}

// unitSuffix splits a unit off the end of a name: a word behind a separator or behind a change to upper case.
func unitSuffix(name []byte) (durationUnit, []byte) {
	start := len(name) - 1
	for start > 0 && isLetter(name[start-1]) && !(isUpper(name[start]) && !isUpper(name[start-1])) {
		start--
	}
	if start == 0 || start == len(name) {
		return 0, nil
	}
	word, stem := name[start:], name[:start]
	if len(word) == 1 && (word[0] != 's' || isLetter(stem[len(stem)-1])) {
		return 0, nil
	}
	unit, _ := unitOfWord(word)
	n := len(stem)
	if n > 4 && lower(stem[n-1]) == 'n' && lower(stem[n-2]) == 'i' && isUpper(stem[n-2]) {
		stem = stem[:n-2] // durationInMs
	} else if n > 5 && isSeparator(stem[n-1]) && lower(stem[n-2]) == 'n' && lower(stem[n-3]) == 'i' && isSeparator(stem[n-4]) {
		stem = stem[:n-3] // duration_in_ms
	}
	return unit, stem
}

// What the stem of a name says.
const (
	stemNone    = iota
	stemAny     // a duration in the unit the value has
	stemSeconds // a duration in seconds, as nginx writes it
)

// stemKind looks the last dotted part of a name up, without its separators and in lower case.
func stemKind(stem []byte) int {
	for len(stem) > 0 && isSeparator(stem[len(stem)-1]) {
		stem = stem[:len(stem)-1]
	}
	for i := len(stem) - 1; i >= 0; i-- {
		if stem[i] == '.' {
			stem = stem[i+1:]
			break
		}
	}
	var folded [longestStem]byte
	n := 0
	for _, c := range stem {
		if c == '_' || c == '-' {
			continue
		}
		if n == longestStem {
			return stemNone
		}
		folded[n] = lower(c)
		n++
	}
	switch string(folded[:n]) {
	case "requesttime", "upstreamresponsetime":
		return stemSeconds
	case "duration", "elapsed", "elapsedtime", "timeelapsed", "took", "latency", "dur", "cost", "costtime", "timecost",
		"responsetime", "processingtime", "processtime", "timetaken", "timespent", "executiontime", "exectime",
		"totaltime", "totalduration", "requestduration", "responseduration", "requestlatency", "responselatency",
		"querytime", "queryduration", "servicetime", "servicelatency", "handlertime", "handlerduration", "handletime",
		"callduration", "httpduration", "executionduration", "processingduration", "roundtriptime", "runtime":
		return stemAny
	}
	return stemNone
}
