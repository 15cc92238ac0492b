package pipeline

import (
	"time"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// Status is the agent at this moment.
func (r *Runner) Status() status.Status {
	s := r.Agent().status()
	s.Reload.Good, s.Reload.At = r.Reloaded()
	return s
}

func (a *Agent) status() status.Status {
	s := status.Status{Time: time.Now(), Pipelines: make([]status.Pipeline, len(a.cfg.Pipelines))}
	byName := map[string]*status.Pipeline{}
	for i := range s.Pipelines {
		p := &s.Pipelines[i]
		p.Name, p.Lines = a.cfg.Pipelines[i].Name, a.totals[i].Snapshot()
		if cfg := &a.cfg.Pipelines[i].Parse; cfg.Guard != (process.Guard{}) {
			p.Guarded = cfg.Shared.Guarded.Counts()
		}
		if known := a.known.list[i]; known != nil {
			has := known.miner.Stats()
			p.Templates = &status.Templates{Known: has.Known, Bytes: has.Bytes, Forgotten: has.Forgotten}
		}
		p.Refused = a.inputs.refused(p.Name)
		if a.held != nil {
			p.Held = a.held[i].status()
		}
		byName[p.Name] = p
	}
	for _, from := range a.tailer.Progress() {
		if p := byName[from.Name]; p != nil { // the tailer may be about to go on for another agent
			p.Bytes, p.Size, p.Committed, p.Files, p.Truncated = from.Read, from.Size, from.Committed, from.Files, from.Truncated
			p.GivenUp, p.Lost = from.GivenUp, from.Lost
		}
	}
	for _, f := range a.tailer.Following() {
		age := f.Waiting.Seconds()
		if p := byName[f.Pipeline]; p != nil {
			p.Lag, p.Age = p.Lag+f.Lag, max(p.Age, age)
		}
		s.Files = append(s.Files, status.File{Pipeline: f.Pipeline, Path: f.Path, Size: f.Size, Committed: f.Committed, Lag: f.Lag, Age: age, Lines: f.Lines})
	}
	s.Detection = a.detecting.status()
	for _, out := range a.opened {
		s.Outputs = append(s.Outputs, out.status())
		if out.counts != nil {
			s.Operations = out.counts.Snapshot()
		}
	}
	return s
}

func (o opened) status() status.Output {
	s := status.Output{Name: o.name, Up: o.up(), Lines: o.ledger.Snapshot()}
	if o.stats != nil {
		s.Requests = &status.Requests{Sent: o.stats.Requests.Load(), Failed: o.stats.Failed.Load(), Retried: o.stats.Retried.Load(),
			Mended: o.stats.Mended.Load(), Bytes: o.stats.Bytes.Load(), WireBytes: o.stats.WireBytes.Load(), InFlight: o.stats.InFlight.Load(), Latency: o.stats.Latency.Snapshot()}
	}
	return s
}
