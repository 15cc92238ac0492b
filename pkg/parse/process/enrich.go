package process

import (
	"errors"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// fact is a field that is known of a value.
type fact struct {
	name  *name
	value event.Value
}

// enricher adds what is known of the value of a field. What was found out is remembered, because the same values come again
// and again; a value that is new allocates.
type enricher struct {
	from  name
	over  bool // what the line says itself is replaced
	find  func(value string) []fact
	known map[string][]fact
}

// maxKnown bounds how many values are remembered, maxValue how long they may be.
const maxKnown, maxValue = 10_000, 1024

func (p *enricher) run(c *Chain, ev *event.Event) {
	spelled, ok := c.spelled(c.get(ev, &p.from))
	if !ok || len(spelled) == 0 || len(spelled) > maxValue {
		return
	}
	facts, ok := p.known[string(spelled)]
	if !ok {
		if len(p.known) >= maxKnown || p.known == nil {
			p.known = map[string][]fact{}
		}
		value := string(spelled)
		facts = p.find(value)
		p.known[value] = facts
	}
	for _, f := range facts {
		if p.over || absent(c.get(ev, f.name)) {
			c.put(ev, f.name, f.value)
		}
	}
}

// factNames compiles names of fields that are added.
func (c *Chain) factNames(key string, texts []string) (map[string]*name, error) {
	names := map[string]*name{}
	var errs []error
	for _, t := range texts {
		n, err := c.targetName(key, t)
		errs = append(errs, err)
		names[t] = &n
	}
	return names, errors.Join(errs...)
}

// joinNames is name below prefix, which may be empty.
func joinNames(prefix, name string) string { return strings.TrimPrefix(prefix+"."+name, ".") }
