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
	role  *role
}

// compilePatterns compiles each expression of the key pattern.
func compilePatterns(exprs []string) ([]*pattern, error) {
	if len(exprs) == 0 {
		return nil, confkey.Errorf("pattern", "is missing; format regex needs an expression, or a list of them")
	}
	var patterns []*pattern
	var errs []error
	for i, expr := range exprs {
		key := patternKey(exprs, i)
		re, err := redfa.Compile(expr)
		if err != nil {
			errs = append(errs, confkey.Errorf(key, "%v", err))
			continue
		}
		pat := &pattern{matcher: re.NewMatcher()}
		for j, name := range re.SubexpNames() {
			if name != "" {
				escaped := jsontext.AppendEscaped(nil, name)
				r := roleOf(escaped)
				pat.groups = append(pat.groups, group{2 * j, escaped, &r})
			}
		}
		if len(pat.groups) == 0 {
			errs = append(errs, confkey.Errorf(key, "has no named group, so it would keep nothing; write (?P<name>...)"))
		}
		patterns = append(patterns, pat)
	}
	return patterns, errors.Join(errs...)
}

// patternKey is the key of pattern i of the configuration's.
func patternKey(patterns []string, i int) string {
	if len(patterns) == 1 {
		return "pattern"
	}
	return fmt.Sprintf("pattern[%d]", i)
}

// patternsFormat takes a line apart with the first pattern that matches.
type patternsFormat struct {
	patterns []*pattern
	noMatch  []byte
	roles    []*role // of the fields of the last line
}

func newRegexFormat(cfg *Config) (format, error) {
	patterns, err := compilePatterns(cfg.Pattern)
	return &patternsFormat{patterns: patterns, noMatch: []byte("regex: no pattern matches")}, err
}

func (f *patternsFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	for _, pat := range f.patterns {
		at := pat.Match(ev.Line)
		if at == nil {
			continue
		}
		n := len(ev.Fields)
		f.roles = f.roles[:0]
		for i := range pat.groups {
			g := &pat.groups[i]
			if from, to := at[g.index], at[g.index+1]; from >= 0 {
				ev.Add(g.name, ev.Line[from:to], event.Text)
				f.roles = append(f.roles, g.role)
			}
		}
		p.known, p.knownFrom = f.roles, n
		found.chosen = true
		return true
	}
	p.fault = append(p.fault[:0], f.noMatch...)
	return false
}
