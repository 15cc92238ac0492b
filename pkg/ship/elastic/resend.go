package elastic

import (
	"context"
	"log/slog"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Resend sends dead letters once more, with the ids they had, and returns those that are refused again, with the new
// reason. After an error nothing is known of any of them.
func Resend(ctx context.Context, cfg Config, letters []ship.DeadLetter, log *slog.Logger) (refused []ship.DeadLetter, err error) {
	out, err := New(cfg, Options{Workers: 1, Log: log, Targets: []Target{{Index: new(Name)}}})
	if err != nil {
		return nil, err
	}
	s, src := newSender(out), new(event.Source)
	for len(letters) > 0 {
		b := new(bulk)
		n := 0
		for n < len(letters) && (n == 0 || len(b.buf) < cfg.Bulk.MaxSize && n < cfg.Bulk.MaxDocs) {
			d := doc{start: len(b.buf), source: src, offset: int64(n)}
			b.buf = append(append(b.buf, letters[n].Action...), '\n')
			d.body = len(b.buf)
			b.buf = append(append(b.buf, letters[n].Document...), '\n')
			d.end = len(b.buf)
			b.docs = append(b.docs, d)
			n++
		}
		for len(b.docs) > 0 {
			if _, err := s.settle(ctx, b, 0, len(b.docs)); err != nil {
				return nil, err
			}
			for _, r := range b.letters {
				b.docs[r.index].done = true
				letter := letters[b.docs[r.index].offset]
				letter.Status, letter.Type, letter.Reason = r.status, r.kind, r.reason
				refused = append(refused, letter)
			}
			b.letters = b.letters[:0]
			b.compact()
		}
		letters = letters[n:]
	}
	return refused, nil
}
