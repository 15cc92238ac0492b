package process

import (
	"encoding/json"
	"errors"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// setter sets a field to a constant, or to a text with the values of other fields in it.
type setter struct {
	to       name
	constant event.Value
	parts    []part // of a text with values; else nil
}

// part is a text or, when that is nil, the value of a field.
type part struct {
	text []byte
	name name
}

func (s *Set) make(c *Chain, _ int) (processor, error) {
	to, err := c.targetName("field", s.Field)
	p := &setter{to: to}
	failed := p.compile(c, s.Value)
	if failed == nil && to.slot == timeSlot && p.parts == nil {
		if spelled, ok := c.spelled(p.constant); ok && c.times != nil {
			if _, ok = c.times(spelled); !ok {
				failed = confkey.Errorf("value", "%q is no time", spelled)
			}
		}
	}
	return p, errors.Join(err, failed)
}

func (p *setter) compile(c *Chain, value any) error {
	switch v := value.(type) {
	case nil:
		return confkey.Errorf("value", "is missing; write a text, a number, true or false")
	case string:
		v = strings.ToValidUTF8(v, "\uFFFD")
		if strings.Contains(v, "%{") {
			return p.compileText(c, v)
		}
		p.constant = text([]byte(v))
		return nil
	default:
		b, err := json.Marshal(v)
		if err != nil {
			return confkey.Errorf("value", "is no number that JSON has")
		}
		p.constant = event.Value{Bytes: b, Kind: event.JSON, Set: true}
		return nil
	}
}

// compileText takes a text with %{NAME} in it apart.
func (p *setter) compileText(c *Chain, text string) error {
	for text != "" {
		before, after, found := strings.Cut(text, "%{")
		if before != "" {
			p.parts = append(p.parts, part{text: []byte(before)})
		}
		if !found {
			break
		}
		inside, behind, closed := strings.Cut(after, "}")
		if !closed {
			return confkey.Errorf("value", "a %%{ is not closed; write %%{service.name}")
		}
		n, err := c.fieldName("value", inside)
		if err != nil {
			return err
		}
		p.parts = append(p.parts, part{name: n})
		text = behind
	}
	return nil
}

func (p *setter) run(c *Chain, ev *event.Event) {
	v := p.constant
	if p.parts != nil {
		v = text(p.text(c, ev))
	}
	c.put(ev, &p.to, v)
}

// text is appendText, kept.
func (p *setter) text(c *Chain, ev *event.Event) []byte {
	c.work = p.appendText(c, ev, c.work[:0])
	return c.keep(func(dst []byte) []byte { return append(dst, c.work...) })
}

// appendText appends the text with the values of ev; what is absent, a list or an object leaves nothing.
func (p *setter) appendText(c *Chain, ev *event.Event, dst []byte) []byte {
	for i := range p.parts {
		if p.parts[i].text != nil {
			dst = append(dst, p.parts[i].text...)
		} else if spelled, ok := c.spelled(c.get(ev, &p.parts[i].name)); ok {
			dst = append(dst, spelled...)
		}
	}
	return dst
}
