package process

import (
	"errors"

	"github.com/tailspan/tailspan/pkg/event"
)

func (d *Date) condition() string { return d.When }

// dater reads a field as a time.
type dater struct {
	from, to name
	read     Clock
}

func (d *Date) make(c *Chain, _ int) (processor, error) {
	to := d.To
	if to == "" {
		to = slotNames[timeSlot]
	}
	p := &dater{}
	var errs [3]error
	p.from, errs[0] = c.fieldName("field", d.Field)
	p.to, errs[1] = c.targetName("to", to)
	p.read, errs[2] = c.clocks(d)
	return p, errors.Join(errs[:]...)
}

func (p *dater) run(c *Chain, ev *event.Event) {
	spelled, ok := c.spelled(c.get(ev, &p.from))
	if !ok {
		return
	}
	t, ok := p.read(spelled)
	switch {
	case !ok:
	case p.to.slot == timeSlot:
		ev.Time = t
	default:
		c.edit(ev, &p.to, text(c.keep(func(dst []byte) []byte { return t.Append(dst) })))
	}
}
