package parse

import (
	"slices"
	"strings"
)

// A head is how the lines of a logger begin, written as a text such as
//
//	<time> <level> [<thread>] <logger> - <message>
//
// where <…> is one of headParts, a blank is one or more blanks, 0 is a digit, {…} may be missing, \ takes the meaning from
// the byte behind it, and everything else stands for itself.

// headStep reads one piece of a line.
type headStep struct {
	part
	text string // of a literal or the shape of a time; 0 is any digit
	stop string // the literal behind, which ends a name or a text
	lead bool   // there is a blank before it
	gap  bool   // and one behind it
	need need   // of the last step: what the steps before must have read
}

// part is what can stand between < and >.
type part struct {
	does  doing
	name  []byte      // of the field; nil when it becomes none
	words []saidLevel // of wordsPart
}

// doing is what a step does.
type doing uint8

// In the order of strictness: where two steps may follow, the one above is tried first.
const (
	literalPart doing = iota
	blankPart
	glogTimePart // a month, a day and a time of day, in glog's way
	epochPart    // ten digits
	timePart     // a date with a time of day
	secondsPart  // a number with decimals
	clockPart    // a time of day without a date, which makes no timestamp
	wordsPart    // a word of a list
	letterPart   // one capital for a level
	levelPart    // a word for a level
	upperPart    // the same, with needUpper
	numberPart   // digits
	hexPart      // hexadecimal digits, or nothing
	pathPart     // the name of a part of a program that is no word of running text
	namePart     // any name of a part of a program
	loggerPart   // the same, with needLogger
	wordPart     // anything without blanks
	lastTextPart // anything up to the last of what ends it, before an @
	programPart  // anything but a colon with a blank, pairs of brackets included
	textPart     // anything, pairs of brackets included
	sentencePart // a message before a bracket that ends the line
	messagePart  // the rest
	wholePart    // the line once more
)

// need is what tells a head from running text.
type need uint8

const (
	needUpper  need = 1 << iota // the level stands in capitals
	needLogger                  // the logger's name is no word that a sentence could begin with
)

// saidLevel is a word that stands for a level in some program's lines only; without a level, it begins the message.
type saidLevel struct {
	word  string
	level []byte
}

// compileHead compiles a text of the tables, which are all there are, into its steps: one list for each choice of what may
// be missing, the longest first.
func compileHead(text string) [][]headStep {
	if before, rest, ok := cutOptional(text); ok {
		inside, behind, _ := strings.Cut(rest, "}")
		return append(compileHead(before+inside+behind), compileHead(before+behind)...)
	}
	steps := compileHeadSteps(text)
	last := &steps[len(steps)-1]
	for i := range steps {
		s := &steps[i]
		s.findStop(steps[i+1:])
		switch s.does { // so that they are the same step as without the need, and the line is read once
		case upperPart:
			s.does = levelPart
			last.need |= needUpper
		case loggerPart:
			s.does = namePart
			last.need |= needLogger
		}
	}
	return [][]headStep{steps}
}

// cutOptional cuts a text around the first brace that opens what may be missing.
func cutOptional(text string) (before, rest string, ok bool) {
	for i := range len(text) {
		if text[i] == '{' && (i == 0 || text[i-1] != '\\') {
			return text[:i], text[i+1:], true
		}
	}
	return text, "", false
}

// findStop looks in the steps behind s for what ends its text.
func (s *headStep) findStop(behind []headStep) {
	if s.does < hexPart {
		return // it knows its end
	}
	if len(behind) > 1 && behind[0].does == blankPart && s.does == textPart {
		s.lead = true
		behind = behind[1:]
	}
	if len(behind) > 0 && behind[0].does == literalPart {
		s.stop = behind[0].text
		s.gap = len(behind) > 1 && behind[1].does == blankPart
	}
}

func compileHeadSteps(text string) []headStep {
	var steps []headStep
	for len(text) > 0 {
		switch c := text[0]; c {
		case '<':
			end := strings.IndexByte(text, '>')
			name, shape, _ := strings.Cut(text[1:end], "=")
			p, ok := headParts[name]
			if !ok {
				panic("parse: a head has no part " + name)
			}
			steps = append(steps, headStep{part: p, text: shape})
			text = text[end:]
		case ' ':
			steps = append(steps, headStep{part: part{does: blankPart}})
		case '\\':
			text = text[1:]
			fallthrough
		default:
			if n := len(steps); n > 0 && steps[n-1].does == literalPart {
				steps[n-1].text += text[:1]
			} else {
				steps = append(steps, headStep{text: text[:1]})
			}
		}
		text = text[1:]
	}
	return steps
}

// byteSet is a set of bytes.
type byteSet [4]uint64

func (s *byteSet) has(c byte) bool { return s[c>>6]>>(c&63)&1 != 0 }

// setOf is the set of the bytes that in reports.
func setOf(in func(byte) bool) (set byteSet) {
	for c := range 256 {
		if in(byte(c)) {
			set[c>>6] |= 1 << (c & 63)
		}
	}
	return set
}

// mayHaveLater reports whether c may stand laterAt bytes behind the step's first.
func (s *headStep) mayHaveLater(c byte) bool {
	switch {
	case s.does == epochPart: // of ten digits
		return c == '.' || s.text == "" && !isDigit(c)
	case s.does != timePart && s.does != literalPart, len(s.text) <= laterAt:
		return true
	}
	return s.text[laterAt] == c || s.text[laterAt] == '0' && isDigit(c)
}

// mayBegin reports whether the step may begin with c.
func (s *headStep) mayBegin(c byte) bool {
	switch s.does {
	case literalPart:
		return s.text[0] == c || s.text[0] == '0' && isDigit(c)
	case blankPart:
		return isBlank(c)
	case timePart:
		if s.text != "" {
			return s.text[0] == c || s.text[0] == '0' && isDigit(c)
		}
		return isDigit(c) || isLetter(c) // of a weekday or a month
	case epochPart, secondsPart, clockPart, glogTimePart:
		return isDigit(c)
	case numberPart:
		return isDigit(c) || isBlank(c)
	case levelPart:
		return isLetter(c) || isBlank(c)
	case letterPart:
		return isUpper(c) || isBlank(c)
	case wordsPart:
		return slices.ContainsFunc(s.words, func(w saidLevel) bool { return w.word[0] == c })
	case wordPart:
		return c > ' ' && c != ','
	case namePart, pathPart:
		return beginsName[c] || s.stop != "" && s.stop[0] == c
	}
	return true
}
