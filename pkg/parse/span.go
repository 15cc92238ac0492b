package parse

// span is a piece of a line; the zero value is none.
type span struct{ from, to int }

func (s span) is() bool { return s.to > s.from }

func (s span) of(line []byte) []byte { return line[s.from:s.to] }
