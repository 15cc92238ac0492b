package parse

import (
	"errors"
	"fmt"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/redfa"
)

// matcher finds the groups of one expression in a line.
type matcher interface {
	// Match returns the positions of the match and its groups as regexp.FindSubmatchIndex does, or nil; valid until
	// the next call.
	Match(line []byte) []int
}

// pattern is an expression whose named groups are fields.
type pattern struct {
	matcher
	groups []group
}

type group struct {
	index int // of its start among the positions of a match
	name  []byte
}

// compilePatterns compiles each expression of the key pattern.
func compilePatterns(exprs []string) ([]*pattern, error) {
	if len(exprs) == 0 {
		return nil, confkey.Errorf("pattern", "is missing; format regex needs an expression, or a list of them")
	}
	var patterns []*pattern
	var errs []error
	for i, expr := range exprs {
		key := "pattern"
		if len(exprs) > 1 {
			key = fmt.Sprintf("pattern[%d]", i)
		}
		re, err := redfa.Compile(expr)
		if err != nil {
			errs = append(errs, confkey.Errorf(key, "%v", err))
			continue
		}
		pat := &pattern{matcher: re.NewMatcher()}
		for j, name := range re.SubexpNames() {
			if name != "" {
				pat.groups = append(pat.groups, group{2 * j, jsontext.AppendEscaped(nil, name)})
			}
		}
		if len(pat.groups) == 0 {
			errs = append(errs, confkey.Errorf(key, "has no named group, so it would keep nothing; write (?P<name>...)"))
		}
		patterns = append(patterns, pat)
	}
	return patterns, errors.Join(errs...)
}

var noMatch = []byte("regex: no pattern matches")

// parsePatterns takes the line apart with the first pattern that matches.
func (p *Parser) parsePatterns(ev *event.Event) {
	for _, pat := range p.patterns {
		found := pat.Match(ev.Line)
		if found == nil {
			continue
		}
		for _, g := range pat.groups {
			if from, to := found[g.index], found[g.index+1]; from >= 0 {
				ev.Add(g.name, ev.Line[from:to], event.Text)
			}
		}
		p.resolve(ev, resolution{chosen: true})
		return
	}
	p.fail(ev, noMatch)
}
