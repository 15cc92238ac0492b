package process

import (
	"bytes"
	"errors"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

func (s *Parse) condition() string { return s.When }

// taker takes the text of a field apart and gives the document its fields.
type taker struct {
	from    name
	format  Format
	prefix  []byte // of every name, as between quotes
	replace bool   // the names lie below that of the field, which cannot be a text beside them
	why     name   // error.message
	fault   []byte // what a fault begins with
	tags    *appender
	to      name // of the field being added
	leaves  []int32
}

func (s *Parse) make(c *Chain, _ int) (processor, error) {
	field := s.Field
	if field == "" {
		field = slotNames[messageSlot]
	}
	p := &taker{prefix: jsontext.AppendEscaped(nil, strings.ToValidUTF8(s.Prefix, "\uFFFD")), replace: s.Prefix == field+".",
		why: newName(slotNames[errorSlot]), fault: []byte("parse " + strings.ToValidUTF8(field, "\uFFFD") + ": ")}
	var errs [4]error
	p.from, errs[0] = c.fieldName("field", field)
	p.format, errs[1] = c.formats(s)
	c.ask(p.why.text)
	if errs[2] = checkPrefix(s.Prefix); strings.Contains(s.Prefix, ".") {
		top, _, _ := strings.Cut(s.Prefix, ".")
		c.ask(top)
	} else {
		c.whole = true // any name may come up
	}
	if len(s.TagOnFailure) > 0 {
		p.tags, errs[3] = newAppender(c, "tags", "tag_on_failure", s.TagOnFailure)
	}
	return p, errors.Join(errs[:]...)
}

// checkPrefix says what is wrong with what names begin with.
func checkPrefix(prefix string) error {
	if prefix == "" {
		return nil
	}
	if err := checkTarget(prefix + "x"); err != nil {
		return confkey.Errorf("prefix", "%q cannot begin a name; write one as in labels. or app_", prefix)
	}
	return nil
}

func (p *taker) run(c *Chain, ev *event.Event) {
	spelled, ok := c.spelled(c.get(ev, &p.from))
	if !ok {
		return
	}
	text := c.keep(func(dst []byte) []byte { return append(dst, spelled...) })
	taken, fault := p.format.Take(text)
	if taken == nil {
		p.fail(c, ev, fault)
		return
	}
	if p.leaves = taken.AppendLeaves(p.leaves[:0], nil); len(p.leaves) > 0 && p.replace {
		c.clear(ev, &p.from)
	}
	p.give(c, ev, taken)
}

// fail says why the text is not of the format, unless the document has a reason already, and leaves all else as it is.
func (p *taker) fail(c *Chain, ev *event.Event, fault []byte) {
	if absent(c.get(ev, &p.why)) {
		ev.Add(p.why.path, c.keep(func(dst []byte) []byte { return append(append(dst, p.fault...), fault...) }), event.Text)
	}
	if p.tags != nil {
		p.tags.run(c, ev)
	}
}

// fewFields is how many are looked for one by one among those of the document. More are added, and then what the document
// has twice is sorted out for all together, because the work would grow with the square of the line.
const fewFields = 64

// give adds the fields, in place of those of the same names.
func (p *taker) give(c *Chain, ev *event.Event, taken *event.Event) {
	many := len(p.leaves) > fewFields
	for _, i := range p.leaves {
		f := &taken.Fields[i]
		path := f.Name
		if len(p.prefix) > 0 || f.Parent >= 0 {
			path = c.keep(func(dst []byte) []byte { return event.AppendPath(append(dst, p.prefix...), taken.Fields, i) })
		}
		if p.to.become(path); p.to.forbidden() {
			continue
		}
		if many && len(p.to.all()) == 0 && p.to.slot == noSlot {
			ev.Add(path, f.Value, f.Kind)
			continue
		}
		c.put(ev, &p.to, event.Value{Bytes: f.Value, Kind: f.Kind, Set: true})
	}
	if many && c.untangle != nil {
		c.untangle(ev)
	}
	if cap(p.leaves) > maxKeys {
		p.leaves = nil
	}
}

// become makes it the name of a path, whose memory it takes.
func (n *name) become(path []byte) {
	n.path, n.slot, n.below = path, noSlot, n.below[:0]
	for s, slotPath := range slotPaths {
		if !bytes.HasPrefix(slotPath, path) || len(slotPath) == 0 {
			continue
		}
		if rest := slotPath[len(path):]; len(rest) == 0 {
			n.slot = slot(s)
		} else if rest[0] == '.' {
			n.below = append(n.below, slot(s))
		}
	}
}

// forbidden reports a name that Elasticsearch refuses in documents.
func (n *name) forbidden() bool {
	top, _, _ := bytes.Cut(n.path, dot)
	return n.path[0] == '_' && metadata[string(top)]
}

var dot = []byte(".")
