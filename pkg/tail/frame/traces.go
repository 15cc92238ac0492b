package frame

import "bytes"

// traces is the rule for stack traces as runtimes print them, and for lines that are indented deeper than the first one of
// their event. What an ordinary line costs is a look at its first byte and a word or two.
//
// Most lines of a trace tell by themselves that they go on with what stands before (`	at `, `Caused by:`); the line
// before the first of them is the head of the trace, whatever it is. A few say so only after certain others: they are what
// state.kind is for. A blank line, and the message of an error of Dart, belong to a trace only if one of the next lines does.
type traces struct{}

// state is what traces knows of an event.
type state struct {
	kind   kind
	indent int  // of the first line
	deeper bool // an indented line has followed
	maybe  int  // lines that belong to the event only if a next one does
}

// kind is what the last lines say of the next.
type kind uint8

const (
	anything  kind = iota
	nested         // "nested exception is:": the next line is it
	python         // Traceback: then indented lines, then the exception
	raised         // the exception of a Traceback
	chained        // the sentence between two Tracebacks
	goroutine      // its header, or a file line: a call may follow
	called         // a call: its file line follows
	goRuntime      // the runtime speaks before a fatal error
	php            // frames are numbered
	phpLog         // and so are those of its own log
	dart           // Unhandled exception: the next line is it
	dartBody       // more of it, until the frames begin
	rails          // its frames may stand at the margin
	panicking      // Rust: the message comes next
	panicked       // and notes may follow
	pointed        // JavaScript: source, a caret below it; the error follows a blank line
)

// mostMaybe bounds the lines whose belonging is open: the errors of Dart that quote source have a few.
const mostMaybe = 12

// start is how a line begins that says more of what follows than others do.
var start = [256][]struct {
	text string
	kind kind
}{
	'T': {{"Traceback (most recent call last):", python}},
	'U': {{"Unhandled exception:", dart}},
	'r': {{"runtime: ", goRuntime}},
	'u': {{"unexpected fault address ", goRuntime}},
}

func (traces) first(s *state, line []byte) bool {
	indent := indentOf(line)
	if indent == len(line) {
		return false
	}
	*s = state{indent: indent}
	rest := line[indent:]
	for _, one := range start[rest[0]] {
		if has(rest, one.text) && (one.kind != dart || len(rest) == len(one.text)) {
			s.kind = one.kind
		}
	}
	switch {
	case rest[0] == 't' && has(rest, "thread '") && bytes.Contains(rest, []byte(" panicked at")):
		s.kind = panicked
		if rest[len(rest)-1] == ':' {
			s.kind = panicking
		}
	case rest[0] == '+' && has(rest, groupHead):
		s.indent = 0
	case endsInRails(rest):
		s.kind = rails
	}
	return true
}

const groupHead = "+ Exception Group Traceback (most recent call last):"

// endsInRails reports whether the line is the head of a trace of Rails.
func endsInRails(line []byte) bool {
	return bytes.HasSuffix(line, []byte("):")) && bytes.Contains(line, []byte("Error ("))
}

func (traces) last([]byte) bool { return false }

func (traces) next(s *state, line []byte) verdict {
	if len(line) == 0 {
		if s.maybe++; s.maybe > mostMaybe {
			return begins
		}
		return perhaps
	}
	v := begins
	if c := line[0]; c == ' ' || c == '\t' {
		v = s.indented(line)
	} else {
		v = s.atMargin(line)
	}
	switch v {
	case joins:
		s.maybe = 0
	case perhaps:
		if s.maybe++; s.maybe > mostMaybe {
			v = begins
		}
	}
	return v
}

// indented looks at a line that begins with a blank.
func (s *state) indented(line []byte) verdict {
	indent := indentOf(line)
	rest := line[indent:]
	frame := hasFrame(rest)
	switch {
	case indent <= s.indent && !frame:
		return begins
	case s.maybe > 0 && !s.deeper && !frame && s.kind == anything:
		return begins
	case !s.deeper && (endsInRails(rest) || has(rest, groupHead)):
		return begins
	}
	s.deeper = true
	switch {
	case s.kind == called:
		s.kind = goroutine
	case has(rest, "nested exception is:"):
		s.nest(rest)
	case len(rest) > 0 && rest[0] == '^' && len(bytes.TrimLeft(rest, "^~")) == 0 && s.kind == anything:
		s.kind = pointed
	}
	return joins
}

// hasFrame reports whether an indented line, less its indentation, is one of a trace whatever stands before.
func hasFrame(rest []byte) bool {
	if len(rest) < 4 {
		return false
	}
	switch rest[0] {
	case 'a':
		return has(rest, "at ")
	case 'f':
		return has(rest, "from ")
	case 'e':
		return has(rest, "eval at ")
	case '.':
		return has(rest, "... ") && isDigit(rest[4:])
	case '-':
		return has(rest, "--- End of ")
	case 'C':
		return has(rest, "Caused by: ")
	case 'S':
		return has(rest, "Suppressed: ")
	}
	return false
}

// nest notes what is nested: in the line itself, or in the next.
func (s *state) nest(rest []byte) {
	if s.kind = anything; len(bytes.TrimRight(rest, " \t")) == len("nested exception is:") {
		s.kind = nested
	}
}

func indentOf(line []byte) int {
	for i, c := range line {
		if c != ' ' && c != '\t' {
			return i
		}
	}
	return len(line)
}

func has(line []byte, prefix string) bool {
	return len(line) >= len(prefix) && string(line[:len(prefix)]) == prefix
}

func isDigit(line []byte) bool { return len(line) > 0 && line[0] >= '0' && line[0] <= '9' }
