package parse

import (
	"math/bits"

	"github.com/tailspan/tailspan/pkg/event"
)

// longestPart bounds a name or a text of a head, in bytes.
const longestPart = 256

// headReader reads heads of one line.
type headReader struct {
	*heads
	parser *Parser
	ev     *event.Event
	line   []byte
	at     [maxHeadSteps]int // where each step of the head being read begins; the first behind the blanks that begin the line
	far    int               // how far any head fitted
	head   *headSource       // that fitted last
	known  []knownField      // of the fields of the last line
	logger []byte            // the last name of one that was read, also where the head did not go on

	nameAt  int // where a name was looked for last, -1 for nowhere
	nameEnd int // where what it may consist of ends
	timeAt  int // where a time was looked for last, -1 for nowhere
	timeEnd int // where it ends, 0 for none
}

// begin forgets the line before.
func (r *headReader) begin(p *Parser, ev *event.Event, h *heads) {
	r.heads, r.parser, r.ev, r.line = h, p, ev, ev.Line
	r.timeAt, r.nameAt, r.logger = -1, -1, nil
	start := 0
	for start < len(r.line) && r.line[start] <= ' ' {
		start++
	}
	r.at[0], r.far = start, start
}

// follow takes the first of the steps behind n that lead from pos to the end of a head, and adds its fields. depth is how many
// steps have been taken.
func (r *headReader) follow(n *headNode, depth, pos int) bool {
	may := r.mayFollow(n, pos)
	for may != 0 {
		next := n.next[bits.TrailingZeros32(may)]
		may &= may - 1
		end := r.take(next, pos)
		if end < 0 {
			continue
		}
		taken := depth + 1
		if next.blank {
			taken++
		}
		r.at[taken&(maxHeadSteps-1)] = end
		switch {
		case len(next.next) == 0:
			if r.ended(next) {
				return true
			}
		case may == 0: // there is no other way
			n, pos, depth = next, end, taken
			may = r.mayFollow(n, pos)
		case r.follow(next, taken, end):
			return true
		}
	}
	r.far = max(r.far, pos)
	return false
}

// mayFollow has a bit for each step behind n that may begin at pos.
func (r *headReader) mayFollow(n *headNode, pos int) uint32 {
	if pos >= len(r.line) {
		return n.may[0]
	}
	may := n.may[r.class[r.line[pos]]%maxClasses]
	if n.might != nil && pos+laterAt < len(r.line) {
		may &= n.might[r.class[r.line[pos+laterAt]]%maxClasses]
	}
	return may
}

// take is where the step n ends that may begin at pos; -1 when the line does not go on like that.
func (r *headReader) take(n *headNode, pos int) (end int) {
	line := r.line
	switch n.does {
	case literalPart:
		end = pos + len(n.text)
		switch {
		case end > len(line), len(n.text) > 1 && !hasShape(line[pos:], n.text): // of one byte, it has it
		case !n.blank:
			return end
		case end == len(line) || isBlank(line[end]):
			return skipBlanks(line, end)
		default:
			r.far = max(r.far, end)
		}
	case blankPart:
		if end = skipBlanks(line, pos); end > pos || pos == len(line) {
			return end
		}
	case messagePart, wholePart:
		return len(line)
	case clockPart:
		if end = clockEnd(line, pos); end > pos {
			return end
		}
	case numberPart:
		return numberEnd(line, pos)
	case letterPart:
		return r.letter(pos)
	case levelPart:
		return r.level(pos)
	case wordsPart:
		if _, end = n.said(line, pos); end >= 0 {
			return end
		}
	case timePart, glogTimePart, epochPart, secondsPart:
		if end = r.time(&n.headStep, pos); end > pos {
			return end
		}
	case namePart, pathPart:
		if end = r.name(&n.headStep, pos); end > pos && n.isLogger() {
			r.logger = line[pos:end]
		}
		return end
	case lastTextPart:
		return lastText(line, pos, n.stop)
	case sentencePart:
		return sentence(line, pos)
	default:
		return n.textEnd(line, pos, &r.plain)
	}
	return -1
}

// numberEnd is where digits end, padded with blanks on the left; -1 when there are none, or more than a number has.
func numberEnd(line []byte, pos int) (end int) {
	pos = skipBlanks(line, pos)
	for end = pos; end < len(line) && isDigit(line[end]); end++ {
	}
	if end == pos || end-pos > 18 {
		return -1
	}
	return end
}

// letter is where a letter for a level ends; -1 when there is none.
func (r *headReader) letter(pos int) (end int) {
	line := r.line
	padded := r.opened(pos) == '['
	if padded {
		pos = skipBlanks(line, pos)
	}
	end = pos + 1
	if end > len(line) || !isLetter(line[pos]) || end < len(line) && isLetter(line[end]) || r.parser.levels.of(line[pos:end]) == nil {
		return -1
	}
	return levelEnd(line, end, padded)
}

// level is where a word for a level ends; -1 when there is none.
func (r *headReader) level(pos int) (end int) {
	line := r.line
	padded := r.opened(pos) == '['
	if padded {
		pos = skipBlanks(line, pos)
	}
	end = pos
	for limit := min(len(line), pos+longestLevel+1); end < limit && (isLetter(line[end]) || end > pos && isDigit(line[end])); {
		end++
	}
	if end-pos < 3 || r.parser.levels.of(line[pos:end]) == nil {
		return -1
	}
	return levelEnd(line, end, padded)
}

// levelEnd is where a level ends that may be padded with blanks in brackets.
func levelEnd(line []byte, end int, padded bool) int {
	if !padded {
		return end
	}
	if closes := skipBlanks(line, end); closes < len(line) && line[closes] == ']' {
		return closes
	}
	return end
}

// said is the word of the step's list that stands at pos, and where it ends; -1 when there is none. One without a level begins
// the message.
func (p *part) said(line []byte, pos int) (w *saidLevel, end int) {
	for i := range p.words {
		w = &p.words[i]
		end = pos + len(w.word)
		if end > len(line) || string(line[pos:end]) != w.word {
			continue
		}
		if w.level == nil {
			return w, pos
		}
		return w, end
	}
	return nil, -1
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
		_, n, ok := r.parser.times.findGlog(r.line[pos:])
		if !ok {
			return 0
		}
		return pos + n - 1
	case !hasShape(r.line[pos:], s.text), glogLetter(r.line[pos:]): // glog's letter is no part of the time
		return 0
	}
	if pos != r.timeAt {
		r.timeAt, r.timeEnd = pos, 0
		if _, n, ok := r.parser.times.findAt(r.line[pos:], r.opened(pos)); ok {
			r.timeEnd = pos + n
		}
	}
	if n := len(s.text); r.timeEnd == 0 && n > 0 { // what follows may look as if it belonged to the time
		if _, end, ok := r.parser.times.findAt(r.line[pos:pos+n], r.opened(pos)); ok && end == n {
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
