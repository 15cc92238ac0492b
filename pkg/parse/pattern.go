package parse

import (
	"errors"
	"fmt"
	"slices"

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
	all    groupSet
	chosen bool     // which groups are read on the way where that is allowed
	reads  []group  // those
	others groupSet // and those that are not
}

// groupSet are groups that become fields.
type groupSet struct {
	groups []group
	starts []int         // their indexes
	fields []event.Field // what they become when all are there, less the values
	known  []knownField  // of those
}

func (set *groupSet) add(g group) {
	n := len(set.groups)
	if g.role.concernsChosen() {
		set.known = append(set.known, knownField{int32(n), g.role})
	}
	set.groups, set.starts = append(set.groups, g), append(set.starts, g.index)
	set.fields = append(set.fields, event.Field{Name: g.name, Kind: event.Text, Parent: -1, End: int32(n) + 1})
}

type group struct {
	index  int // of its start among the positions of a match
	name   []byte
	role   *role
	direct *role // as what it is read on the way; nil for a field
	one    uint8 // what of that a line has one of
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
				pat.all.add(group{index: 2 * j, name: escaped, role: &r})
			}
		}
		if len(pat.all.groups) == 0 {
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
	known    []knownField // of the fields of the last line
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
		n, set := len(ev.Fields), &pat.all
		if p.mayReadDirectly(found, n) {
			if !pat.chosen {
				p.chooseGroups(pat.all.groups)
				pat.divide()
			}
			set = &pat.others
			if !pat.read(p, ev, found, at) {
				p.unread(ev)
				found.read, set = 0, &pat.all
			}
		}
		ev.Fields = slices.Grow(ev.Fields, len(set.groups))
		if set.lay(ev.Fields[n:n+len(set.groups)], ev.Line, at) {
			ev.Fields = ev.Fields[:n+len(set.groups)]
			p.knows(n, len(ev.Fields), set.known)
		} else {
			f.known = set.layThere(ev, at, f.known[:0])
			p.knows(n, len(ev.Fields), f.known)
		}
		found.chosen = true
		return true
	}
	p.fault = append(p.fault[:0], f.noMatch...)
	return false
}

// divide tells the groups that are read on the way from the others.
func (pat *pattern) divide() {
	pat.chosen, pat.reads, pat.others = true, nil, groupSet{}
	for _, g := range pat.all.groups {
		if g.direct != nil {
			g.one = oneOf(g.direct)
			pat.reads = append(pat.reads, g)
		} else {
			pat.others.add(g)
		}
	}
}

// read reads the groups of a match that are read on the way; false when one is not what its name promises.
func (pat *pattern) read(p *Parser, ev *event.Event, found *resolution, at []int) bool {
	for i := range pat.reads {
		g := &pat.reads[i]
		from, to := at[g.index], at[g.index+1]
		if from < 0 {
			continue
		}
		if !p.readDirect(ev, g.direct, ev.Line[from:to], true) {
			pat.miss(g)
			return false
		}
		found.read |= g.one
	}
	return true
}

// miss notes that a group could not be read on the way.
func (pat *pattern) miss(g *group) {
	if g.misses++; g.misses < mostMisses {
		return
	}
	for i := range pat.all.groups {
		if pat.all.groups[i].index == g.index {
			pat.all.groups[i].direct = nil
		}
	}
	pat.divide()
}

// lay makes fields of all groups; false when one of them is not there.
func (set *groupSet) lay(fields []event.Field, line []byte, at []int) bool {
	copy(fields, set.fields)
	for i, k := range set.starts {
		from, to := at[k], at[k+1]
		if from < 0 {
			return false
		}
		fields[i].Value = line[from:to]
	}
	return true
}

// layThere appends fields of the groups that are there to ev, and appends which of them are known.
func (set *groupSet) layThere(ev *event.Event, at []int, known []knownField) []knownField {
	n := int32(0)
	for i := range set.groups {
		g := &set.groups[i]
		from, to := at[g.index], at[g.index+1]
		if from < 0 {
			continue
		}
		ev.Add(g.name, ev.Line[from:to], event.Text)
		if g.role.concernsChosen() {
			known = append(known, knownField{n, g.role})
		}
		n++
	}
	return known
}
