package process

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"slices"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (r *Redact) condition() string { return r.When }

// redactor takes secrets out of the values of fields.
type redactor struct {
	names    []name // none: of everything
	kinds    []secretKind
	patterns []finder
	with     string
	mac      hash.Hash // of with hash
	sum      []byte
	in, out  []byte // a text before and after one kind of secret was taken out
	nested   []byte // a list or an object written anew
	renamed  int    // names in it that had a secret
	moved    int    // fields whose names had one
}

func (r *Redact) make(c *Chain, _ int) (processor, error) {
	p := &redactor{with: r.With}
	var errs []error
	if len(r.Fields) > 0 {
		var err error
		p.names, err = c.fieldNames("fields", r.Fields)
		errs = append(errs, err)
	} else {
		c.whole = true
	}
	if p.with == "" {
		p.with = "mask"
	}
	switch {
	case !slices.Contains([]string{"mask", "hash", "remove"}, p.with):
		errs = append(errs, confkey.Errorf("with", "%q is not allowed here; write mask, hash or remove", r.With))
	case p.with == "hash" && r.Salt == "":
		errs = append(errs, confkey.Errorf("salt", "is missing; without one a hash is as good as the secret, as there are few card numbers. Write ${file:/run/secrets/salt}"))
	case p.with != "hash" && r.Salt != "":
		errs = append(errs, confkey.Errorf("salt", "only with: hash has use for it"))
	}
	p.mac = hmac.New(sha256.New, []byte(r.Salt))
	return p, errors.Join(append(errs, p.choose(r))...)
}

// choose takes up what is looked for.
func (p *redactor) choose(r *Redact) error {
	var errs []error
	for i, word := range r.Kinds {
		at := slices.IndexFunc(secretKinds, func(k secretKind) bool { return k.name == word })
		if at < 0 {
			errs = append(errs, confkey.Errorf(fmt.Sprintf("kinds[%d]", i), "%q is not allowed here; write email, card, ip, jwt, bearer or key", word))
		}
	}
	for _, k := range secretKinds {
		if slices.Contains(r.Kinds, k.name) || len(r.Kinds)+len(r.Patterns) == 0 {
			p.kinds = append(p.kinds, k)
		}
	}
	for i, expr := range r.Patterns {
		f, err := newFinder(expr)
		if err != nil {
			errs = append(errs, confkey.Errorf(fmt.Sprintf("patterns[%d]", i), "%v", err))
		}
		p.patterns = append(p.patterns, f)
	}
	return errors.Join(errs...)
}

// textSlots are the members of an event that may hold any text.
var textSlots = []slot{messageSlot, levelSlot, serviceSlot, originalSlot, errorSlot}

func (p *redactor) run(c *Chain, ev *event.Event) {
	if len(p.names) == 0 {
		p.slots(c, ev, textSlots)
		p.tree(c, ev, nil)
		return
	}
	for i := range p.names {
		p.slots(c, ev, p.names[i].all())
		p.tree(c, ev, p.names[i].path)
	}
}

// slots takes secrets out of members of the event.
func (p *redactor) slots(c *Chain, ev *event.Event, slots []slot) {
	for _, s := range slots {
		if s >= pathSlot {
			continue
		}
		v := c.slot(ev, s)
		if !v.Set || s == timeSlot || s == kindSlot || s == flagsSlot || s == durationSlot {
			continue
		}
		if s == originalSlot {
			p.original(c, ev)
			continue
		}
		if changed, ok := p.value(c, v); ok {
			n := name{slot: s, path: slotPaths[s], text: slotNames[s]}
			c.put(ev, &n, changed)
		}
	}
}

// original takes secrets out of the line as it was. One that is kept in base64, because it was no UTF-8, has to go: nobody
// can look into it.
func (p *redactor) original(c *Chain, ev *event.Event) {
	line := ev.Original.Bytes
	if ev.Original.Kind != event.Text || len(ev.Raw) != len(line) || len(line) > 0 && &ev.Raw[0] != &line[0] {
		ev.Original = event.Value{}
		return
	}
	if changed, ok := p.value(c, text(line)); ok {
		ev.Original = changed
	}
}

// named takes the whole value away when its name says that it is a key.
func (p *redactor) named(c *Chain, ev *event.Event, i int32, v event.Value) (event.Value, bool) {
	if !p.keyed() || !namesSecret(ev.Fields[i].Name) || absent(v) {
		return v, false
	}
	spelled, ok := c.spelled(v)
	if !ok {
		spelled = v.Bytes
	}
	if len(spelled) == 0 || isMask(spelled) {
		return v, false
	}
	return text(c.keep(func(dst []byte) []byte { return p.appendMask(dst, "key", spelled) })), true
}

// keyed reports whether keys are looked for.
func (p *redactor) keyed() bool { return len(p.kinds) > 0 && p.kinds[0].name == "key" }

// value is v without secrets; false when it has none.
func (p *redactor) value(c *Chain, v event.Value) (event.Value, bool) {
	if v.Kind == event.JSON && (v.Bytes[0] == '[' || v.Bytes[0] == '{') {
		p.renamed = 0
		nested, changed := p.appendNested(p.nested[:0], c, v.Bytes)
		if p.nested = nested; !changed {
			return v, false
		}
		if p.renamed > 0 && c.mend != nil {
			nested = c.mend(nested)
		}
		return c.json(nested), true
	}
	spelled, ok := c.spelled(v)
	if ok && bytes.Contains(spelled, unicodeEscape) && isJSON(spelled) { // a text that is JSON, in which letters stand as escapes
		inside := c.keep(func(dst []byte) []byte { return append(dst, spelled...) })
		changed, ok := p.value(c, event.Value{Bytes: inside, Kind: event.JSON, Set: true})
		changed.Kind = event.Text
		return changed, ok
	}
	if !ok || !p.clean(spelled) {
		return v, false
	}
	return text(c.keep(func(dst []byte) []byte { return append(dst, p.in...) })), true
}

var unicodeEscape = []byte(`\u`)

// maxRounds bounds how often a text is looked at again because what was taken out of it may have uncovered something.
const maxRounds = 4

// clean leaves in p.in what is left of t, and reports whether that is another text.
func (p *redactor) clean(t []byte) (changed bool) {
	for range maxRounds {
		again := p.round(t)
		changed = changed || again
		if !again || p.with == "remove" {
			break
		}
		t = p.in
	}
	return changed
}

// round takes out every kind of secret once.
func (p *redactor) round(t []byte) (changed bool) {
	for i := range p.patterns {
		f := &p.patterns[i]
		if f.first(t) == nil {
			continue
		}
		p.out = p.out[:0]
		done := 0
		for at, on := f.next(t, 0, -1); at != nil; at, on = f.next(t, on, at[1]) {
			p.out = append(p.out, t[done:at[0]]...)
			if done = at[1]; at[1] > at[0] {
				p.out = p.appendMask(p.out, "redacted", t[at[0]:at[1]])
			}
		}
		if done > 0 {
			t, changed = p.turn(t, done), true
		}
	}
	for i := range p.kinds {
		k := &p.kinds[i]
		if !k.may(t) {
			continue
		}
		done := 0
		for start, end := k.find(t, 0); start >= 0; start, end = k.find(t, end) {
			if done == 0 {
				p.out = p.out[:0]
			}
			p.out = append(p.out, t[done:start]...)
			p.out = p.appendMask(p.out, k.name, t[start:end])
			done = end
		}
		if done > 0 {
			t, changed = p.turn(t, done), true
		}
	}
	return changed
}

// turn ends p.out with what is behind done, and makes it the text to go on with.
func (p *redactor) turn(t []byte, done int) []byte {
	p.out = append(p.out, t[done:]...)
	p.in, p.out = p.out, p.in
	return p.in
}

// appendMask appends what stands in the place of a secret. A hash is written in letters, so that no number comes of it.
func (p *redactor) appendMask(dst []byte, kind string, secret []byte) []byte {
	if p.with == "remove" {
		return dst
	}
	dst = append(append(dst, '['), kind...)
	if p.with == "hash" {
		p.mac.Reset()
		_, _ = p.mac.Write(secret) // never fails
		p.sum = p.mac.Sum(p.sum[:0])
		dst = append(dst, ':')
		for _, b := range p.sum[:8] {
			dst = append(dst, 'g'+b>>4, 'g'+b&15)
		}
	}
	return append(dst, ']')
}

// isMask reports a text that is nothing but what stands in the place of a secret.
func isMask(t []byte) bool {
	return t[0] == '[' && bytes.IndexByte(t, ']') == len(t)-1
}
