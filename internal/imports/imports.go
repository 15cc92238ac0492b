// Package imports holds what the readers of other shippers' configurations share: the ledger of what became of each
// directive, the draft of a configuration of ours, and the check that takes out of a draft what this version would refuse.
//
// A configuration is never carried over by guessing: whatever has no counterpart is lost and said to be, with the line it
// stands in. The draft goes through the very code that loads configurations, so what is written is always accepted.
package imports

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// Pos is where a directive stands in a configuration that is read.
type Pos struct {
	File      string
	Line, Col int // from 1; 0: the file as a whole
}

// Class is what became of a directive.
type Class uint8

const (
	Unseen   Class = iota // nothing led to it: no input gives the lines it is about
	Carried               // the draft does the same
	Needless              // the agent does it by itself, or has no such thing to set
	Lost                  // the draft does not do it
)

// Directive is a plugin, a setting or a condition of a configuration that is read.
type Directive struct {
	Pos
	Name  string
	Class Class
	Notes []string // why it is lost or needless, or in what the draft differs
}

// Ledger is what became of each directive. A directive that is met several times, because it is about several inputs, is
// lost when it is once.
type Ledger struct {
	byPos map[Pos]*Directive
}

// See takes down that the directive is there.
func (l *Ledger) See(at Pos, name string) *Directive {
	if l.byPos == nil {
		l.byPos = map[Pos]*Directive{}
	}
	d := l.byPos[at]
	if d == nil {
		d = &Directive{Pos: at, Name: name}
		l.byPos[at] = d
	}
	return d
}

// Carry says that the draft does what the directive asks for; notes say in what it differs.
func (l *Ledger) Carry(at Pos, notes ...string) { l.set(at, Carried, notes) }

// Needless says that nothing has to be done for the directive.
func (l *Ledger) Needless(at Pos, why string) { l.set(at, Needless, []string{why}) }

// Lose says that the draft does not do what the directive asks for.
func (l *Ledger) Lose(at Pos, format string, args ...any) {
	l.set(at, Lost, []string{fmt.Sprintf(format, args...)})
}

// Decided reports whether it was said already what became of the directive.
func (l *Ledger) Decided(at Pos) bool { return l.byPos[at] != nil && l.byPos[at].Class != Unseen }

func (l *Ledger) set(at Pos, class Class, notes []string) {
	d := l.byPos[at]
	if d == nil {
		return // of a file that is not the user's: made by the reader itself
	}
	if class == Lost && d.Class != Lost {
		d.Notes = nil
	}
	if d.Class == Lost && class != Lost {
		return
	}
	d.Class = max(d.Class, class)
	if d.Class == Needless && class == Carried {
		d.Class = Carried
	}
	for _, note := range notes {
		if note != "" && !slices.Contains(d.Notes, note) {
			d.Notes = append(d.Notes, note)
		}
	}
}

// All are the directives in the order of the files.
func (l *Ledger) All() []*Directive {
	var all []*Directive
	for _, d := range l.byPos {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b *Directive) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return all
}

// Counts is how many directives there are of each class.
type Counts [Lost + 1]int

// Total is how many directives there are.
func (c Counts) Total() int { return c[Unseen] + c[Carried] + c[Needless] + c[Lost] }

// Share is the part of the directives, 0 to 1, that are carried over or need not be; 1 when there are none.
func (c Counts) Share() float64 {
	if c.Total() == 0 {
		return 1
	}
	return float64(c[Carried]+c[Needless]) / float64(c.Total())
}

// Counts counts the directives.
func (l *Ledger) Counts() Counts {
	var c Counts
	for _, d := range l.byPos {
		c[d.Class]++
	}
	return c
}

// Print writes a line for each directive that is not carried over as it is, and the counts.
func (l *Ledger) Print(w io.Writer) error {
	for _, d := range l.All() {
		if err := d.print(w); err != nil {
			return err
		}
	}
	c := l.Counts()
	_, err := fmt.Fprintf(w, "directives: %d; carried over %d, not needed %d, not carried over %d (%.1f %% done)\n",
		c.Total(), c[Carried], c[Needless], c[Lost]+c[Unseen], 100*c.Share())
	return err
}

var classWords = [...]string{Unseen: "not carried over", Carried: "carried over", Needless: "not needed", Lost: "not carried over"}

func (d *Directive) print(w io.Writer) error {
	notes := d.Notes
	if d.Class == Unseen {
		notes = []string{"nothing leads here: no input gives lines that it is about"}
	}
	for _, note := range notes {
		if _, err := fmt.Fprintf(w, "%s:%d: %s: %s: %s\n", d.File, d.Line, d.Name, classWords[d.Class], note); err != nil {
			return err
		}
	}
	return nil
}
