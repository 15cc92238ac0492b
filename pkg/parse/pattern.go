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
	chosen bool // which of them are read on the way
}

type group struct {
	index  int // of its start among the positions of a match
	name   []byte
	role   *role
	direct *role // as what it is read on the way; nil for a field
	misses uint8 // values that could not be
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
				pat.groups = append(pat.groups, group{index: 2 * j, name: escaped, role: &r})
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
		direct := p.mayReadDirectly(found, n)
		if direct && !pat.chosen {
			p.chooseGroups(pat.groups)
			pat.chosen = true
		}
		if !f.fields(p, ev, found, pat.groups, at, direct) {
			p.unread(ev)
			ev.Fields, found.read = ev.Fields[:n], 0
			f.fields(p, ev, found, pat.groups, at, false)
		}
		p.known, p.knownFrom = f.roles, n
		found.chosen = true
		return true
	}
	p.fault = append(p.fault[:0], f.noMatch...)
	return false
}

// fields makes fields of the groups of a match, less what direct allows to be read on the way; false when a group says something else.
func (f *patternsFormat) fields(p *Parser, ev *event.Event, found *resolution, groups []group, at []int, direct bool) bool {
	f.roles = f.roles[:0]
	for i := range groups {
		g := &groups[i]
		from, to := at[g.index], at[g.index+1]
		switch {
		case from < 0:
		case direct && g.direct != nil:
			if !p.readDirect(ev, g.direct, ev.Line[from:to], true) {
				if g.misses++; g.misses == mostMisses {
					g.direct = nil
				}
				return false
			}
			found.read |= oneOf(g.direct)
		default:
			ev.Add(g.name, ev.Line[from:to], event.Text)
			f.roles = append(f.roles, g.role)
		}
	}
	return true
}
