package redfa

import (
	"regexp"
	"regexp/syntax"
)

// general runs what straight-line mode cannot. Here: Go's own engine, which allocates the answer of each match.
type general struct{ re *regexp.Regexp }

func compileGeneral(tree *syntax.Regexp) (*general, error) {
	re, err := regexp.Compile(tree.String())
	return &general{re}, err
}

type generalMatcher struct{ re *regexp.Regexp }

func (g *general) newMatcher(int) *generalMatcher { return &generalMatcher{g.re} }

func (m *generalMatcher) match(line []byte) []int { return m.re.FindSubmatchIndex(line) }
