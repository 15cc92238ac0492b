package tail

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/pkg/event"
)

// reread reads the logs of b again and returns each line with its id.
func (b *bed) reread() (lines map[string]string, r *Rereading) {
	b.t.Helper()
	before := b.stateFiles()
	r, err := NewRereading(Config{Host: "test", Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in, Total: new(event.Ledger)}},
		Batches: event.NewPool(1, b.arena), Log: quiet})
	if err != nil {
		b.t.Fatal(err)
	}
	lines = map[string]string{}
	if err := r.Run(context.Background(), func(batch *event.Batch) error {
		for _, l := range batch.Lines {
			text := string(batch.Data[l.Start:l.End])
			id := fmt.Sprintf("%x/%d/%d", batch.Source.ID, batch.Source.Generation, l.Offset)
			if other, twice := lines[text]; twice && other != id {
				b.t.Errorf("%.60q has two ids, %s and %s", text, other, id)
			}
			lines[text] = id
		}
		batch.Release()
		return nil
	}); err != nil {
		b.t.Error(err)
	}
	if after := b.stateFiles(); !cmp.Equal(before, after) {
		b.t.Errorf("it changed the data directory: %s", cmp.Diff(before, after))
	}
	return lines, r
}

// stateFiles is all that is in the data directory.
func (b *bed) stateFiles() map[string]string {
	all := map[string]string{}
	paths, _ := filepath.Glob(filepath.Join(b.state, "*")) // the pattern is a constant
	for _, path := range paths {
		data, _ := os.ReadFile(path) // what cannot be read is the same before and after
		all[path] = string(data)
	}
	return all
}

// delivered is what the agent has delivered: each line with its id.
func (b *bed) delivered() map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := map[string]string{}
	for i, line := range b.lines {
		all[line] = b.ids[i]
	}
	return all
}

// TestReread does something to files that were delivered, and reads them again.
func TestReread(t *testing.T) {
	text, lines := numbered("line", 60)
	more, _ := numbered("more", 60)
	for _, c := range []struct {
		name string
		then func(b *bed)
		want []string
		gone int
	}{
		{"nothing", func(*bed) {}, lines, 0},
		{"the rest is the agent's", func(b *bed) { b.write("a.log", more) }, lines, 0},
		{"renamed to a name that no pattern matches", func(b *bed) { b.rename("a.log", "a.log.1") }, lines, 0},
		{"renamed to one that a pattern matches", func(b *bed) { b.rename("a.log", "old.log") }, lines, 0},
		{"compressed", func(b *bed) { b.compress("a.log", "a.log.1.gz") }, lines, 0},
		{"being compressed", func(b *bed) {
			b.copyFile("a.log", "kept")
			b.compress("a.log", "a.log.1.gz")
			b.rename("kept", "kept.log")
		}, lines, 0},
		{"copied and truncated, and nobody has noticed", func(b *bed) {
			b.copyFile("a.log", "a.log.1")
			b.truncate("a.log", 0)
			b.write("a.log", more)
		}, lines, 0},
		{"copied to a name that a pattern matches", func(b *bed) { b.copyFile("a.log", "copy.log") }, lines, 0},
		{"being copied", func(b *bed) {
			b.copyFile("a.log", "copy.log")
			b.truncate("copy.log", 2000)
		}, lines, 0},
		{"truncated", func(b *bed) {
			b.truncate("a.log", 0)
			b.write("a.log", more)
		}, nil, 1},
		{"removed", func(b *bed) {
			if err := os.Remove(b.path("a.log")); err != nil {
				b.t.Fatal(err)
			}
		}, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.write("a.log", text)
				b.start()
				b.halt()
				c.then(b)
				again, r := b.reread()
				want := map[string]string{}
				for _, line := range c.want {
					want[line] = b.delivered()[line]
				}
				if diff := cmp.Diff(want, again); diff != "" {
					t.Error(diff)
				}
				if r.Gone() != c.gone {
					t.Errorf("%d files are gone, want %d", r.Gone(), c.gone)
				}
			})
		})
	}
}

// TestRereadGivesTheIDsOfARun reads what nobody has read, and then lets an agent do so.
func TestRereadGivesTheIDsOfARun(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		text, lines := numbered("line", 300)
		b.write("a.log", text+"no end")
		b.write("b.log.gz", string(zipped(t, "one\ntwo\nthe last has no newline")))
		b.in.Paths, b.in.Exclude = append(b.in.Paths, b.path("*.gz")), nil
		again, r := b.reread()
		if len(again) != len(lines)+3 || again["no end"] != "" {
			t.Errorf("%d lines", len(again))
		}
		if done, all := r.Files(); done != 2 || all != 2 {
			t.Errorf("%d of %d files", done, all)
		}
		b.runOnce()
		all := b.delivered()
		delete(all, "no end")
		if diff := cmp.Diff(all, again); diff != "" {
			t.Error(diff)
		}
	})
}

// TestRereadEndsWhereTheAgentDid cuts a file at every place that a checkpoint may name: between lines, and behind a last line
// that had no newline when it was delivered.
func TestRereadEndsWhereTheAgentDid(t *testing.T) {
	for _, delivered := range []string{"one\ntwo\n", "one\ntwo", "one\r\ntwo\r", strings.Repeat("long", 5000), "one\n" + strings.Repeat("long", 1200)} {
		inBed(t, func(t *testing.T, b *bed) {
			b.arena = 4 << 10
			b.write("a.log", delivered)
			b.runOnce()
			b.write("a.log", " and more\nthree\n")
			again, _ := b.reread()
			if diff := cmp.Diff(b.delivered(), again); diff != "" {
				t.Errorf("%.20q: %s", delivered, diff)
			}
		})
	}
}

// TestRereadWithDamagedCheckpoints uses what is whole, as an agent would, and leaves what is damaged to the agent.
func TestRereadWithDamagedCheckpoints(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		text, _ := numbered("line", 30)
		b.write("a.log", text)
		for range 3 {
			b.start()
			b.halt()
		}
		path := filepath.Join(b.state, checkpointFile)
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		again, _ := b.reread()
		if diff := cmp.Diff(b.delivered(), again); diff != "" {
			t.Error(diff)
		}
	})
}

// TestRereadStops holds it to the first error of those that take batches.
func TestRereadStops(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\n")
		b.write("b.log", "two\n")
		r, err := NewRereading(Config{Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in}}, Batches: event.NewPool(1, b.arena), Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		enough, batches := errors.New("enough"), 0
		if err := r.Run(t.Context(), func(batch *event.Batch) error {
			batches++
			batch.Release()
			return enough
		}); !errors.Is(err, enough) || batches != 1 {
			t.Errorf("%d batches, %v", batches, err)
		}
	})
}

// TestRereadAgainstModel plays random histories and reads everything again in between: no line that was delivered may get
// another id than it has; and at the end every delivered line that is in some file must be found.
func TestRereadAgainstModel(t *testing.T) {
	from, to := uint64(0), uint64(60)
	if text := os.Getenv("TAILSPAN_TEST_SEEDS"); text != "" {
		if _, err := fmt.Sscanf(text, "%d-%d", &from, &to); err != nil {
			t.Fatal(err)
		}
	}
	for seed := from; seed < to && !t.Failed(); seed++ {
		inBed(t, func(t *testing.T, b *bed) {
			m := &model{bed: b, random: rand.New(rand.NewPCG(seed, 1)), lines: map[string]bool{}, files: map[string][]string{}, half: map[string]string{}, known: map[string]knowledge{}}
			look := func() map[string]string {
				if m.tailer != nil {
					if err := m.tailer.Save(); err != nil {
						t.Fatal(err)
					}
				}
				found, _ := m.reread()
				delivered := m.delivered()
				for line, id := range found {
					if want, ok := delivered[line]; ok && want != id {
						t.Errorf("%.60q is delivered as %s and read again as %s", line, want, id)
					}
				}
				m.script = append(m.script, fmt.Sprintf("read again: %d lines", len(found)))
				return found
			}
			m.start()
			for range 12 + m.random.IntN(20) {
				if did := steps[m.random.IntN(len(steps))](m, live[m.random.IntN(len(live))]); did != "" {
					m.script = append(m.script, did)
				}
				look()
			}
			if m.tailer == nil {
				m.start()
			}
			time.Sleep(2 * (releaseAfter + holdCopy))
			synctest.Wait()
			m.halt()
			last := look()
			delivered := m.delivered()
			for _, line := range m.onDisk() {
				if _, ok := delivered[line]; ok && last[line] == "" {
					t.Errorf("%.60q was delivered and is there, and was not found", line)
				}
			}
			if t.Failed() {
				t.Logf("seed %d, after:\n  %s", seed, strings.Join(m.script, "\n  "))
			}
		})
	}
}

// onDisk returns every whole line of every file.
func (m *model) onDisk() (lines []string) {
	m.t.Helper()
	for _, name := range m.list() {
		f, err := os.Open(m.path(name))
		if err != nil {
			m.t.Fatal(err)
		}
		var in io.Reader = f
		if strings.HasSuffix(name, ".gz") {
			if in, err = gzip.NewReader(f); err != nil {
				m.t.Fatal(err)
			}
		}
		text, err := io.ReadAll(in)
		if err := errors.Join(err, f.Close()); err != nil {
			m.t.Fatal(err)
		}
		all := strings.Split(string(text), "\n")
		lines = append(lines, all[:len(all)-1]...)
	}
	return slices.Compact(lines)
}
