package pipeline

import (
	"context"
	"log/slog"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/docker"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/tail"
)

// ReadFiles makes a document of every line of the files that the globs match, through the same code as the agent and
// with the same _id, in the pipelines' order. visit gets both; they are valid until it returns, and its error ends the
// reading. Nothing is locked or written, and checkpoints make no difference. It returns how many files were read.
func ReadFiles(ctx context.Context, cfg *config.Config, log *slog.Logger, visit func(id string, document []byte) error) (files int, err error) {
	parsers, err := Parsers(cfg)
	if err != nil {
		return 0, err
	}
	var total event.Ledger
	reading, err := tail.NewReading(tail.Config{Host: cfg.Host.Name, Inputs: countedBy(&total, cfg), Log: log, Batches: event.NewPool(1, arenaSize)})
	if err != nil {
		return 0, err
	}
	out := &visitor{visit: visit, encoders: ship.NewEncoders(datasets(cfg), cfg.Host.Name)}
	w := (&worker{parsers: parsers, taggers: newStatements(cfg, false, log).taggers(), out: out, docker: new(docker.Source), received: received(cfg)}).followed()
	err = reading.Run(ctx, w.alone)
	files, _ = reading.Files()
	return files, err
}

// visitor is an output that shows documents to a function.
type visitor struct {
	visit    func(id string, document []byte) error
	encoders []*ship.Encoder // by pipeline
	batch    *event.Batch
	id, text []byte
}

func (v *visitor) Begin(b *event.Batch) { v.batch = b }

func (v *visitor) Add(ev *event.Event) error {
	src := v.batch.Source
	v.id = ship.AppendID(v.id[:0], src, ev.Offset, ev.Raw)
	v.text = v.encoders[src.Pipeline].AppendDocument(v.text[:0], ev, v.batch.Path)
	return v.visit(string(v.id), v.text)
}

func (v *visitor) End() error   { return nil }
func (v *visitor) Idle() error  { return nil }
func (v *visitor) Flush() error { return nil }
