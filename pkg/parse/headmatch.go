package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// longestPart bounds a name or a text of a head, in bytes.
const longestPart = 256

// headReader reads heads of one line.
type headReader struct {
	times *timeParser
	ev    *event.Event
	line  []byte
	start int         // where the head begins
	far   int         // how far any head fitted
	whole bool        // the head says what no field holds, so the message is the whole line
	head  *headSource // that fitted last

	upper  bool   // the level stands in capitals
	logger []byte // its name

	nameAt  int // where a name was looked for last, -1 for nowhere
	nameEnd int // where what it may consist of ends
	timeAt  int // where a time was looked for last, -1 for nowhere
	timeEnd int // where it ends, 0 for none
}

// begin forgets the line before.
func (r *headReader) begin(p *Parser, ev *event.Event) {
	r.times, r.ev, r.line = p.times, ev, ev.Line
	r.whole, r.timeAt, r.nameAt, r.upper, r.logger = false, -1, -1, false, nil
	for r.start = 0; r.start < len(r.line) && r.line[r.start] <= ' '; r.start++ {
	}
	r.far = r.start
}

// follow takes the first of the steps that lead to the end of a head, from pos on, and adds their fields.
func (r *headReader) follow(steps []*headNode, pos int) bool {
	for _, n := range steps {
		if pos < len(r.line) && !n.begin.has(r.line[pos]) {
			continue
		}
		fields, whole := len(r.ev.Fields), r.whole
		if end, ok := r.take(&n.headStep, pos); ok {
			switch {
			case len(n.next) > 0 && r.follow(n.next, end):
				return true
			case len(n.next) == 0 && r.fulfils(n.need):
				r.head = n.head
				return true
			}
		}
		r.ev.Fields, r.whole = r.ev.Fields[:fields], whole
	}
	r.far = max(r.far, pos)
	return false
}

// fulfils reports whether the steps have read what the head needs.
func (r *headReader) fulfils(need need) bool {
	return (need&needUpper == 0 || r.upper) && (need&needLogger == 0 || isLoggerName(r.logger))
}

// take takes one step.
func (r *headReader) take(s *headStep, pos int) (end int, ok bool) {
	line := r.line
	switch s.does {
	case literalPart:
		return pos + len(s.text), hasShape(line[pos:], s.text)
	case blankPart:
		end = skipBlanks(line, pos)
		return end, end > pos || pos == len(line)
	case messagePart, wholePart:
		r.whole = r.whole || s.does == wholePart
		r.message(pos)
		return len(line), true
	case clockPart:
		r.whole = true
		end = clockEnd(line, pos)
		return end, end > pos
	case numberPart:
		return r.number(s, pos)
	case levelPart, letterPart, wordsPart:
		return r.level(s, pos)
	case timePart, glogTimePart, epochPart, secondsPart:
		if end = r.time(s, pos); end <= pos {
			return pos, false
		}
	case namePart, pathPart:
		if end = r.name(s, pos); end < 0 {
			return pos, false
		}
	default:
		if end = s.textEnd(line, pos); end < 0 {
			return pos, false
		}
	}
	if text := trimBlanks(line[pos:end]); len(text) > 0 && s.name != nil {
		r.ev.Add(s.name, text, event.Text)
		if &s.name[0] == &nameLogger[0] {
			r.logger = text
		}
	}
	return end, true
}

// message adds the rest of the line as the message, or all of it where nothing is left.
func (r *headReader) message(pos int) {
	rest := r.line[pos:]
	if r.whole || len(bytes.TrimSpace(rest)) == 0 {
		rest = r.line
	}
	r.ev.Add(nameMessage, rest, event.Text)
}

// number reads digits, padded with blanks on the left.
func (r *headReader) number(s *headStep, pos int) (end int, ok bool) {
	pos = skipBlanks(r.line, pos)
	for end = pos; end < len(r.line) && isDigit(r.line[end]); end++ {
	}
	if end == pos || end-pos > 18 {
		return pos, false
	}
	for pos+1 < end && r.line[pos] == '0' { // which JSON has not
		pos++
	}
	if s.name != nil {
		r.ev.Add(s.name, r.line[pos:end], event.JSON)
	}
	return end, true
}

// level reads a word for a level, padded with blanks in brackets.
func (r *headReader) level(s *headStep, pos int) (end int, ok bool) {
	line := r.line
	if s.does == wordsPart {
		return r.said(s, pos)
	}
	padded := r.opened(pos) == '['
	if padded {
		pos = skipBlanks(line, pos)
	}
	for end = pos; end < len(line) && end-pos <= longestLevel && (isLetter(line[end]) || end > pos && isDigit(line[end])); end++ {
	}
	word := line[pos:end]
	switch {
	case s.does == letterPart:
		if len(word) == 0 || len(word) > 1 && isLetter(word[1]) {
			return pos, false
		}
		word = word[:1]
		end = pos + 1
	case len(word) < 3:
		return pos, false
	}
	if levelOf(word) == nil {
		return pos, false
	}
	r.ev.Add(s.name, word, event.Text)
	r.upper = isUpper(word[len(word)-1])
	if closes := skipBlanks(line, end); padded && closes < len(line) && line[closes] == ']' {
		end = closes
	}
	return end, true
}

// said reads a word of a list.
func (r *headReader) said(s *headStep, pos int) (end int, ok bool) {
	for i := range s.words {
		w := &s.words[i]
		end = pos + len(w.word)
		if end > len(r.line) || string(r.line[pos:end]) != w.word {
			continue
		}
		if w.level == nil {
			return pos, true
		}
		r.ev.Add(s.name, w.level, event.Text)
		return end, true
	}
	return pos, false
}

// opened is the byte before pos, 0 at the beginning.
func (r *headReader) opened(pos int) byte {
	if pos == 0 {
		return 0
	}
	return r.line[pos-1]
}

// time is where the time or the number of seconds at pos ends; 0 when there is none. What was found is kept for the next head.
func (r *headReader) time(s *headStep, pos int) int {
	switch {
	case s.does == epochPart:
		return r.epoch(s, pos)
	case s.does == secondsPart:
		return clockEnd(r.line, pos)
	case s.does == glogTimePart:
		_, n, ok := r.times.findGlog(r.line[pos:])
		if !ok {
			return 0
		}
		return pos + n - 1
	case !hasShape(r.line[pos:], s.text), glogLetter(r.line[pos:]): // glog's letter is no part of the time
		return 0
	}
	if pos != r.timeAt {
		r.timeAt, r.timeEnd = pos, 0
		if _, n, ok := r.times.findAt(r.line[pos:], r.opened(pos)); ok {
			r.timeEnd = pos + n
		}
	}
	if n := len(s.text); r.timeEnd == 0 && n > 0 { // what follows may look as if it belonged to the time
		if _, end, ok := r.times.findAt(r.line[pos:pos+n], r.opened(pos)); ok && end == n {
			return pos + n
		}
	}
	return r.timeEnd
}

// epoch is where the seconds since 1970 at pos end, with decimals where the head says that there are some; 0 when there are none.
func (r *headReader) epoch(s *headStep, pos int) int {
	end := pos + 10
	if !hasShape(r.line[pos:], "0000000000") || end < len(r.line) && isDigit(r.line[end]) {
		return 0
	}
	if s.text == "" {
		return end
	}
	if end+1 >= len(r.line) || r.line[end] != '.' || !isDigit(r.line[end+1]) {
		return 0
	}
	for end++; end < len(r.line) && isDigit(r.line[end]); end++ {
	}
	return end
}

// hasShape reports whether text begins like shape, where 0 is any digit.
func hasShape(text []byte, shape string) bool {
	if len(text) < len(shape) {
		return false
	}
	for i := range len(shape) {
		if shape[i] != text[i] && (shape[i] != '0' || !isDigit(text[i])) {
			return false
		}
	}
	return true
}

// clockEnd is where the digits of a time of day or of a number end, with its decimals.
func clockEnd(line []byte, pos int) int {
	end := pos
	for end < len(line) && end-pos < 18 && (isDigit(line[end]) || end > pos && (line[end] == ':' || line[end] == '.' || line[end] == ',')) {
		end++
	}
	for end > pos && !isDigit(line[end-1]) {
		end--
	}
	return end
}

// glogLetter reports the letter before glog's time, which timeParser takes for a part of it.
func glogLetter(text []byte) bool { return len(text) > 1 && isUpper(text[0]) && isDigit(text[1]) }
