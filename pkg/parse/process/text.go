package process

import (
	"bytes"
	"errors"
	"unicode"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

func (l *Lowercase) condition() string { return l.When }
func (u *Uppercase) condition() string { return u.When }
func (r *Replace) condition() string   { return r.When }
func (s *Split) condition() string     { return s.When }

// caser writes texts in letters of one size.
type caser struct {
	names []name
	to    func(rune) rune
}

func (l *Lowercase) make(c *Chain, _ int) (processor, error) {
	names, err := c.fieldNames("fields", l.Fields)
	return &caser{names, unicode.ToLower}, err
}

func (u *Uppercase) make(c *Chain, _ int) (processor, error) {
	names, err := c.fieldNames("fields", u.Fields)
	for i := range names {
		if names[i].slot == levelSlot {
			err = errors.Join(err, confkey.Errorf("fields", "log.level is always in small letters"))
		}
	}
	return &caser{names, unicode.ToUpper}, err
}

func (p *caser) run(c *Chain, ev *event.Event) {
	for i := range p.names {
		t, ok := c.textOf(c.get(ev, &p.names[i]))
		if !ok || p.done(t) {
			continue
		}
		c.edit(ev, &p.names[i], text(c.keep(func(dst []byte) []byte { return p.append(dst, t) })))
	}
}

// done reports that the text is in such letters already.
func (p *caser) done(t []byte) bool {
	for len(t) > 0 {
		r, size := utf8.DecodeRune(t)
		if p.to(r) != r {
			return false
		}
		t = t[size:]
	}
	return true
}

func (p *caser) append(dst, t []byte) []byte {
	for len(t) > 0 {
		r, size := utf8.DecodeRune(t)
		dst = utf8.AppendRune(dst, p.to(r))
		t = t[size:]
	}
	return dst
}

// replacer replaces what an expression matches.
type replacer struct {
	names []name
	finder
	with []byte
}

func (r *Replace) make(c *Chain, _ int) (processor, error) {
	names, err := c.fieldNames("fields", r.Fields)
	p := &replacer{names: names, with: bytes.ToValidUTF8([]byte(r.With), []byte("\uFFFD"))}
	var failed error
	if r.Pattern == "" {
		failed = confkey.Errorf("pattern", "is missing; write a regular expression")
	} else if p.finder, failed = newFinder(r.Pattern); failed != nil {
		failed = confkey.Errorf("pattern", "%v", failed)
	}
	return p, errors.Join(err, failed)
}

func (p *replacer) run(c *Chain, ev *event.Event) {
	for i := range p.names {
		t, ok := c.textOf(c.get(ev, &p.names[i]))
		if !ok || p.first(t) == nil {
			continue
		}
		c.work = p.appendReplaced(c.work[:0], t)
		c.edit(ev, &p.names[i], text(c.keep(func(dst []byte) []byte { return append(dst, c.work...) })))
	}
}

// appendReplaced appends t with each match replaced. An invalid byte that a match cut off of a rune cannot come of it: a
// match ends where a rune does.
func (p *replacer) appendReplaced(dst, t []byte) []byte {
	done := 0
	for at, from := p.next(t, 0, -1); at != nil; at, from = p.next(t, from, at[1]) {
		dst = append(dst, t[done:at[0]]...)
		dst = p.re.Expand(dst, p.with, t, at)
		done = at[1]
	}
	return append(dst, t[done:]...)
}

// splitter makes lists of texts.
type splitter struct {
	names     []name
	separator []byte
}

func (s *Split) make(c *Chain, _ int) (processor, error) {
	names, err := c.fieldNames("fields", s.Fields)
	if s.Separator == "" {
		err = errors.Join(err, confkey.Errorf("separator", "is missing; write the text between the items, as in ','"))
	}
	for i := range names {
		if names[i].slot != noSlot {
			err = errors.Join(err, confkey.Errorf("fields", "%s cannot be a list; copy it first", names[i].text))
		}
	}
	return &splitter{names, []byte(s.Separator)}, err
}

func (p *splitter) run(c *Chain, ev *event.Event) {
	for i := range p.names {
		t, ok := c.textOf(c.get(ev, &p.names[i]))
		if !ok {
			continue
		}
		v := event.Value{Kind: event.JSON, Set: true, Bytes: c.keep(func(dst []byte) []byte { return p.append(dst, t) })}
		c.edit(ev, &p.names[i], v)
	}
}

// append appends a list of the parts of t, without the blanks around them.
func (p *splitter) append(dst, t []byte) []byte {
	dst = append(dst, '[')
	for first := true; ; first = false {
		part, rest, more := bytes.Cut(t, p.separator)
		if !first {
			dst = append(dst, ',')
		}
		dst = jsontext.AppendString(dst, bytes.TrimSpace(part))
		if !more {
			return append(dst, ']')
		}
		t = rest
	}
}
