// Package process changes events after they were parsed: it drops lines, renames, sets and converts fields, takes secrets
// out, and so on, in the order in which the key process of a pipeline lists its processors. Each may have a condition.
//
// It stands inside the room of parsing because its product is the same, an event, and its errors are those of a
// configuration; and behind a door of its own because expressions, databases of addresses and tables are nothing that
// parsing needs to know of. It works on the event alone, whatever format it came from: what it writes are fields of the
// document or the event's members of the same names, and never both.
//
// Everything is compiled once. What is common allocates nothing per line; what allocates says so. Values written anew stand
// in memory of the Chain's, which is used again for the next line.
package process

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// Options is what a Chain is told beyond its steps.
type Options struct {
	Times    func(text []byte) (event.Time, bool) // reads a time as the pipeline does
	Mend     func(value []byte) []byte            // takes names given twice out of valid JSON
	Untangle func(*event.Event)                   // takes fields given twice out of an event
	Formats  func(*Parse) (Format, error)         // the format of a field
	Clocks   func(*Date) (Clock, error)           // what reads the times of a field
	Dataset  string                               // event.dataset and
	Host     string                               // host.name of documents that say nothing else
	Shared   *Shared                              // of the pipeline; nil: the Chain is alone
}

// Format takes the text of a field apart. It belongs to one processor.
type Format interface {
	// Take returns the fields of the text, or nil and why it is not of the format. Both are valid until the next Take, and
	// as long as the text.
	Take(text []byte) (taken *event.Event, fault []byte)
}

// Clock reads one text as a time.
type Clock func(text []byte) (event.Time, bool)

// Chain runs the processors of one pipeline. It belongs to one goroutine.
type Chain struct {
	steps         []step
	times         func([]byte) (event.Time, bool)
	mend          func([]byte) []byte
	untangle      func(*event.Event)
	formats       func(*Parse) (Format, error)
	clocks        func(*Date) (Clock, error)
	dataset, host []byte
	path          []byte // of the file of the line
	shared        *Shared

	names  map[string]*name // that conditions in the machine ask for
	asked  []string
	routes int
	routed bool // a route gave the event its data set
	whole  bool

	spare  []byte // values written anew for the event being worked on
	plain  []byte // the unescaped text of the value being looked at
	full   []byte // the full name of a field
	work   []byte // scratch of one processor
	leaves []int32
}

// step is one processor and its condition, which may be nil.
type step struct {
	when cond
	processor
}

// processor does one thing to an event. What it gives the event lives as long as c.spare, or as the processor itself.
type processor interface {
	run(c *Chain, ev *event.Event)
}

// maxKept is the size from which memory that one line needed is not kept for the next.
const maxKept = 1 << 20

// New compiles steps. The error joins everything wrong with them, as confkey errors below process.
func New(steps []Step, opts Options) (*Chain, error) {
	c := &Chain{times: opts.Times, mend: opts.Mend, untangle: opts.Untangle, formats: opts.Formats, clocks: opts.Clocks, dataset: []byte(opts.Dataset), host: []byte(opts.Host), shared: opts.Shared, names: map[string]*name{}}
	if c.shared == nil {
		c.shared = NewShared()
	}
	var errs []error
	for i := range steps {
		if err := c.add(&steps[i], i); err != nil {
			errs = append(errs, confkey.Below(fmt.Sprintf("process[%d]", i), err))
		}
	}
	return c, errors.Join(errs...)
}

// maker is the configuration of a processor.
type maker interface {
	condition() string
	make(c *Chain, at int) (processor, error)
}

// add compiles step i.
func (c *Chain) add(s *Step, i int) error {
	word, m, err := s.only()
	if err != nil {
		return err
	}
	when, err := c.compileWhen(m.condition())
	if err != nil {
		err = confkey.Errorf("when", "%v", err)
	}
	p, failed := m.make(c, i)
	if err = errors.Join(err, failed); err != nil {
		return confkey.Below(word, err)
	}
	c.steps = append(c.steps, step{when, p})
	return nil
}

// only is the one key of a step.
func (s *Step) only() (word string, m maker, err error) {
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		if v.Field(i).IsNil() {
			continue
		}
		if m != nil {
			return "", nil, confkey.Errorf("", "has %s and %s; write each as an item of its own", word, v.Type().Field(i).Tag.Get("mapstructure"))
		}
		word = v.Type().Field(i).Tag.Get("mapstructure")
		m = v.Field(i).Interface().(maker)
	}
	if m == nil {
		return "", nil, confkey.Errorf("", "names no processor; write one, as in - drop: {when: 'log.level == \"debug\"'}")
	}
	return word, m, nil
}

// Run runs the processors over ev, whose line is from the file at path. What they write is valid until the next Run.
func (c *Chain) Run(ev *event.Event, path []byte) {
	c.path, c.routed = path, false
	if c.spare = c.spare[:0]; cap(c.spare) > maxKept {
		c.spare = nil
	}
	for i := range c.steps {
		s := &c.steps[i]
		if s.when != nil && !s.when.holds(c, ev) {
			continue
		}
		s.run(c, ev)
		if ev.Dropped {
			return
		}
	}
}

// ask notes that a field is looked at.
func (c *Chain) ask(text string) {
	n := newName(text)
	c.names[text] = &n
	c.asked = append(c.asked, text)
}

// Asked are the names of the fields that are looked at: they, and those below them, must be fields of the event.
func (c *Chain) Asked() []string { return c.asked }

// Whole says that every member of a line must be a field of the event, because some processor looks at all of them.
func (c *Chain) Whole() bool { return c.whole }

// Len is how many processors there are.
func (c *Chain) Len() int { return len(c.steps) }
