package trace

import (
	"fmt"
	"strconv"
	"time"
)

// legend explains the marks.
var legend = []struct{ mark, meaning string }{
	{"✗", "failed first: nothing below it failed"}, {"!", "failed"}, {"?", "its parent has no line"},
	{"~", "goes on after its parent"}, {"±", "its clock was corrected"},
}

// loose draws lines that belong to no known span.
func (c *canvas) loose(t *Trace) {
	if len(t.Logs) == 0 {
		return
	}
	c.line("", "")
	c.line("", fmt.Sprintf("lines of no known span: %d", len(t.Logs)))
	if !c.Logs {
		return
	}
	for _, l := range t.Logs {
		c.line(dim, "  · "+time.Unix(0, l.Time).UTC().Format(timeForm)+"  "+plain(l.Service)+"  "+plain(l.Message))
	}
}

// foot says what the rows do not.
func (c *canvas) foot(t *Trace) {
	c.line("", "")
	shares := table{texts: 1, head: []string{"service", "spans", "failed", "self", "critical path", "share"}}
	for _, s := range t.Services() {
		shares.add(false, s.Service, strconv.Itoa(s.Spans), strconv.Itoa(s.Failed), FormatDuration(s.Self), FormatDuration(s.Critical), percent(s.Critical, t.Duration))
	}
	shares.draw(c)
	c.line("", "")
	for _, n := range t.Spans {
		if n.Cause {
			c.line(red, "✗ "+plain(n.Service)+" "+plain(n.Name)+": "+plain(firstText(n.Reason, "no reason given")))
		}
	}
	for _, clock := range t.Clocks {
		word, off := "ahead", clock.Ahead
		if off < 0 {
			word, off = "behind", -off
		}
		c.line("", fmt.Sprintf("± %s %s: the clock of %s (calls: %d); its spans moved", FormatDuration(off), word, plain(clock.Host), clock.Calls))
	}
	if t.Twice > 0 {
		c.line("", fmt.Sprintf("spans that were there more than once: %d", t.Twice))
	}
	c.explain(t)
}

// explain gives the meaning of those marks that were drawn.
func (c *canvas) explain(t *Trace) {
	drawn := map[string]bool{}
	for _, n := range t.Spans {
		for _, mark := range n.marks() {
			drawn[string(mark)] = true
		}
	}
	text := "█ critical path"
	for _, l := range legend {
		if !drawn[l.mark] {
			continue
		}
		next := l.mark + " " + l.meaning
		if columns.StringWidth(text)+2+columns.StringWidth(next) > c.Width {
			c.line(dim, text)
			text = next
		} else {
			text += "  " + next
		}
	}
	c.line(dim, text)
}
