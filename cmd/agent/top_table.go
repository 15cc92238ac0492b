package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// drawTop writes the table: what is now, and rates since before, which may be zero. It takes as many rows as there are.
func drawTop(out io.Writer, before, now status.Status, rows int) error {
	seconds := now.Time.Sub(before.Time).Seconds()
	if before.Time.IsZero() || seconds <= 0 {
		before, seconds = now, 1
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	var failed error
	row := func(format string, args ...any) {
		_, err := fmt.Fprintf(w, format+"\n", args...)
		failed = errors.Join(failed, err)
		rows--
	}
	if !now.Reload.Good {
		row("the configuration that was read last was refused; the one before it goes on (see the log, or tailspan check)")
	}
	row("OUTPUT\tUP\tLINES/S\tREQUESTS/S\tLATENCY\tIN FLIGHT\tAGAIN\tMENDED\tDEAD\tGIVEN UP")
	for i, o := range now.Outputs {
		was := o
		if i < len(before.Outputs) && before.Outputs[i].Name == o.Name {
			was = before.Outputs[i]
		}
		row("%s", outputRow(was, o, seconds))
	}
	row("")
	row("PIPELINE\tLINES/S\tBYTES/S\tLAG\tAGE\tFILES\tIN FLIGHT\tDEAD\tDROPPED")
	for _, p := range now.Pipelines {
		was := p
		if i := slices.IndexFunc(before.Pipelines, func(b status.Pipeline) bool { return b.Name == p.Name }); i >= 0 {
			was = before.Pipelines[i]
		}
		row("%s\t%.0f\t%s\t%s\t%s\t%d\t%d\t%d\t%d", printable(p.Name), rate(was.Lines, p.Lines, seconds), bytesText(perSecond(was.Bytes, p.Bytes, seconds)),
			bytesText(p.Lag), ageText(p.Age), p.Files, p.Lines.InFlight(), p.Lines[event.Dead], p.Lines[event.Dropped])
	}
	row("")
	row("FILE\tPIPELINE\tLINES/S\tBYTES/S\tLAG\tAGE\tDEAD")
	for _, f := range busiest(before, now)[:min(len(now.Files), max(0, rows-1))] {
		row("%s\t%s\t%.0f\t%s\t%s\t%s\t%d", printable(f.Path), printable(f.Pipeline), rate(f.was.Lines, f.Lines, seconds),
			bytesText(perSecond(f.was.Committed, f.Committed, seconds)), bytesText(f.Lag), ageText(f.Age), f.Lines[event.Dead])
	}
	return errors.Join(failed, w.Flush())
}

func outputRow(was, o status.Output, seconds float64) string {
	up := "yes"
	if !o.Up {
		up = "NO"
	}
	requests, latency, under, again, mended := "", "", "", "", ""
	if r := o.Requests; r != nil {
		sent := int64(0)
		if was.Requests != nil {
			sent = was.Requests.Sent
			latency = latencyText(was.Requests.Latency, r.Latency)
		}
		requests, under = fmt.Sprintf("%.1f", float64(max(0, r.Sent-sent))/seconds), fmt.Sprint(r.InFlight)
		again, mended = fmt.Sprint(r.Retried), fmt.Sprint(r.Mended)
	}
	return fmt.Sprintf("%s\t%s\t%.0f\t%s\t%s\t%s\t%s\t%s\t%d\t%d", o.Name, up, rate(was.Lines, o.Lines, seconds), requests, latency, under, again, mended,
		o.Lines[event.Dead], o.Lines[event.Dropped])
}

// fileRow is a file and what it was before.
type fileRow struct {
	status.File
	was status.File
}

// busiest are the files of which most was delivered since before, then those with the largest lag.
func busiest(before, now status.Status) []fileRow {
	type key struct{ pipeline, path string }
	was := map[key]status.File{}
	for _, f := range before.Files {
		was[key{f.Pipeline, f.Path}] = f
	}
	rows := make([]fileRow, len(now.Files))
	for i, f := range now.Files {
		if rows[i] = (fileRow{f, f}); was[key{f.Pipeline, f.Path}].Path != "" {
			rows[i].was = was[key{f.Pipeline, f.Path}]
		}
	}
	slices.SortFunc(rows, func(a, b fileRow) int {
		return cmp.Or(cmp.Compare(b.Committed-b.was.Committed, a.Committed-a.was.Committed), cmp.Compare(b.Lag, a.Lag), cmp.Compare(a.Path, b.Path))
	})
	return rows
}

// rate is how many lines a second got their verdicts.
func rate(was, now event.Counts, seconds float64) float64 {
	return float64(max(0, (now[event.Read]-now.InFlight())-(was[event.Read]-was.InFlight()))) / seconds
}

func perSecond(was, now int64, seconds float64) int64 {
	return int64(float64(max(0, now-was)) / seconds)
}

// latencyText is the mean of the requests since before, and in which bucket the slowest was; empty when there were none.
func latencyText(was, now ship.Latency) string {
	n := now.Total() - was.Total()
	if n <= 0 {
		return ""
	}
	slowest := "> " + secondsText(ship.LatencyBounds[len(ship.LatencyBounds)-1])
	for i := len(now.Counts) - 1; i >= 0; i-- {
		if now.Counts[i] > was.Counts[i] {
			if i < len(ship.LatencyBounds) {
				slowest = "≤ " + secondsText(ship.LatencyBounds[i])
			}
			break
		}
	}
	return fmt.Sprintf("%s, %s", secondsText((now.Seconds-was.Seconds)/float64(n)), slowest)
}

func secondsText(s float64) string {
	return time.Duration(s * float64(time.Second)).Round(time.Millisecond).String()
}

// ageText is an age in seconds; empty when it is none.
func ageText(seconds float64) string {
	if seconds == 0 {
		return ""
	}
	return time.Duration(seconds * float64(time.Second)).Round(time.Second).String()
}

// printable is a name without what would move the cursor or end a column.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r == '\uFFFD' {
			return '?'
		}
		return r
	}, name)
}
