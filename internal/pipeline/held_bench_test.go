package pipeline

import (
	"fmt"
	"io"
	"log/slog"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
)

// newHoldingBench returns a worker that holds lines of the shape and writes documents to nowhere, and a function that gives the lines
// of the batch traces that were not there before.
func newHoldingBench(tb testing.TB, s shape, held string) (w *worker, b *event.Batch, renew func()) {
	tb.Helper()
	_, b = newBench(tb, s)
	text := fmt.Sprintf("data_dir: %s\nhost: {name: h}\npipelines:\n  - name: bench\n    hold: %s\n    %s\noutput: {console: {}}\n", tb.TempDir(), held, s.pipeline)
	cfg, err := config.Parse("tailspan.yaml", []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	a, err := prepare(cfg, false, io.Discard, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(a.abandon)
	a.tag()
	a.read.caught = func() time.Time { return time.Now().Add(24 * time.Hour) }
	a.remember(hold.Open(durable.OS{}, cfg.DataDir, slog.New(slog.DiscardHandler)))
	b.To = int64(len(b.Data))
	var places [][]byte // eight digits of the id of each line, behind those that are sampled by
	for _, l := range b.Lines {
		line := b.Data[l.Start:l.End]
		for i := range line[:len(line)-32] {
			if id := fmt.Sprintf("%032x", len(places)+1); string(line[i:i+32]) == id {
				places = append(places, line[i:i+8])
				break
			}
		}
	}
	if len(places) != len(b.Lines) {
		tb.Fatalf("%d traces in %d lines", len(places), len(b.Lines))
	}
	round := uint32(0)
	return a.workers[0], b, func() {
		round++
		for _, p := range places {
			for i, x := 7, round; i >= 0; i, x = i-1, x>>4 {
				p[i] = "0123456789abcdef"[x&15]
			}
		}
	}
}

// look looks twice, since the first look only asks what is read, and lets the output write as run does.
func look(tb testing.TB, w *worker, after time.Duration) {
	for range 2 {
		if err := w.held.look(time.Now().Add(after)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.out.Idle(); err != nil {
		tb.Fatal(err)
	}
}

// TestHoldingAllocatesNothing: lines that wait and are dropped, are kept, and are let through because memory is spent.
func TestHoldingAllocatesNothing(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	for name, held := range map[string]string{"dropped": "{for: 1m}", "sampled": "{for: 1m, keep: {sample: 50%}}", "kept": "{for: 1m, keep: {slower_than: 100ms}}"} {
		t.Run(name, func(t *testing.T) {
			w, b, renew := newHoldingBench(t, shapes[0], held)
			run := func(after time.Duration) {
				renew()
				if err := w.again(b); err != nil {
					t.Fatal(err)
				}
				look(t, w, after)
			}
			for range 600 { // until what is remembered is as much as it gets
				run(time.Hour)
			}
			if n := testing.AllocsPerRun(100, func() { run(time.Hour) }); n != 0 {
				t.Errorf("%v allocations for %d lines", n, len(b.Lines))
			}
			for range 600 {
				run(0)
			}
			if w.held.pipelines[0].counts.Early.Load() == 0 {
				t.Error("memory was never spent")
			}
			if n := testing.AllocsPerRun(100, func() { run(0) }); n != 0 {
				t.Errorf("%v allocations for %d lines where memory is spent", n, len(b.Lines))
			}
		})
	}
}

// BenchmarkHeld measures lines of traces that wait and are dropped, beside BenchmarkLine; ns/op is per batch of 500 lines.
func BenchmarkHeld(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.name, func(b *testing.B) {
			w, batch, renew := newHoldingBench(b, s, "{for: 1m}")
			b.SetBytes(int64(len(batch.Data)))
			b.ReportAllocs()
			for b.Loop() {
				renew()
				if err := w.again(batch); err != nil {
					b.Fatal(err)
				}
				look(b, w, time.Hour)
			}
		})
	}
}
