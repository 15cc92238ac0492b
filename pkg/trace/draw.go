package trace

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// Drawing says how a trace is drawn.
type Drawing struct {
	Width int  // columns; at least 40 are used
	Color bool // ANSI colours; nothing is said by colour alone
	Logs  bool // the lines of each span below it
}

const (
	minWidth = 40
	timeCols = 8 // of a duration
	timeForm = "2006-01-02T15:04:05.000000Z"
)

// Colours, as SGR parameters.
const (
	red    = "31"
	yellow = "33"
	dim    = "2"
	bold   = "1"
)

// canvas appends lines of text.
type canvas struct {
	Drawing
	strings.Builder
	label, bar int // columns of the parts of a row
}

// paint is text in a colour.
func (c *canvas) paint(color, text string) string {
	if !c.Color || color == "" || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// line appends one line, cut to the width.
func (c *canvas) line(color, text string) {
	text = strings.TrimRight(columns.Truncate(text, c.Width, "…"), " ")
	c.WriteString(c.paint(color, text) + "\n") // #nosec G104 -- a strings.Builder never fails
}

// Draw draws t as a waterfall: a row for each span, with the critical path in full blocks.
func Draw(t *Trace, how Drawing) string {
	c := &canvas{Drawing: how}
	c.Width = max(c.Width, minWidth)
	c.line(bold, "trace "+t.ID)
	if len(t.Spans) == 0 {
		c.line("", "no spans: no line of it says how long something took")
		c.loose(t)
		return c.String()
	}
	c.head(t)
	c.layout(t)
	c.axis(t)
	var all []*Node
	order(t.Roots, 0, &all)
	last := lastChildren(all)
	for _, n := range all {
		c.row(t, n, last)
	}
	c.loose(t)
	c.foot(t)
	return c.String()
}

func (c *canvas) head(t *Trace) {
	failed := 0
	for _, n := range t.Spans {
		if n.Failed {
			failed++
		}
	}
	text := fmt.Sprintf("%s  %s  spans: %d", time.Unix(0, t.Start).UTC().Format(timeForm), FormatDuration(t.Duration), len(t.Spans))
	if failed > 0 {
		text += fmt.Sprintf("  failed: %d", failed)
	}
	c.line("", text)
	if b := t.Bottleneck; b.Critical > 0 {
		c.line("", fmt.Sprintf("bottleneck: %s (%s) %s %s", FormatDuration(b.Critical), percent(b.Critical, t.Duration), plain(b.Service), plain(b.Name)))
	}
	c.line("", "")
}

func percent(part, whole int64) string {
	if whole <= 0 {
		return "0 %"
	}
	return fmt.Sprintf("%.0f %%", 100*float64(part)/float64(whole))
}

// layout divides the width: what labels need, up to half, the bars, and two durations.
func (c *canvas) layout(t *Trace) {
	rest := c.Width - 2*(timeCols+1)
	need := 10
	for _, n := range t.Spans {
		need = max(need, columns.StringWidth(label(n))+2*min(n.depth, rest/8)+2)
	}
	c.label = min(need, rest*11/20)
	c.bar = rest - c.label - 1
}

// label names a span, with its marks.
func label(n *Node) string {
	text := plain(n.Service) + " " + plain(n.Name)
	if marks := n.marks(); marks != "" {
		text = marks + " " + text
	}
	return text
}

// marks are the signs before a span's name, explained below the drawing.
func (n *Node) marks() string {
	marks := ""
	for _, m := range []struct {
		on   bool
		mark string
	}{{n.Cause, "✗"}, {n.Failed && !n.Cause, "!"}, {n.Missing, "?"}, {n.Async, "~"}, {n.Shift != 0, "±"}} {
		if m.on {
			marks += m.mark
		}
	}
	return marks
}

func (c *canvas) axis(t *Trace) {
	end := FormatDuration(t.Duration)
	axis := "0"
	if gap := c.bar - 1 - columns.StringWidth(end); gap > 0 {
		axis += strings.Repeat(" ", gap) + end
	}
	c.line(dim, fit("", c.label)+" "+fit(axis, c.bar)+right("total")+right("self"))
}

func right(text string) string {
	return strings.Repeat(" ", max(1, timeCols+1-columns.StringWidth(text))) + text
}

// lastChildren tells which spans are the last below their parents, for the lines of the tree.
func lastChildren(all []*Node) map[*Node]bool {
	last := make(map[*Node]bool, len(all))
	for _, n := range all {
		if len(n.Children) > 0 {
			last[n.Children[len(n.Children)-1]] = true
		}
	}
	return last
}

// branch draws the lines of the tree before a span, in so many columns at most.
func branch(n *Node, last map[*Node]bool, most int) string {
	text := ""
	for p := n; p.Parent != nil && len([]rune(text)) < most; p = p.Parent {
		switch {
		case p == n && last[p]:
			text = "└ "
		case p == n:
			text = "├ "
		case last[p]:
			text = "  " + text
		default:
			text = "│ " + text
		}
	}
	return text
}

func (c *canvas) row(t *Trace, n *Node, last map[*Node]bool) {
	color := ""
	if n.Failed {
		color = red
	}
	tree := branch(n, last, (c.label-4)/2*2/3)
	name := fit(tree+label(n), c.label)
	total := right(FormatDuration(n.Duration))
	c.WriteString(c.paint(color, name) + " " + c.bars(t, n) + total + right(FormatDuration(n.Self)) + "\n") // #nosec G104 -- the same
	if !c.Logs {
		return
	}
	for _, l := range n.Logs {
		c.log(t, l, n.Shift, strings.Repeat(" ", min(columns.StringWidth(tree), c.Width/4)+2))
	}
}

// log draws a line with its time since the trace began.
func (c *canvas) log(t *Trace, l event.SpanLog, shift int64, indent string) {
	text := l.Message
	for _, a := range l.Attributes {
		if a.Name == "level" && l.Message != "" {
			text = a.Value + " " + text
		} else if l.Message == "" {
			text += " " + a.Name + "=" + a.Value
		}
	}
	c.line(dim, indent+"· "+FormatDuration(l.Time+shift-t.Start)+"  "+plain(strings.TrimSpace(text)))
}

// bars draws when the span was at work: full blocks where it is on the critical path, light ones elsewhere.
func (c *canvas) bars(t *Trace, n *Node) string {
	cells := make([]rune, c.bar)
	for i := range cells {
		cells[i] = ' '
	}
	from, to := c.cells(t, n.Start, n.End())
	for i := from; i < to; i++ {
		cells[i] = '░'
	}
	for _, p := range n.Path {
		from, to := c.cells(t, p.From, p.To)
		for i := from; i < to; i++ {
			cells[i] = '█'
		}
	}
	if len(n.Path) == 0 {
		return string(cells)
	}
	return c.paint(yellow, string(cells))
}

// cells are the columns of a piece of time, one at least.
func (c *canvas) cells(t *Trace, from, to int64) (first, end int) {
	if t.Duration == 0 {
		return 0, 1
	}
	column := func(at int64) float64 { return float64(at-t.Start) / float64(t.Duration) * float64(c.bar) }
	first = min(int(column(from)+1e-9), c.bar-1)
	end = min(int(math.Round(column(to))), c.bar)
	return first, max(end, first+1)
}
