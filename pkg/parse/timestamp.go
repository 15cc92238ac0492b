package parse

import (
	"errors"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// timeParser reads timestamps as one pipeline's configuration says. It keeps the last minute it saw and belongs to one
// goroutine.
type timeParser struct {
	layouts []layout
	place   *time.Location // of text without a zone; nil when offset says it
	offset  int64          // seconds east of Greenwich
	now     time.Time      // gives dates without a year theirs; zero for the wall clock
	told    bool           // the configuration names the field, so that any instant in it is meant

	places map[string]*time.Location // that lines have named; nil for no place

	memo timeMemo // of all other layouts

	minute    [16]byte // the text of the last minute read, as 2006-01-02T15:04
	minuteSec int64    // Unix seconds of that minute in UTC
	minuteUTC int64    // and in the configured zone
}

// newTimeParser compiles the configuration. Its errors name their keys and say what is allowed.
func newTimeParser(cfg Timestamp) (*timeParser, error) {
	p := &timeParser{told: cfg.Field != ""}
	var errs []error
	var err error
	if p.place, p.offset, err = loadZone(cfg.Timezone); err != nil {
		errs = append(errs, confkey.Errorf("timestamp.timezone", "%v", err))
	}
	if cfg.Now != "" {
		if p.now, err = time.Parse(time.RFC3339Nano, cfg.Now); err != nil {
			errs = append(errs, confkey.Errorf("timestamp.now", "%q is no RFC 3339 time; allowed is one like 2006-01-02T15:04:05Z", cfg.Now))
		}
	}
	for i, text := range cfg.Layouts {
		compiled, err := compileLayout(text)
		if err != nil {
			errs = append(errs, layoutError(i, err))
		}
		p.layouts = append(p.layouts, compiled)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	p.readMinute([]byte("1970-01-01T00:00"))
	return p, nil
}

// clock is the time that dates without a year are near to, in the configured zone.
func (p *timeParser) clock() time.Time {
	now := p.now
	if now.IsZero() {
		now = time.Now()
	}
	if p.place != nil {
		return now.In(p.place)
	}
	return now.UTC().Add(time.Duration(p.offset) * time.Second)
}

// parse reads a text that is one timestamp: by the configured layouts in their order, or by what it looks like.
func (p *timeParser) parse(text []byte) (event.Time, bool) {
	if len(p.layouts) == 0 {
		return p.guess(text)
	}
	return p.remembered(trimBlanks(text), (*timeParser).byLayouts)
}

// read is parse, for a parser that may be nil because its configuration is wrong.
func (p *timeParser) read(text []byte) (t event.Time, ok bool) {
	if p == nil {
		return t, false
	}
	return p.parse(text)
}

// remembered reads a text that differs from the one before only in its seconds, and any other by parse.
func (p *timeParser) remembered(text []byte, parse func(*timeParser, []byte) (event.Time, bool)) (t event.Time, ok bool) {
	if t, ok = p.memo.read(text); ok {
		return t, true
	}
	if t, ok = parse(p, text); ok {
		p.memo.learn(p, text, t, parse)
	}
	return t, ok
}

// byLayouts reads a text by the first layout that fits.
func (p *timeParser) byLayouts(text []byte) (event.Time, bool) {
	for i := range p.layouts {
		if t, ok := p.layouts[i].parse(p, text); ok {
			return t, true
		}
	}
	return event.Time{}, false
}

// guess reads a text that is one timestamp in any of the usual formats. What Elasticsearch cannot hold is none, unless the
// configuration says that it is a time.
func (p *timeParser) guess(text []byte) (event.Time, bool) {
	t, n, ok := p.rfc3339(text)
	if !ok || n != len(text) {
		if t, ok = p.remembered(trimBlanks(text), (*timeParser).guessSlowly); !ok {
			return t, false
		}
	}
	return t, p.told || fitsNanos(t)
}

// guessSlowly tells numbers since 1970 from written dates.
func (p *timeParser) guessSlowly(text []byte) (event.Time, bool) {
	if len(text) < 4 || len(text) > maxTimeText {
		return event.Time{}, false
	}
	if t, ok := guessNumber(text); ok {
		return t, true
	}
	s := timeScan{text: text, whole: true}
	if !s.run() {
		return event.Time{}, false
	}
	return p.instant(&s.c)
}

// maxTimeText is longer than any timestamp, with its zone's name in full.
const maxTimeText = 96

// guessNumber reads a number since 1970, if text is nothing but one and cannot be a date: 20140601, 201406010910,
// 20140722105203, with a fraction or without, and 20180722105203364 are dates.
func guessNumber(text []byte) (event.Time, bool) {
	d := durationReader{text: text}
	n, ok := d.number()
	if !ok || d.pos != len(text) {
		return event.Time{}, false
	}
	switch len(text) {
	case 12, 14, 17:
		if n.scale == 0 && !n.exponent {
			return event.Time{}, false
		}
	}
	if len(text) > 14 && text[14] == '.' {
		return event.Time{}, false
	}
	return guessUnix(n)
}

// rfc3339 reads yyyy-mm-dd hh:mm:ss with `T`, `t`, `_` or a blank between date and time, a fraction and a zone, at the start of
// text and tells how long it is. It is the path of most lines, so it looks at fixed places and remembers the last minute.
// What it leaves to timeScan is not ok.
func (p *timeParser) rfc3339(text []byte) (t event.Time, n int, ok bool) {
	if len(text) < 19 || text[16] != ':' {
		return t, 0, false
	}
	if [16]byte(text) != p.minute && !p.readMinute(text) {
		return t, 0, false
	}
	second, ok := twoDigits(text[17:])
	if !ok || second > 59 {
		return t, 0, false
	}
	n = 19
	if n+1 < len(text) && (text[n] == '.' || text[n] == ',') && isDigit(text[n+1]) {
		var length int
		t.Nsec, t.Digits, length = decimals(text[n+1:])
		n += 1 + length
	}
	t.Set = true
	switch {
	case n == len(text):
		t.Sec = p.minuteUTC + int64(second)
		return t, n, true
	case text[n] == 'Z':
		t.Sec = p.minuteSec + int64(second)
		n++
	case text[n] == '+' || text[n] == '-':
		offset, length := offsetAt(text[n:])
		t.Sec = p.minuteSec + int64(second) - int64(offset)
		n += length
		if length == 0 {
			return t, 0, false
		}
	default:
		t.Sec = p.minuteUTC + int64(second)
		if !endsTime(text[n:]) {
			return t, 0, false
		}
	}
	return t, n, n == len(text) || !isLetter(text[n]) && !isDigit(text[n])
}

// endsTime reports whether what follows a time of day without a zone surely is no part of it, as a zone behind a blank.
func endsTime(rest []byte) bool {
	if !isBlank(rest[0]) || len(rest) < 3 {
		return rest[0] != ':' && len(rest) > 2
	}
	switch c := rest[1]; {
	case c == '+' || c == '-':
		return !isDigit(rest[2])
	case c|0x20 == 'a' || c|0x20 == 'p':
		return rest[2]|0x20 != 'm' && rest[2] != '.' && !isUpper(c)
	case isUpper(c):
		n := 2
		for n < len(rest) && n < 6 && isUpper(rest[n]) {
			n++
		}
		return n > 5 || !endsZone(rest[n-1])
	}
	return !isBlank(rest[1]) && rest[1] != 'z'
}

// readMinute reads yyyy-mm-dd hh:mm at fixed places into the memory of the last minute.
func (p *timeParser) readMinute(text []byte) bool {
	b := [16]byte(text)
	if b[4] != '-' || b[7] != '-' || b[13] != ':' || b[10] != 'T' && b[10] != ' ' && b[10] != 't' && b[10] != '_' {
		return false
	}
	century, ok1 := twoDigits(b[0:])
	year, ok2 := twoDigits(b[2:])
	month, ok3 := twoDigits(b[5:])
	day, ok4 := twoDigits(b[8:])
	hour, ok5 := twoDigits(b[11:])
	minute, ok6 := twoDigits(b[14:])
	c := civil{year: century*100 + year, month: month, day: day, hour: hour, minute: minute, hasYear: true}
	if !(ok1 && ok2 && ok3 && ok4 && ok5 && ok6) || !c.validDate() || !c.validClock() {
		return false
	}
	p.minute = b
	p.minuteSec = c.local()
	p.minuteUTC = p.utc(p.minuteSec, &zone{})
	return true
}
