package pipeline

import (
	"errors"
	"slices"
)

// follow goes on with the Tailer and the counters of an agent that has shipped what it had.
func (a *Agent) follow(before *Agent) error {
	if err := errors.Join(before.letters.Close(), before.asked.close()); err != nil {
		a.log.Warn("what the configuration from before had open could not be closed", "error", err)
	}
	a.past = before.past
	for i := range before.totals {
		a.past[before.cfg.Pipelines[i].Name] = &before.totals[i]
	}
	for i := range a.totals {
		if ledger := a.past[a.cfg.Pipelines[i].Name]; ledger != nil {
			a.totals[i].Continue(ledger)
		}
	}
	a.keepGuarding(before)
	a.known.follow(before.known)
	a.tag()
	for _, out := range a.opened {
		if j := slices.IndexFunc(before.opened, func(old opened) bool { return old.name == out.name }); j >= 0 {
			out.carry(before.opened[j])
		}
	}
	a.tailer, a.inputs = before.tailer, before.inputs
	a.read.caught = a.tailer.CaughtUp
	a.remember(before.traces)
	for i, p := range a.held {
		if j := before.index(a.cfg.Pipelines[i].Name); p != nil && j >= 0 && before.held != nil && before.held[j] != nil {
			p.counts.Continue(&before.held[j].counts)
		}
	}
	if err := a.detectAs(before.detecting); err != nil {
		a.log.Error("nothing will be detected", "error", err)
	}
	if err := a.inputs.set(a.cfg); err != nil {
		a.log.Error("an input cannot be opened; it is tried again", "error", err)
	}
	return a.tailer.Reconfigure(a.named(), a.batches())
}

// keepGuarding lets the mapping guards of an agent go on from those of the one before.
func (a *Agent) keepGuarding(before *Agent) {
	for i := range a.cfg.Pipelines {
		p := &a.cfg.Pipelines[i]
		j := before.index(p.Name)
		if j < 0 {
			continue
		}
		if old := &before.cfg.Pipelines[j]; p.Parse.Shared != nil && old.Parse.Shared != nil {
			p.Parse.Shared.Guarded.Continue(&old.Parse.Shared.Guarded)
		}
	}
}
