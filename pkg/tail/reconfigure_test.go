package tail

import (
	"context"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/pkg/event"
)

// reconfigure stops the tailer's loop, gives it other pipelines and runs it again.
func (b *bed) reconfigure(inputs ...Named) {
	b.t.Helper()
	b.stop()
	if err := <-b.ended; err != nil {
		b.t.Error(err)
	}
	if err := b.tailer.Reconfigure(inputs, event.NewPool(2, b.arena)); err != nil {
		b.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	b.stop = cancel
	go func() { b.ended <- b.tailer.Run(ctx, b.take) }()
	b.settle()
}

func (b *bed) named(name string, paths ...string) Named {
	in := b.in
	in.Paths = nil
	for _, path := range paths {
		in.Paths = append(in.Paths, b.path(path))
	}
	return Named{Name: name, Input: in, Total: new(event.Ledger)}
}

// news returns what was delivered since the last call.
func (b *bed) news() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	lines := b.lines
	b.lines, b.ids = nil, nil
	return lines
}

func TestReconfigure(t *testing.T) {
	for _, c := range []struct {
		name   string
		to     func(b *bed) []Named
		change func(b *bed) // while the new pipelines run
		want   []string
	}{
		{"the same again", func(b *bed) []Named { return []Named{b.named("p", "*.log")} }, nil, []string{"a2", "b2"}},
		{"another number", func(b *bed) []Named { return []Named{b.named("q", "*.txt"), b.named("p", "*.log")} }, nil, []string{"a2", "b2", "t1", "t2"}},
		{"one is taken away", func(b *bed) []Named { return []Named{b.named("q", "*.txt")} }, nil, []string{"t1", "t2"}},
		{"other paths", func(b *bed) []Named { return []Named{b.named("p", "a.log", "*.txt")} }, nil, []string{"a2", "t1", "t2"}},
		{"excluded now", func(b *bed) []Named {
			n := b.named("p", "*.log")
			n.Exclude = []string{"b.*"}
			return []Named{n}
		}, nil, []string{"a2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.write("a.log", "a1\n")
				b.write("b.log", "b1\n")
				b.write("t.txt", "t1\n")
				b.start()
				b.news()
				b.reconfigure(c.to(b)...)
				for _, name := range []string{"a.log", "b.log", "t.txt"} {
					b.write(name, strings.TrimSuffix(name, name[1:])+"2\n")
				}
				b.settle()
				got := b.news()
				slices.Sort(got)
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}

// TestReconfigureKeepsDeletedFiles: only the descriptor leads to a deleted file, and a restart would lose what is in it.
func TestReconfigureKeepsDeletedFiles(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "a1\n")
		b.start()
		service, err := os.OpenFile(b.path("a.log"), os.O_APPEND|os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = service.Close() }()
		if err := os.Remove(b.path("a.log")); err != nil {
			t.Fatal(err)
		}
		b.reconfigure(b.named("p", "*.log"))
		if _, err := service.WriteString("a2\n"); err != nil {
			t.Fatal(err)
		}
		b.settle()
		if diff := cmp.Diff([]string{"a1", "a2"}, b.news()); diff != "" {
			t.Error(diff)
		}
	})
}

// TestReconfigureReadsAgainWhatWasNotAcknowledged, with the ids it had, and without counting it twice.
func TestReconfigureReadsAgainWhatWasNotAcknowledged(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "a1\n")
		b.start()
		b.hold = true
		b.write("a.log", "a2\n")
		b.settle()
		ids := b.ids[1:]
		b.news()
		b.hold = false
		again := b.named("p", "*.log")
		b.reconfigure(again)
		if diff := cmp.Diff(ids, b.ids); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]string{"a2"}, b.news()); diff != "" {
			t.Error(diff)
		}
		lines := b.tailer.Files()[0].Lines
		if lines["read"] != 2 || lines["in_flight"] != 0 || again.Total.InFlight() != 0 {
			t.Errorf("the file's ledger %v, %d in flight in the pipeline's", lines, again.Total.InFlight())
		}
	})
}

// TestReconfigureForgetsNothing: a pipeline that comes back goes on where it was, in a file that was renamed meanwhile, too.
func TestReconfigureForgetsNothing(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "a1\n")
		b.start()
		b.reconfigure(b.named("q", "*.txt"))
		b.write("a.log", "a2\n")
		if err := os.Rename(b.path("a.log"), b.path("a.old")); err != nil {
			t.Fatal(err)
		}
		b.write("a.log", "new\n")
		b.settle()
		b.news()
		b.reconfigure(b.named("p", "*.log"))
		got := b.news()
		slices.Sort(got)
		if diff := cmp.Diff([]string{"a2", "new"}, got); diff != "" {
			t.Error(diff)
		}
	})
}
