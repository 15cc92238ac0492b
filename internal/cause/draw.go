package cause

import (
	"fmt"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/pkg/trace"
)

// form is how times are written.
const form = "2006-01-02 15:04:05.000Z"

// Draw is the report for a terminal; color says whether that has colours.
func (r *Report) Draw(color bool) string {
	var b strings.Builder
	line := func(code, format string, args ...any) {
		text := strings.NewReplacer("\n", `\n`, "\t", " ").Replace(plain.Text(fmt.Sprintf(format, args...)))
		if color && code != "" {
			text = "\x1b[" + code + "m" + text + "\x1b[0m"
		}
		b.WriteString(text + "\n") // #nosec G104 -- a strings.Builder never fails
	}
	about := ""
	if r.Service != "" {
		about = " for " + r.Service
	}
	line("1", "what changed at %s%s", r.Split.Format(form), about)
	if !r.Split.Equal(r.At) {
		line("", "asked about %s; what stands first began then", r.At.Format(form))
	}
	line("", "before: from %s   %s", r.From.Format(form), r.Traces.Before.text(r.Documents.Before))
	line("", "behind: to   %s   %s", r.To.Format(form), r.Traces.After.text(r.Documents.After))
	for _, w := range r.Warnings {
		line("33", "! %s", w)
	}
	if len(r.Causes) == 0 {
		line("", "")
		line("", "nothing changed beyond chance, or there is too little to tell")
	}
	for i := range r.Causes {
		r.Causes[i].draw(i+1, line)
	}
	if len(r.Alerts) > 0 {
		line("", "")
		line("1", "findings of that time")
		for _, a := range r.Alerts {
			line("", "  %s  %s  %s: %s", a.Time.Format(form), a.Rule, a.Service, a.Message)
		}
	}
	return b.String()
}

func (s *Side) text(documents int64) string {
	return fmt.Sprintf("documents %d, traces %d, failed %d, p50 %s, p95 %s", documents, s.Count, s.Failed, trace.FormatDuration(s.P50), trace.FormatDuration(s.P95))
}

// Name is what the cause is about: service, operation, hosts.
func (c *Cause) Name() string {
	parts := []string{c.Service}
	if c.Service == "" {
		parts[0] = "all"
	}
	if c.Operation != "" {
		parts = append(parts, c.Operation)
	}
	if len(c.Hosts) > 0 {
		parts = append(parts, "on "+strings.Join(c.Hosts, ", "))
	}
	return strings.Join(parts, " ")
}

func (c *Cause) draw(rank int, line func(code, format string, args ...any)) {
	line("", "")
	line("1", "%2d  %-8s  %s   score %.2f", rank, c.Kind, c.Name(), c.Score)
	text := c.Text
	if !c.Since.IsZero() {
		text += "; since " + c.Since.Format(form)
	}
	line("", "    %s", text)
	for _, m := range c.Measures {
		line("2", "    %s: %s → %s%s", m.Name, m.show(m.Before), m.show(m.After), m.of())
	}
	for _, l := range c.Lines[:min(len(c.Lines), 1)] {
		line("2", "    %s  %s", l.Time.Format(time.RFC3339Nano), l.Message)
	}
	if len(c.Traces) > 0 {
		line("2", "    tailspan trace %s", strings.Join(c.Traces, " | "))
	}
}

func (m *Measure) show(v float64) string {
	switch m.Unit {
	case Nanoseconds:
		return duration(v)
	case Share:
		return percent(v)
	case PerMinute:
		return fmt.Sprintf("%.3g/min", v)
	}
	return fmt.Sprintf("%.2f", v)
}

func (m *Measure) of() string {
	if m.Of == [2]int{} {
		return ""
	}
	return fmt.Sprintf("   (of %d, %d)", m.Of[before], m.Of[after])
}
