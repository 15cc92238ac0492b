package tail

import (
	"context"
	"fmt"
)

// Turn returns when the goroutine of Run has come round, or an error when ctx is done before that. While that goroutine
// waits for an output to take what was read, which lasts for as long as Elasticsearch is away, it is as it should be,
// too. Any goroutine may call it.
func (t *Tailer) Turn(ctx context.Context) error {
	if t.waiting.Load() {
		return nil
	}
	select {
	case t.commands <- func() {}:
		return nil
	case <-ctx.Done():
		if t.waiting.Load() {
			return nil
		}
		return fmt.Errorf("the reading loop has not come round: %w", ctx.Err())
	}
}
