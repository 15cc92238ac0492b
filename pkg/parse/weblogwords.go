package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// words reads the words of a line that blanks part, some of them in quotes.
type words struct {
	line []byte
	i    int
}

// next is the next word, empty at the end, and nothing when it is `-`.
func (w *words) next() []byte {
	from := skipBlanks(w.line, w.i)
	for w.i = from; w.i < len(w.line) && !isBlank(w.line[w.i]); {
		w.i++
	}
	return unlessNone(w.line[from:w.i])
}

// quoted is the next text in quotes; ok is false when something else comes next.
func (w *words) quoted() (text []byte, ok bool) {
	var s span
	n, ok := quotedAt(w.line, w.i, &s)
	if ok {
		w.i = n
	}
	return s.of(w.line), ok
}

// text is the next text, in quotes or a word.
func (w *words) text() []byte {
	if text, ok := w.quoted(); ok {
		return text
	}
	return w.next()
}

// splitPort splits `1.2.3.4:80` and `[::1]:80`; port is empty without one.
func splitPort(address []byte) (host, port []byte) {
	i := bytes.LastIndexByte(address, ':')
	if i <= 0 || i+1 == len(address) || !allDigits(address[i+1:]) {
		return address, nil
	}
	host, port = address[:i], address[i+1:]
	if n := len(host); n > 2 && host[0] == '[' && host[n-1] == ']' {
		host = host[1 : n-1]
	}
	return host, port
}

// addAddress adds an address and its port.
func addAddress(ev *event.Event, name, port, address []byte) {
	host, number := splitPort(address)
	addText(ev, name, host)
	addNumber(ev, port, number)
}

// addDecimal adds a number with or without a fraction, if JSON can have it as one.
func addDecimal(ev *event.Event, name, text []byte) {
	whole, fraction, dotted := bytes.Cut(text, []byte("."))
	if dotted && (len(fraction) == 0 || !allDigits(fraction)) || len(whole) == 0 || len(text) > 32 ||
		whole[0] == '0' && len(whole) > 1 || !allDigits(whole) {
		return
	}
	ev.Add(name, text, event.JSON)
}
