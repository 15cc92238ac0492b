package process

import (
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// Guard bounds what the documents of a pipeline make of the mapping of their index, which does not forget a name. What it
// does not let through goes into tailspan.unmapped, one flattened field, where it can still be searched as text, and
// tailspan.unmapped_reason says why. It comes behind all processors.
type Guard struct {
	MaxFields int  `mapstructure:"max_fields"` // distinct names of fields in each data stream or index since the start; default no bound
	MaxDepth  int  `mapstructure:"max_depth"`  // parts of a name, with dots between them; default no bound
	MaxLength int  `mapstructure:"max_length"` // bytes of a text; what is longer is cut; default no bound
	FoldIDs   bool `mapstructure:"fold_ids"`   // names with a part that is a number or an id are not let through
}

// Reason is why the guard stepped in.
type Reason uint8

const (
	TooMany Reason = iota // names of fields
	TooDeep
	AnID
	TooLong
	reasons
)

// reasonNames are the keys of the configuration behind the reasons.
var reasonNames = [reasons]string{"max_fields", "max_depth", "fold_ids", "max_length"}

var reasonTexts = [reasons]string{"there are more names than mapping_guard.max_fields allows", "it is deeper than mapping_guard.max_depth allows",
	"a part of its name is an id, see mapping_guard.fold_ids", ""}

// Guarded counts, for each reason, how many fields it was about.
type Guarded [reasons]atomic.Int64

// Counts are the numbers at this moment, by the key of the configuration that asked for it.
func (g *Guarded) Counts() map[string]int64 {
	counts := map[string]int64{}
	for reason, key := range reasonNames {
		counts[key] = g[reason].Load()
	}
	return counts
}

// Continue adds what was counted before.
func (g *Guarded) Continue(before *Guarded) {
	for reason := range g {
		g[reason].Add(before[reason].Load())
	}
}

// mapped are the names of the fields of one data stream, by their hashes. They are added to, and never taken away.
type mapped struct {
	mu    sync.Mutex
	names map[uint64]bool
}

// admit adds a name unless there are too many.
func (m *mapped) admit(name uint64, most int) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.names[name] && len(m.names) < most {
		m.names[name] = true
	}
	return m.names[name]
}

// guard is the last step of a Chain.
type guard struct {
	Guard
	shared *Shared
	known  map[uint64]bool // what this Chain knows to have been let through, with the route
	folded []byte          // members of tailspan.unmapped
	why    []byte          // its reason
	more   int             // fields beyond the one in why
}

// Guard makes the chain's last step. The error is one of the configuration.
func (c *Chain) Guard(g Guard) error {
	if g == (Guard{}) {
		return nil
	}
	var errs []error
	for key, value := range map[string]int{"max_fields": g.MaxFields, "max_depth": g.MaxDepth, "max_length": g.MaxLength} {
		if value < 0 {
			errs = append(errs, confkey.Errorf("mapping_guard."+key, "%d is less than nothing; write 0 for no bound", value))
		}
	}
	c.steps = append(c.steps, step{nil, &guard{Guard: g, shared: c.shared, known: map[uint64]bool{}}})
	c.whole = true
	return errors.Join(errs...)
}

var (
	unmappedName = newName("tailspan.unmapped")
	reasonName   = newName("tailspan.unmapped_reason")
)

func (g *guard) run(c *Chain, ev *event.Event) {
	g.folded, g.why, g.more = g.folded[:0], g.why[:0], 0
	c.leaves = ev.AppendLeaves(c.leaves[:0], nil)
	for _, i := range c.leaves {
		c.full = event.AppendPath(c.full[:0], ev.Fields, i)
		if reason, ok := g.lets(c.full, ev.Route); !ok {
			g.fold(c, ev, i, reason)
		} else if g.MaxLength > 0 {
			g.cut(c, ev, i)
		}
	}
	if t, ok := c.textOf(ev.Message); ok && g.MaxLength > 0 && len(t) > g.MaxLength {
		g.shared.Guarded[TooLong].Add(1)
		ev.Message = text(c.keep(func(dst []byte) []byte { return append(dst, shorter(t, g.MaxLength)...) }))
	}
	if len(g.folded) > 0 {
		g.explain(c, ev)
	}
}

// lets reports whether a field of the name may be in the document, or why not.
func (g *guard) lets(path []byte, route int) (Reason, bool) {
	if g.MaxDepth > 0 && parts(path) > g.MaxDepth {
		return TooDeep, false
	}
	if g.MaxFields == 0 {
		return AnID, !g.FoldIDs || !hasID(path)
	}
	key := xxhash.Sum64(path)
	if g.known[key^uint64(route)] {
		return 0, true
	}
	if g.FoldIDs && hasID(path) {
		return AnID, false
	}
	if !g.shared.mappedBy(route).admit(key, g.MaxFields) {
		return TooMany, false
	}
	g.known[key^uint64(route)] = true
	return 0, true
}

// parts is how many parts a name has.
func parts(path []byte) int {
	n := 1
	for _, c := range path {
		if c == '.' {
			n++
		}
	}
	return n
}

// hasID reports a part of a name that looks as if it was made by a program for one thing among many.
func hasID(path []byte) bool {
	from := 0
	for i := 0; i <= len(path); i++ {
		if i == len(path) || path[i] == '.' {
			if isID(path[from:i]) {
				return true
			}
			from = i + 1
		}
	}
	return false
}

// isID reports a number, a UUID or another long number in hexadecimal digits, or a text longer than names are.
func isID(part []byte) bool {
	digits, hex, others := 0, 0, 0
	for _, c := range part {
		switch {
		case isDigit(c):
			digits++
		case isHex(c):
			hex++
		case c != '-' && c != '_':
			others++
		}
	}
	switch {
	case len(part) > 128:
		return true
	case digits == 0 || others > 0:
		return false
	}
	return hex == 0 || digits+hex >= 16
}

// longestFolded is what a flattened field holds of one value: Lucene's limit of a term is 32,766 bytes.
const longestFolded = 8 << 10

// fold moves field i aside.
func (g *guard) fold(c *Chain, ev *event.Event, i int32, reason Reason) {
	g.shared.Guarded[reason].Add(1)
	if len(g.folded) == 0 {
		g.folded = append(g.folded, '{')
		g.why = append(append(append(g.why, "mapping guard: "...), c.unescaped(c.full)...), ": "...)
		g.why = append(g.why, reasonTexts[reason]...)
	} else {
		g.folded = append(g.folded, ',')
		g.more++
	}
	g.folded = append(append(append(g.folded, '"'), c.full...), '"', ':')
	f := &ev.Fields[i]
	v := event.Value{Bytes: f.Value, Kind: f.Kind, Set: true}
	spelled, ok := c.spelled(v)
	if !ok {
		spelled = v.Bytes
	}
	g.folded = jsontext.AppendString(g.folded, shorter(spelled, longestFolded))
	ev.Remove(int(i))
	c.unknow(ev, c.full)
}

// explain adds what was moved aside, and why.
func (g *guard) explain(c *Chain, ev *event.Event) {
	g.folded = append(g.folded, '}')
	if g.more > 0 {
		g.why = append(append(g.why, "; and "...), strconv.Itoa(g.more)+" more"...)
	}
	unmapped, reason := unmappedName, reasonName
	c.put(ev, &unmapped, event.Value{Bytes: g.folded, Kind: event.JSON, Set: true})
	c.put(ev, &reason, text(g.why))
}

// cut shortens a text.
func (g *guard) cut(c *Chain, ev *event.Event, i int32) {
	f := &ev.Fields[i]
	t, ok := c.textOf(event.Value{Bytes: f.Value, Kind: f.Kind, Set: true})
	if !ok || len(t) <= g.MaxLength {
		return
	}
	g.shared.Guarded[TooLong].Add(1)
	ev.Change(int(i), c.keep(func(dst []byte) []byte { return append(dst, shorter(t, g.MaxLength)...) }), event.Text)
}

// shorter is t cut at the end of a rune.
func shorter(t []byte, most int) []byte {
	if len(t) <= most {
		return t
	}
	for most > 0 && !utf8.RuneStart(t[most]) {
		most--
	}
	return t[:most]
}
