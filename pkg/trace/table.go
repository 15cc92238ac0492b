package trace

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// table is rows of cells. The first columns are texts, the others numbers; when there is no room, texts give way but for
// the first fixed ones.
type table struct {
	fixed int
	texts int
	head  []string
	rows  [][]string
	reds  map[int]bool
}

func (t *table) add(failed bool, cells ...string) {
	if failed {
		if t.reds == nil {
			t.reds = map[int]bool{}
		}
		t.reds[len(t.rows)] = true
	}
	for i := range cells {
		cells[i] = plain(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// leastText is how narrow a text may become.
const leastText = 6

// draw draws the table into c.
func (t *table) draw(c *canvas) {
	widths := make([]int, len(t.head))
	for i, cell := range t.head {
		widths[i] = columns.StringWidth(cell)
		for _, row := range t.rows {
			widths[i] = max(widths[i], columns.StringWidth(row[i]))
		}
	}
	over := 2*(len(widths)-1) - c.Width
	for _, w := range widths {
		over += w
	}
	for ; over > 0; over-- {
		widest := t.fixed
		for i := t.fixed; i < t.texts; i++ {
			if widths[i] > widths[widest] {
				widest = i
			}
		}
		if widest == t.texts || widths[widest] <= leastText {
			break
		}
		widths[widest]--
	}
	t.line(c, dim, widths, t.head)
	for i, row := range t.rows {
		color := ""
		if t.reds[i] {
			color = red
		}
		t.line(c, color, widths, row)
	}
}

func (t *table) line(c *canvas, color string, widths []int, cells []string) {
	parts := make([]string, len(cells))
	for i, cell := range cells {
		if i < t.texts {
			parts[i] = fit(cell, widths[i])
		} else {
			parts[i] = strings.Repeat(" ", max(0, widths[i]-columns.StringWidth(cell))) + cell
		}
	}
	c.line(color, strings.Join(parts, "  "))
}

// change is how far something is from its baseline.
func change(ratio float64) string {
	if ratio == 0 {
		return "–"
	}
	return "×" + strconv.FormatFloat(ratio, 'f', 2, 64)
}

// Draw draws the report as two tables.
func (r Report) Draw(how Drawing) string {
	c := &canvas{Drawing: how}
	c.Width = max(c.Width, minWidth)
	c.line(bold, fmt.Sprintf("traces: %d", r.Traces))
	if r.Traces == 0 {
		return c.String()
	}
	c.line("", "")
	operations := table{texts: 2, head: []string{"service", "operation", "count", "failed", "p50", "p95", "p99", "baseline"}}
	for _, o := range r.Operations {
		operations.add(o.Failed > 0, o.Service, o.Name, strconv.Itoa(o.Count), strconv.Itoa(o.Failed), FormatDuration(o.P50), FormatDuration(o.P95),
			FormatDuration(o.P99), change(o.Change))
	}
	operations.draw(c)
	c.line("", "")
	list := table{fixed: 2, texts: 4, head: []string{"trace", "start", "begins with", "failed first", "spans", "took", "baseline"}}
	for _, l := range r.List {
		list.add(l.Failed, l.ID, strings.Replace(l.Start[5:19], "T", " ", 1), l.Service+" "+l.Name, l.Cause, strconv.Itoa(l.Spans), FormatDuration(l.Duration), change(l.Change))
	}
	list.draw(c)
	return c.String()
}

// Draw draws what traces waited for and who calls whom; length is the time that calls were counted in.
func (s *Stats) Draw(how Drawing, length time.Duration) string {
	c := &canvas{Drawing: how}
	c.Width = max(c.Width, minWidth)
	sum := s.Summary(length)
	c.line(bold, fmt.Sprintf("traces: %d", sum.Traces))
	if sum.Traces == 0 {
		return c.String()
	}
	c.line("", "")
	work := table{texts: 2, head: []string{"service", "operation", "on critical paths", "share", "self", "count", "failed", "traces"}}
	for _, o := range sum.Operations {
		work.add(o.Failed > 0, o.Service, o.Name, FormatDuration(o.Critical), fmt.Sprintf("%.1f %%", 100*o.Share), FormatDuration(o.Self),
			strconv.Itoa(o.Count), strconv.Itoa(o.Failed), strconv.Itoa(o.OnPath))
	}
	work.draw(c)
	c.line("", "")
	calls := table{texts: 2, head: []string{"caller", "called", "calls", "rate", "failed", "p50", "p95"}}
	for _, call := range s.Calls() {
		calls.add(call.Failed > 0, call.From, call.To, strconv.Itoa(call.Count), call.Rate(length), percent(int64(call.Failed), int64(call.Count)),
			FormatDuration(Quantile(call.Durations, 50)), FormatDuration(Quantile(call.Durations, 95)))
	}
	calls.draw(c)
	return c.String()
}
