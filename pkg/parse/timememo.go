package parse

import "github.com/tailspan/tailspan/pkg/event"

// timeMemo remembers the last minute in a layout that is not RFC 3339, and where in the text its seconds and their
// fraction stand: the times of a busy log differ in nothing else. Where they stand is found out by trying, so no layout
// has to know of it.
type timeMemo struct {
	text     [maxTimeText]byte
	size     int // of the text; 0 when there is none
	seconds  int // where their two digits stand
	fraction int // where its digits begin, t.Digits of them
	rest     int // where the text goes on behind them
	t        event.Time

	minute int64 // the last one read
}

// read reads a text that differs from the remembered one in nothing but seconds and fraction.
func (m *timeMemo) read(text []byte) (t event.Time, ok bool) {
	if m.size == 0 || len(text) != m.size || string(text[:m.seconds]) != string(m.text[:m.seconds]) || string(text[m.rest:]) != string(m.text[m.rest:m.size]) {
		return t, false
	}
	second, ok := twoDigits(text[m.seconds:])
	if !ok || second > 59 {
		return t, false
	}
	t = m.t
	t.Sec += int64(second) // that of the minute's beginning is remembered
	if t.Digits == 0 {
		return t, true
	}
	if text[m.fraction-1] != m.text[m.fraction-1] {
		return t, false
	}
	nsec, digits, length := decimals(text[m.fraction:])
	t.Nsec = nsec
	return t, length == m.rest-m.fraction && digits == t.Digits
}

// learn remembers text, which parse has just read as t, when the minute is the one of the time before.
func (m *timeMemo) learn(p *timeParser, text []byte, t event.Time, parse func(*timeParser, []byte) (event.Time, bool)) {
	minute := t.Sec / 60
	if minute != m.minute || t.Sec < 0 || len(text) > len(m.text) || !fitsNanos(t) {
		m.minute, m.size = minute, 0
		return
	}
	second := int(t.Sec % 60)
	n := copy(m.text[:], text)
	m.size = 0
	for i := 0; i+2 <= n; i++ {
		if got, ok := twoDigits(text[i:]); !ok || got != second {
			continue
		}
		other := (second + 30) % 60
		m.text[i], m.text[i+1] = '0'+byte(other/10), '0'+byte(other%10)
		moved, ok := parse(p, m.text[:n])
		m.text[i], m.text[i+1] = text[i], text[i+1]
		if ok && moved.Sec-t.Sec == int64(other-second) && moved.Nsec == t.Nsec && moved.Digits == t.Digits {
			m.keep(i, n, t, second)
			return
		}
	}
}

// keep notes that the seconds stand at index i of the n bytes of the text, if their fraction is behind them.
func (m *timeMemo) keep(i, n int, t event.Time, second int) {
	m.seconds, m.rest = i, i+2
	if t.Digits > 0 {
		m.fraction = i + 3
		if m.fraction >= n {
			return
		}
		nsec, digits, length := decimals(m.text[m.fraction:n])
		if nsec != t.Nsec || digits != t.Digits {
			return
		}
		m.rest = m.fraction + length
	}
	t.Sec -= int64(second)
	m.t, m.size = t, n
}
