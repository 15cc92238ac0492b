package redfa

import (
	"regexp/syntax"
)

// Regexp is a compiled expression. It is immutable: any number of goroutines may use it, each with its own Matcher.
type Regexp struct {
	expr     string
	names    []string  // names[0] is "", as regexp has it
	straight *straight // nil: the general engine runs the expression
	general  *general
}

// Compile parses Go regexp syntax (RE2) and prepares a program. A group's name may hold what field names hold
// (letters, digits and "_.-@:/[]"), beyond what Go allows. An error is an *Error and carries the position in expr.
func Compile(expr string) (*Regexp, error) {
	renamed, err := renameGroups(expr)
	if err != nil {
		return nil, err
	}
	tree, perr := syntax.Parse(renamed.text, syntax.Perl)
	if perr != nil {
		return nil, renamed.syntaxError(perr)
	}
	return build(expr, tree, renamed.groupNames(tree))
}

// build makes the programs of a parsed expression.
func build(expr string, tree *syntax.Regexp, names []string) (*Regexp, error) {
	if len(names) > firstSpecial {
		return nil, &Error{Expr: expr, Msg: "too many groups"}
	}
	re := &Regexp{expr: expr, names: names, straight: compileStraight(tree, nil)}
	var err error
	re.general, err = compileGeneral(tree, 2*len(names), 2*len(names), nil)
	if err != nil {
		return nil, &Error{Expr: expr, Msg: err.Error()}
	}
	return re, nil
}

// NumSubexp returns the number of groups.
func (re *Regexp) NumSubexp() int { return len(re.names) - 1 }

// SubexpNames returns the names of the groups as the expression writes them; element 0 and unnamed groups are "".
// The caller must not modify the slice.
func (re *Regexp) SubexpNames() []string { return re.names }

// String returns the expression as it was given.
func (re *Regexp) String() string { return re.expr }

// Straight reports whether the expression runs in straight-line mode.
func (re *Regexp) Straight() bool { return re.straight != nil }

// Matcher is the scratch one goroutine needs to run one Regexp. It must not be used by two goroutines at once.
type Matcher struct {
	re       *Regexp
	straight *straightMatcher
	gen      *generalMatcher
}

// NewMatcher returns the scratch one goroutine needs to run re.
func (re *Regexp) NewMatcher() *Matcher {
	m := &Matcher{re: re, gen: re.general.newMatcher()}
	if re.straight != nil {
		m.straight = re.straight.newMatcher(2 * len(re.names))
	}
	return m
}

// Match returns the positions of the leftmost-first match and its groups as regexp.FindSubmatchIndex does (-1 for a
// group that took no part), or nil if there is none; valid until the next call to Match.
func (m *Matcher) Match(line []byte) []int {
	if s := m.straight; s != nil {
		switch s.find(line) {
		case found:
			return s.caps
		case notFound:
			return nil
		}
	}
	return m.gen.match(line)
}

// GaveUp reports whether the last call to Match returned nil without knowing whether there is a match. That happens
// only to expressions of CompileGrok with atomic groups that are nested in each other and in loops in a way that keeps
// more threads apart than four for each node of the program.
func (m *Matcher) GaveUp() bool { return m.gen.gaveUp }
