package frame

import "bytes"

// signs are how lines at the margin begin that go on with what stands before, whatever it is, and what that is then.
var signs = [256][]struct {
	text string
	kind kind
}{
	'C': {{"Caused by: ", anything}},
	'S': {{"Suppressed: ", anything}, {"Stack trace:", php}},
	'W': {{"Wrapped by: ", anything}},
	'-': {{"--- End of ", anything}},
	's': {{"stack backtrace:", anything}},
	'[': {{"[signal ", anything}, {"[originating from goroutine ", goroutine}, {"[stacktrace]", php}},
	'#': {{"#0 ", php}},
	'<': {{"<asynchronous suspension>", anything}},
	'P': {{"PC=0x", anything}, {"PHP Stack trace:", phpLog}},
	'r': {{"runtime stack:", goroutine}},
}

// atMargin looks at a line that is not indented.
func (s *state) atMargin(line []byte) verdict {
	if v, sure := s.expected(line); sure {
		return v
	}
	for _, sign := range signs[line[0]] {
		if has(line, sign.text) {
			s.become(sign.kind)
			return joins
		}
	}
	switch line[0] {
	case '.':
		return s.joinsIf(has(line, "... ") && isDigit(line[4:]))
	case 'a':
		return s.joinsIf(has(line, "at ") && line[len(line)-1] == ')' && bytes.IndexByte(line, '(') > 0)
	case 'g':
		if isGoroutine(line) {
			s.become(goroutine)
			return joins
		}
	case 'n':
		if has(line, "nested exception is:") {
			s.nest(line)
			return joins
		}
	case 'N':
		return s.joinsIf(s.deeper && has(line, "Node.js v"))
	case '}', ']':
		return s.joinsIf(s.deeper && len(bytes.Trim(line, "}]), ;")) == 0)
	case '[':
		if what := afterStamp(line); has(what, "PHP Stack trace:") {
			s.become(phpLog)
			return joins
		}
	}
	return begins
}

// become notes what the next lines may be; a sign that says nothing of that leaves it as it was.
func (s *state) become(k kind) {
	if k != anything {
		s.kind = k
	}
}

func (s *state) joinsIf(does bool) verdict {
	if does {
		return joins
	}
	return begins
}

// expected looks for what may follow only the lines before; sure is false when the line is none of that.
func (s *state) expected(line []byte) (v verdict, sure bool) {
	switch s.kind {
	case anything:
		return begins, false
	case nested, panicking, dart:
		s.kind = behind[s.kind]
		return joins, true
	case dartBody:
		return s.inDart(line)
	case python, raised, chained:
		return s.inPython(line)
	case goroutine, called, goRuntime:
		return s.inGo(line)
	case php, phpLog:
		return s.inPHP(line)
	case rails:
		return joins, isRuby(line)
	case panicked:
		return joins, has(line, "note: ")
	case pointed:
		if s.maybe > 0 && isError(line) {
			s.kind = anything
			return joins, true
		}
	}
	return begins, false
}

// behind is what follows when the line has come that a kind waits for.
var behind = map[kind]kind{nested: anything, panicking: panicked, dart: dartBody}

// inDart takes whatever stands between the error and its frames for its message, if frames do come.
func (s *state) inDart(line []byte) (verdict, bool) {
	if line[0] == '#' && isDigit(line[1:]) {
		s.kind = php // whose frames read alike
		return joins, true
	}
	return perhaps, line[0] != '<'
}

func (s *state) inPython(line []byte) (verdict, bool) {
	switch {
	case s.kind == python && s.maybe == 0 && isException(line):
		s.kind = raised
		return joins, true
	case s.kind == raised && s.maybe > 0 &&
		(has(line, "During handling of the above exception, ") || has(line, "The above exception was the direct cause ")):
		s.kind = chained
		return joins, true
	case s.kind == chained && has(line, "Traceback (most recent call last):"):
		s.kind = python
		return joins, true
	}
	return begins, false
}

// isException reports whether the line is what a Traceback ends with: a dotted name, and behind a colon what it says.
func isException(line []byte) bool {
	for i, c := range line {
		switch {
		case c == ':':
			return i > 0
		case c <= ' ' || c == '(' || c == ')' || c == '"' || c == '\'':
			return false
		}
	}
	return true
}

func (s *state) inGo(line []byte) (verdict, bool) {
	switch {
	case s.kind == goRuntime && (has(line, "runtime: ") || has(line, "fatal error: ") || has(line, "[signal ")):
		return joins, true
	case s.kind == goroutine && s.maybe == 0 && isCall(line):
		s.kind = called
		return joins, true
	case s.deeper && isRegister(line):
		return joins, true
	}
	return begins, false
}

// isGoroutine reports whether the line is the header of a goroutine's stack.
func isGoroutine(line []byte) bool {
	return has(line, "goroutine ") && isDigit(line[len("goroutine "):]) && bytes.IndexByte(line, '[') > 0 && line[len(line)-1] == ':'
}

// isCall reports whether the line is a call in Go's stack: a name without blanks, and arguments.
func isCall(line []byte) bool {
	if has(line, "created by ") || has(line, "...") {
		return true
	}
	open := bytes.IndexByte(line, '(')
	return open > 0 && line[len(line)-1] == ')' && bytes.IndexByte(line[:open], ' ') < 0
}

// isRegister reports whether the line is one of those that a fatal signal prints last: rax    0xfffffffffffffffc.
func isRegister(line []byte) bool {
	name := bytes.IndexByte(line, ' ')
	return name > 1 && name < 7 && has(bytes.TrimLeft(line[name:], " "), "0x") && bytes.IndexByte(bytes.TrimLeft(line[name:], " "), ' ') < 0
}

func (s *state) inPHP(line []byte) (verdict, bool) {
	switch {
	case s.kind == phpLog:
		what := afterStamp(line)
		return joins, has(what, "PHP  ") && isDigit(bytes.TrimLeft(what[3:], " "))
	case line[0] == '#' && isDigit(line[1:]), has(line, "Next "), bytes.Equal(bytes.TrimRight(line, " "), []byte(`"}`)):
		return joins, true
	}
	return begins, false
}

// afterStamp is what stands behind the time in brackets that PHP puts before each line of its log.
func afterStamp(line []byte) []byte {
	const longest = 64
	if line[0] != '[' {
		return line
	}
	i := bytes.IndexByte(line[:min(len(line), longest)], ']')
	if i < 0 {
		return nil
	}
	return bytes.TrimLeft(line[i+1:], " ")
}

// isRuby reports whether the line is a frame of Ruby.
func isRuby(line []byte) bool {
	i := bytes.Index(line, []byte(".rb:"))
	if i < 0 {
		return false
	}
	rest := bytes.TrimLeft(line[i+len(".rb:"):], "0123456789")
	return has(rest, ":in ")
}

// isError reports whether the line begins with the name of an error, as V8 prints it.
func isError(line []byte) bool {
	end := bytes.IndexAny(line, ": [(")
	if end < 0 {
		end = len(line)
	}
	return bytes.HasSuffix(line[:end], []byte("Error")) || bytes.HasSuffix(line[:end], []byte("Exception"))
}
