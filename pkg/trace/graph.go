package trace

import (
	"fmt"
	"strings"
	"time"
)

// DOT is the service map in the language of Graphviz; length is the time that the calls were counted in.
func (s *Stats) DOT(length time.Duration) string {
	var b strings.Builder
	b.WriteString("digraph services {\n  rankdir=LR;\n  node [shape=box];\n")
	for _, c := range s.Calls() {
		fmt.Fprintf(&b, "  %s -> %s [label=%s];\n", quoteDOT(c.From), quoteDOT(c.To), quoteDOT(c.label(length)))
	}
	b.WriteString("}\n")
	return b.String()
}

// quoteDOT is text as a quoted id: a quote is escaped, and so is a backslash, which begins escapes in labels.
func quoteDOT(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(plain(text)) + `"`
}

// Mermaid is the service map as a Mermaid flowchart.
func (s *Stats) Mermaid(length time.Duration) string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	names := map[string]string{}
	node := func(service string) string {
		id, known := names[service]
		if known {
			return id
		}
		id = fmt.Sprintf("s%d", len(names))
		names[service] = id
		return id + `["` + quoteMermaid(service) + `"]`
	}
	for _, c := range s.Calls() {
		from := node(c.From)
		fmt.Fprintf(&b, "  %s -->|\"%s\"| %s\n", from, quoteMermaid(c.label(length)), node(c.To))
	}
	return b.String()
}

// quoteMermaid is text inside of quotes, where Mermaid has no escape but HTML's by number.
func quoteMermaid(text string) string {
	return strings.NewReplacer("#", "#35;", `"`, "#34;", "<", "#60;", ">", "#62;", "&", "#38;", "`", "#96;").Replace(plain(text))
}

// label says how often, how well and how fast.
func (c *CallStats) label(length time.Duration) string {
	text := c.Rate(length) + " p95 " + FormatDuration(Quantile(c.Durations, 95))
	if c.Failed > 0 {
		text += " errors " + percent(int64(c.Failed), int64(c.Count))
	}
	return text
}

// Rate is calls a second, a minute or an hour, whichever makes a number above one.
func (c *CallStats) Rate(length time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Second, "s"}, {time.Minute, "min"}} {
		if n := float64(c.Count) * float64(u.unit) / float64(max(length, 1)); n >= 1 {
			return fmt.Sprintf("%.3g/%s", n, u.name)
		}
	}
	return fmt.Sprintf("%.3g/h", float64(c.Count)*float64(time.Hour)/float64(max(length, 1)))
}
