package template

// What a word is by itself. These are words of log statements in general; none belongs to one program.
const (
	naming   = 1 << iota // the next word is the name of something: user anna
	pointing             // a preposition behind which values stand: from stdin
	towards              // as that, but behind it there are also verbs
	grammar              // never a value
	calendar             // a part of a date that is no number
	telling              // a key whose value says what happened
)

// role looks a word up, whatever its case.
func role(w []byte) uint8 {
	var lower [10]byte
	if len(w) > len(lower) {
		return 0
	}
	for i, b := range w {
		lower[i] = lowered(b)
	}
	switch string(lower[:len(w)]) {
	case "user", "username", "account", "host", "hostname", "node", "domain", "container", "pod", "namespace":
		return naming
	case "msg", "message", "event", "action", "op", "operation", "method", "cmd", "command":
		return telling
	case "for", "from", "by", "at", "on", "via":
		return pointing | grammar
	case "to":
		return towards | grammar
	case "the", "a", "an", "this", "that", "these", "those", "all", "any", "each", "some", "no", "not", "is", "are", "was", "were", "be", "been",
		"has", "have", "had", "will", "would", "can", "cannot", "could", "may", "might", "must", "should", "does", "do", "did", "and", "or", "but", "if",
		"when", "while", "as", "of", "in", "into", "with", "without", "than", "then", "up", "down", "ok", "ready", "full", "online", "offline", "alive",
		"dead", "busy", "idle", "lost":
		return grammar
	}
	if !has(w[0], isLower) {
		switch string(w) {
		case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
			"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
			"January", "February", "March", "April", "June", "July", "August", "September", "October", "November", "December",
			"UTC", "GMT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "CET", "CEST", "AM", "PM":
			return calendar
		}
	}
	return 0
}

func lowered(b byte) byte {
	if has(b, isLetter) {
		b |= 0x20
	}
	return b
}

// unit reports whether a word behind a number only says of what the number is.
func unit(w []byte) bool {
	var lower [12]byte
	if len(w) > len(lower) {
		return false
	}
	for i, b := range w {
		lower[i] = lowered(b)
	}
	switch string(lower[:len(w)]) {
	case "b", "byte", "bytes", "k", "m", "g", "t", "kb", "mb", "gb", "tb", "kib", "mib", "gib", "tib", "hz", "khz", "mhz", "ghz", "percent", "%",
		"ns", "nanos", "nanosecond", "nanoseconds", "us", "usec", "usecs", "micros", "microsecond", "microseconds",
		"ms", "msec", "msecs", "millis", "millisecond", "milliseconds", "s", "sec", "secs", "second", "seconds",
		"min", "mins", "minute", "minutes", "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "week", "weeks":
		return true
	}
	return false
}

// finite reports whether a word looks like what was done, or is being done, rather than like a name.
func finite(w []byte) bool {
	n := len(w)
	return n > 4 && (w[n-2] == 'e' && w[n-1] == 'd' || w[n-3] == 'i' && w[n-2] == 'n' && w[n-1] == 'g')
}

// shouts reports whether a word has no small letter, as the names of states have not.
func shouts(w []byte) bool {
	for _, b := range w {
		if has(b, isLower) {
			return false
		}
	}
	return true
}
