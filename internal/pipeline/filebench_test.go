package pipeline

import (
	"context"
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// forgetful is a sinkhole that acknowledges what it forgets.
type forgetful struct {
	sinkhole
	ack func([]event.Ack)
}

func (f *forgetful) End() error {
	b := f.batch
	f.ack([]event.Ack{{Source: b.Source, From: b.From, To: b.To}})
	b.Source.Count(event.Indexed, len(b.Lines))
	return nil
}

// BenchmarkFile ships one file of 128 MiB, from the checkpoint at its beginning to that at its end, to an output that forgets
// everything inside the process. With -cpu 1,2 it tells what a second core is worth to one file.
func BenchmarkFile(b *testing.B) {
	dir := b.TempDir()
	var text []byte
	for i := 0; len(text) < 128<<20; i++ {
		text = append(append(text, shapes[0].line(i)...), '\n')
	}
	cfg := configured(b, dir, map[string]string{
		"a.log": string(text), "tailspan.yaml": "data_dir: state\npipelines: [{name: a, paths: [a.log], format: json}]\noutput: {elasticsearch: {hosts: ['http://127.0.0.1:1']}}\n"})
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := os.RemoveAll(cfg.DataDir); err != nil {
			b.Fatal(err)
		}
		a, err := start(cfg, true, nil, io.Discard, slog.New(slog.DiscardHandler))
		if err != nil {
			b.Fatal(err)
		}
		a.opened = []opened{{name: "none", ledger: new(event.Ledger), up: always, start: func(context.Context) {}, close: func() {}}}
		for _, w := range a.workers {
			w.out = &forgetful{sinkhole{encoder: ship.NewEncoder("bench", "host")}, a.marks.ack}
		}
		if err := a.ship(b.Context()); err != nil {
			b.Fatal(err)
		}
		if err := a.letGo(); err != nil {
			b.Fatal(err)
		}
	}
}
