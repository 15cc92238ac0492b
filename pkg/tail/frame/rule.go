package frame

import "regexp"

// rule says which lines are one event. It remembers nothing; what it has to know of an event stands in its state.
type rule interface {
	// first notes the line that an event begins with, and reports whether others may follow.
	first(s *state, line []byte) bool
	// next says whether the line belongs to the event that is open. What it does not, begins the next.
	next(s *state, line []byte) verdict
	// last reports whether the event ends with the line.
	last(line []byte) bool
}

// verdict says whether a line belongs to the event before it.
type verdict uint8

const (
	begins  verdict = iota // no: it begins another
	joins                  // yes
	perhaps                // if one of the next lines does; otherwise it is an event of its own
)

// The three rules that a regular expression makes. A line of a container that was taken apart is matched by its first
// part, and by its last part for end.
type (
	starts    struct{ *regexp.Regexp }
	continues struct{ *regexp.Regexp }
	ends      struct{ *regexp.Regexp }
)

func (starts) first(*state, []byte) bool    { return true }
func (continues) first(*state, []byte) bool { return true }
func (ends) first(*state, []byte) bool      { return true }

func (r starts) next(_ *state, line []byte) verdict {
	if r.Match(line) {
		return begins
	}
	return joins
}

func (r continues) next(_ *state, line []byte) verdict {
	if r.Match(line) {
		return joins
	}
	return begins
}

func (ends) next(*state, []byte) verdict { return joins }

func (starts) last([]byte) bool      { return false }
func (continues) last([]byte) bool   { return false }
func (r ends) last(line []byte) bool { return r.Match(line) }
