package tail

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

var autoMultiline = frame.Multiline{Mode: confkey.Auto}

func TestAnEventWaitsForItsLines(t *testing.T) {
	inBed(t, func(_ *testing.T, b *bed) {
		b.in.Multiline = frame.Multiline{Mode: confkey.Auto, Timeout: 7 * time.Second}
		b.write("a.log", "one\nhead\n\tat x\n")
		b.start()
		b.want("one")
		b.write("a.log", "\tat y\nhal")
		b.settle()
		b.want("one")
		time.Sleep(7 * time.Second)
		synctest.Wait()
		b.want("one", "head\n\tat x\n\tat y")
		b.write("a.log", "f\nlast\n")
		b.settle()
		b.want("one", "head\n\tat x\n\tat y", "half")
		b.halt()
		b.write("a.log", "\tat z\n")
		b.start() // half an event was not delivered, so it is whole now
		time.Sleep(7 * time.Second)
		synctest.Wait()
		b.want("one", "head\n\tat x\n\tat y", "half", "last\n\tat z")
	})
}

func TestEventsToTheEndOfAFile(t *testing.T) {
	for name, rotate := range map[string]func(b *bed){
		"once": func(b *bed) { b.runOnce() },
		"compressed": func(b *bed) {
			b.in.Exclude = nil
			b.in.Paths = []string{b.path("*")}
			b.compress("a.log", "a.gz")
			b.runOnce()
		},
		"released": func(b *bed) {
			b.in.Multiline.Timeout = time.Hour
			b.start()
			b.rename("a.log", "gone")
			time.Sleep(releaseAfter + 2*pollUnwatched)
			synctest.Wait()
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBed(t, func(_ *testing.T, b *bed) {
				b.in.Multiline = autoMultiline
				b.write("a.log", "one\nhead\n\tat x\n\tat y")
				rotate(b)
				b.want("one", "head\n\tat x\n\tat y")
			})
		})
	}
}

func TestContainersAreJoined(t *testing.T) {
	inBed(t, func(_ *testing.T, b *bed) {
		b.in.Framing = "cri"
		b.write("a.log", "2026-01-02T03:04:05Z stdout P one \n2026-01-02T03:04:06Z stderr F error\n")
		b.start()
		b.want("2026-01-02T03:04:05Z stdout P one ", "2026-01-02T03:04:06Z stderr F error") // the rest is late
		b.write("a.log", "2026-01-02T03:04:07Z stdout P two \n2026-01-02T03:04:08Z stdout F three\n")
		b.settle()
		b.want("2026-01-02T03:04:05Z stdout P one ", "2026-01-02T03:04:06Z stderr F error", "2026-01-02T03:04:07Z stdout F two three")
	})
}

func wide(text string) string {
	var out []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		out = append(out, byte(unit), byte(unit>>8))
	}
	return string(out)
}

func TestUTF16File(t *testing.T) {
	inBed(t, func(_ *testing.T, b *bed) {
		text := wide("\ufefffirst ä\r\nsecond 😀\nthird\n")
		b.write("a.log", text[:1])
		b.start()
		b.write("a.log", text[1:25])
		b.settle()
		b.halt()
		b.write("a.log", text[25:31])
		b.start()
		b.write("a.log", text[31:])
		b.settle()
		b.want("first ä", "second 😀", "third")
		long := strings.Repeat("ä", 2*b.arena)
		b.write("a.log", wide(long+"\nafter\n"))
		b.settle()
		b.want("first ä", "second 😀", "third", long[:b.in.MaxLine], "after")
	})
}

// TestAnyArena reads what a service writes in random pieces, with restarts between, through arenas of any size.
func TestAnyArena(t *testing.T) {
	for seed := range uint64(12) {
		inBed(t, func(t *testing.T, b *bed) {
			random := rand.New(rand.NewPCG(seed, 1))
			b.arena, b.in.MaxLine = 200+random.IntN(3000), 700
			b.in.Multiline = frame.Multiline{Mode: confkey.Field, Start: "^event", Timeout: time.Hour}
			var content strings.Builder
			var want []string
			for i := range 60 {
				text := fmt.Sprintf("event %d", i)
				for range random.IntN(6) {
					text += "\n more " + strings.Repeat("x", random.IntN(90))
				}
				want = append(want, text)
				content.WriteString(text + "\n")
			}
			b.write("a.log", "")
			b.start()
			for rest := content.String(); rest != ""; {
				n := min(len(rest), 1+random.IntN(700))
				b.write("a.log", rest[:n])
				rest = rest[n:]
				if random.IntN(3) == 0 {
					b.halt()
					b.start()
				}
				b.settle()
			}
			b.halt()
			b.runOnce()
			b.want(want...)
			if again, _ := b.reread(); !cmp.Equal(again, b.delivered()) {
				t.Errorf("seed %d: read again: %s", seed, cmp.Diff(b.delivered(), again))
			}
		})
	}
}

func TestDeletedFilesAreGivenUp(t *testing.T) {
	for _, c := range []struct {
		name    string
		limits  Deleted
		after   time.Duration
		givenUp int64
	}{
		{"no limits", Deleted{}, 3 * time.Hour, 0},
		{"young", Deleted{MaxAge: time.Hour}, 50 * time.Minute, 0},
		{"old", Deleted{MaxAge: time.Hour}, 70 * time.Minute, 1},
		{"small", Deleted{MaxSize: 11}, 5 * time.Second, 0},
		{"large", Deleted{MaxSize: 10}, 5 * time.Second, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.in.Deleted, b.held = c.limits, true
				b.write("a.log", "one\n")
				b.start()
				b.write("a.log", "unread\n") // the output holds the source
				if err := os.Remove(b.path("a.log")); err != nil {
					t.Fatal(err)
				}
				time.Sleep(c.after)
				synctest.Wait()
				p := b.tailer.Progress()[0]
				if lost := c.givenUp * int64(len("unread\n")); p.GivenUp != c.givenUp || p.Lost != lost || p.Files != 1-int(c.givenUp) {
					t.Errorf("%+v: want %d given up, %d bytes lost", p, c.givenUp, lost)
				}
				files := b.tailer.Files()
				if len(files) != 1 || files[0].Open == (c.givenUp > 0) || files[0].Committed != 4 || files[0].Lines["indexed"]+files[0].Lines["in_flight"] != 1 {
					t.Errorf("listed as %+v", files)
				}
			})
		})
	}
}

// TestDeletedFilesAreGivenUpWhileTheOutputsAreAway has no batch left to read into.
func TestDeletedFilesAreGivenUpWhileTheOutputsAreAway(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.in.Deleted.MaxAge = time.Hour
		b.write("a.log", "one\n")
		b.start()
		for range 2 {
			if _, err := b.tailer.cfg.Batches.Take(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		b.write("a.log", "unread\n")
		if err := os.Remove(b.path("a.log")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(70 * time.Minute)
		synctest.Wait()
		if p := b.tailer.Progress()[0]; p.GivenUp != 1 || p.Lost != int64(len("unread\n")) {
			t.Errorf("%+v: want one given up", p)
		}
	})
}

// TestStream compares what is read once, in pieces of any size, with the same as a file.
func TestStream(t *testing.T) {
	long := strings.Repeat("long ", 300<<10/5)
	for name, content := range map[string]string{
		"lines":  "one\r\n\ntwo\n" + long + "\nthree\n" + long,
		"traces": "one\n\tat x\n" + strings.Repeat("line\n  more\n", 40_000) + long + "\n\tat y\nend",
		"UTF-16": wide("\ufeffone\nä\n\tat x\n" + long + "\nend"),
	} {
		t.Run(name, func(t *testing.T) {
			var want []string
			inBed(t, func(_ *testing.T, b *bed) {
				b.in.Multiline, b.in.MaxLine = autoMultiline, 1000
				b.write("a.log", content)
				b.runOnce()
				for i, line := range b.lines {
					want = append(want, b.ids[i][strings.LastIndexByte(b.ids[i], '/')+1:]+" "+line)
				}
			})
			for _, size := range []int{len(content), 64 << 10, 4999} {
				in := Input{Config: frame.Config{Multiline: autoMultiline, MaxLine: 1000}}
				s, err := NewStream(in)
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				take := func(b *event.Batch) error {
					for _, l := range b.Lines {
						got = append(got, fmt.Sprintf("%d %s", l.Offset, b.Data[l.Start:l.End]))
					}
					return nil
				}
				for piece := range slices.Chunk([]byte(content), size) {
					if err := s.Write(piece, frame.Open, take); err != nil {
						t.Fatal(err)
					}
					if len(s.data) > s.framer.Reach()+streamArena+size {
						t.Fatalf("holds %d bytes", len(s.data))
					}
				}
				if err := s.Write(nil, frame.Done, take); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("in pieces of %d: %d events, want %d: %.300s", size, len(got), len(want), cmp.Diff(want, got))
				}
			}
		})
	}
}
