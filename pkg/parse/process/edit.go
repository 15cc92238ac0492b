package process

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (d *Drop) condition() string   { return d.When }
func (k *Keep) condition() string   { return "" } // it is what the processor is about
func (r *Rename) condition() string { return r.When }
func (f *Copy) condition() string   { return f.When }
func (s *Set) condition() string    { return s.When }
func (r *Remove) condition() string { return r.When }

// names compiles the names of a list of fields that are read and changed.
func (c *Chain) fieldNames(key string, texts []string) ([]name, error) {
	if len(texts) == 0 {
		return nil, confkey.Errorf(key, "is missing; write a list of names, as in [message]")
	}
	var names []name
	var errs []error
	for i, text := range texts {
		if err := checkName(text); err != nil {
			errs = append(errs, confkey.Errorf(fmt.Sprintf("%s[%d]", key, i), "%v", err))
			continue
		}
		c.ask(text)
		names = append(names, newName(text))
	}
	return names, errors.Join(errs...)
}

// fieldName compiles the name of one field that is read.
func (c *Chain) fieldName(key, text string) (name, error) {
	if err := checkName(text); err != nil {
		return name{}, confkey.Errorf(key, "%v", err)
	}
	c.ask(text)
	return newName(text), nil
}

// targetName compiles the name of one field that is written.
func (c *Chain) targetName(key, text string) (name, error) {
	if err := checkTarget(text); err != nil {
		return name{}, confkey.Errorf(key, "%v", err)
	}
	c.ask(text)
	return newName(text), nil
}

var errTime = errors.New("every document has an @timestamp; it can be set, but not be taken away")

// dropper drops every line that comes so far.
type dropper struct{}

func (d *Drop) make(*Chain, int) (processor, error) {
	if d.When == "" {
		return nil, confkey.Errorf("when", "is missing, so every line would be dropped; write an expression, as in 'log.level == \"debug\"'")
	}
	return dropper{}, nil
}

func (dropper) run(_ *Chain, ev *event.Event) { ev.Dropped = true }

// keeper drops every line that its condition does not hold for.
type keeper struct{ when cond }

func (k *Keep) make(c *Chain, _ int) (processor, error) {
	if k.When == "" {
		return nil, confkey.Errorf("when", "is missing, so it would do nothing; write an expression, as in 'service.name == \"checkout\"'")
	}
	when, err := c.compileWhen(k.When)
	if err != nil {
		return nil, confkey.Errorf("when", "%v", err)
	}
	return keeper{when}, nil
}

func (k keeper) run(c *Chain, ev *event.Event) { ev.Dropped = !k.when.holds(c, ev) }

// mover renames or copies.
type mover struct {
	from, to name
	gone     bool
}

func newMover(c *Chain, from, to string, gone bool) (processor, error) {
	m := &mover{gone: gone}
	var err, failed error
	m.from, err = c.fieldName("field", from)
	m.to, failed = c.targetName("to", to)
	switch {
	case gone && from == slotNames[timeSlot]:
		err = confkey.Errorf("field", "%v; copy it", errTime)
	case from == to && from != "":
		failed = confkey.Errorf("to", "is the name that the field has")
	}
	return m, errors.Join(err, failed)
}

func (r *Rename) make(c *Chain, _ int) (processor, error) { return newMover(c, r.Field, r.To, true) }
func (f *Copy) make(c *Chain, _ int) (processor, error)   { return newMover(c, f.Field, f.To, false) }

func (m *mover) run(c *Chain, ev *event.Event) { c.move(ev, &m.from, &m.to, m.gone) }

// remover removes fields.
type remover struct {
	names  []name
	globs  [][]byte
	values [][]byte // only these; nil: the fields whole
}

func (r *Remove) make(c *Chain, _ int) (processor, error) {
	p := &remover{}
	for _, v := range r.Values {
		p.values = append(p.values, []byte(v))
	}
	if len(r.Fields) == 0 {
		return nil, confkey.Errorf("fields", "is missing; write a list of names, as in [http.request.headers]")
	}
	var errs []error
	for i, text := range r.Fields {
		key := fmt.Sprintf("fields[%d]", i)
		switch {
		case text == slotNames[timeSlot]:
			errs = append(errs, confkey.Errorf(key, "%v", errTime))
		case strings.Contains(text, "*") && p.values != nil:
			errs = append(errs, confkey.Errorf(key, "* has no meaning beside values; write names"))
		case strings.Contains(text, "*"):
			n := newName(text)
			p.globs = append(p.globs, n.path)
			c.whole = true
		default:
			n, err := c.fieldName(key, text)
			errs = append(errs, err)
			p.names = append(p.names, n)
		}
	}
	return p, errors.Join(errs...)
}

func (r *remover) run(c *Chain, ev *event.Event) {
	for i := range r.names {
		if r.values != nil {
			r.removeValues(c, ev, &r.names[i])
			continue
		}
		c.clear(ev, &r.names[i])
	}
	if len(r.globs) == 0 {
		return
	}
	for s := timeSlot + 1; s < pathSlot; s++ {
		if r.matches(slotPaths[s]) && c.slot(ev, s).Set {
			c.clearSlot(ev, s)
		}
	}
	c.leaves = ev.AppendLeaves(c.leaves[:0], nil)
	for _, i := range c.leaves {
		c.full = event.AppendPath(c.full[:0], ev.Fields, i)
		if r.matches(c.full) {
			ev.Remove(int(i))
			c.unknow(ev, c.full)
		}
	}
}

func (r *remover) matches(path []byte) bool {
	for _, g := range r.globs {
		if glob(g, path) {
			return true
		}
	}
	return false
}

// unknow lets the encoder add a field again that the line no longer has.
func (c *Chain) unknow(ev *event.Event, path []byte) {
	for s, bit := range knownBits {
		if bit != 0 && string(slotPaths[s]) == string(path) {
			ev.Known &^= bit
		}
	}
}

// glob reports whether name matches pattern, in which * stands for any text.
func glob(pattern, name []byte) bool {
	star, again := -1, 0
	p, n := 0, 0
	for n < len(name) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, again = p, n
			p++
		case p < len(pattern) && pattern[p] == name[n]:
			p++
			n++
		case star >= 0:
			again++
			p, n = star+1, again
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}
