package process

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"

	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

// finder finds all matches of an expression, as regexp.FindAllSubmatchIndex does. Whether there is any is found without
// allocations; what follows the first one, too, unless the expression asks what stands before a match.
type finder struct {
	re      *regexp.Regexp
	fast    *redfa.Matcher
	context bool // the expression asks what stands before a match, so a text cannot be cut
	at      []int
	list    [][]int // of such an expression, all matches in the text being looked at
}

func newFinder(expr string) (finder, error) {
	compiled, err := redfa.Compile(expr)
	if err != nil {
		return finder{}, err
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return finder{}, err
	}
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return finder{}, err
	}
	return finder{re: re, fast: compiled.NewMatcher(), context: asksBefore(parsed)}, nil
}

// asksBefore reports an expression with an assertion about what stands before.
func asksBefore(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range re.Sub {
		if asksBefore(sub) {
			return true
		}
	}
	return false
}

// first is the first match, or nil; valid until the next call.
func (f *finder) first(t []byte) []int { return f.fast.Match(t) }

// next is a match and what to ask for the one behind it with; first it is 0. It is nil when there is none. last is where the
// match before ended, -1 for none: an empty match right there is none. The answer is valid until the next call.
func (f *finder) next(t []byte, from, last int) (at []int, on int) {
	if f.context {
		return f.listed(t, from)
	}
	for from <= len(t) {
		if at = f.matchFrom(t, from); at == nil {
			return nil, 0
		}
		on = at[1]
		if at[1] > at[0] {
			return at, on
		}
		_, size := utf8.DecodeRune(t[at[1]:])
		on += max(size, 1)
		if at[0] != last {
			return at, on
		}
		from = on
	}
	return nil, 0
}

// matchFrom is the first match that begins at or behind from, of an expression that does not ask what is before.
func (f *finder) matchFrom(t []byte, from int) []int {
	found := f.fast.Match(t[from:])
	if found == nil {
		return nil
	}
	f.at = append(f.at[:0], found...)
	for i := range f.at {
		if f.at[i] >= 0 {
			f.at[i] += from
		}
	}
	return f.at
}

// listed goes through what the library finds: n is the number of the match.
func (f *finder) listed(t []byte, n int) (at []int, on int) {
	if n == 0 {
		if f.list = nil; f.fast.Match(t) != nil {
			f.list = f.re.FindAllSubmatchIndex(t, -1)
		}
	}
	if n >= len(f.list) {
		f.list = nil
		return nil, 0
	}
	return f.list[n], n + 1
}
