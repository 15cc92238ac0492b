package pipeline

import (
	"context"
	"errors"
	"sync"
	"time"
)

// letGo writes the last checkpoint and lets go of everything.
func (a *Agent) letGo() error {
	a.inputs.close()
	a.endSending()
	err := errors.Join(a.detecting.close(), a.tailer.Close(), a.letters.Close(), a.asked.close())
	a.traces.Close()
	return err
}

// abandon lets go of the outputs of an agent that has not shipped.
func (a *Agent) abandon() {
	a.endSending()
	for _, out := range a.opened {
		out.close()
	}
}

// drain lets the workers and the output finish what was read. Once ctx is done that is bounded by the shutdown timeout:
// what is not delivered by then has not been acknowledged, and is read again after the next start.
func (a *Agent) drain(ctx context.Context, working *sync.WaitGroup) {
	undo := context.AfterFunc(ctx, func() {
		time.AfterFunc(a.cfg.ShutdownTimeout, func() {
			a.log.Warn("not everything could be delivered before the shutdown timeout; it will be sent after the next start")
			a.endSending()
		})
	})
	defer undo()
	for _, w := range a.workers {
		if w.held != nil {
			w.held.rest = ctx.Err() == nil
		}
	}
	close(a.workers[0].in)
	if !a.await(working) {
		a.log.Warn("the output does not let go; stopping without it")
		return
	}
	a.closeOutputs()
	a.endSending()
}

// await waits for the workers; false after the shutdown timeout when one cannot be called off, as in a write to standard
// output that nobody reads. What it holds has not been acknowledged.
func (a *Agent) await(working *sync.WaitGroup) bool {
	done := make(chan struct{})
	go func() {
		working.Wait()
		close(done)
	}()
	select {
	case <-done:
		return true
	case <-a.sending.Done():
	}
	select {
	case <-done:
		return true
	case <-time.After(time.Second): // for those that can be called off
		return false
	}
}

// closeOutputs waits for the primary output as long as sending may go on, and for others no longer than the shutdown
// timeout: what they are missing can be sent to them again.
func (a *Agent) closeOutputs() {
	a.opened[0].close()
	if others := a.opened[1:]; len(others) > 0 {
		defer time.AfterFunc(a.cfg.ShutdownTimeout, a.endSending).Stop()
		var closing sync.WaitGroup
		for _, out := range others {
			closing.Go(out.close)
		}
		closing.Wait()
	}
}
