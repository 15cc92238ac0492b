package tail

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// zipped returns text as a gzip file.
func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (b *bed) copyFile(from, to string) {
	b.t.Helper()
	data, err := os.ReadFile(b.path(from))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.path(to), data, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) compress(from, to string) {
	b.t.Helper()
	data, err := os.ReadFile(b.path(from))
	if err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(b.path(to), zipped(b.t, string(data)), 0o644); err != nil {
		b.t.Fatal(err)
	}
	if err := os.Remove(b.path(from)); err != nil {
		b.t.Fatal(err)
	}
}

// lines makes n lines that differ.
func numbered(prefix string, n int) (text string, all []string) {
	var b strings.Builder
	for i := range n {
		line := prefix + strings.Repeat("-", i%50) + string(rune('a'+i%26)) + strings.Repeat("x", i)
		all = append(all, line)
		b.WriteString(line + "\n")
	}
	return b.String(), all
}

// TestRotatedWhileStopped does something to a half-read file while the agent is stopped.
func TestRotatedWhileStopped(t *testing.T) {
	first, firstLines := numbered("first", 30)
	second, secondLines := numbered("second", 30)
	for _, c := range []struct {
		name   string
		rotate func(b *bed)
		more   []string
	}{
		{"renamed to a name that no pattern matches", func(b *bed) { b.rename("a.log", "a.log.1") }, nil},
		{"renamed five times", func(b *bed) {
			b.rename("a.log", "a.log.1")
			for _, name := range []string{"2", "3", "4", "5"} {
				b.write("a.log", "young "+name+"\n")
				b.rename("a.log", "young."+name+".log")
			}
		}, []string{"young 2", "young 3", "young 4", "young 5"}},
		{"compressed", func(b *bed) { b.compress("a.log", "a.log.1.gz"); b.write("a.log", "new\n") }, []string{"new"}},
		{"copied and truncated", func(b *bed) {
			b.copyFile("a.log", "a.log.1")
			b.truncate("a.log", 0)
			b.write("a.log", "new\n")
		}, []string{"new"}},
		{"copied to a name that a pattern matches, and truncated", func(b *bed) {
			b.copyFile("a.log", "a-old.log")
			b.truncate("a.log", 0)
			b.write("a.log", "new\n")
		}, []string{"new"}},
		{"copied, truncated, and the copy compressed", func(b *bed) {
			b.copyFile("a.log", "a.log.1")
			b.truncate("a.log", 0)
			b.compress("a.log.1", "a.log.1.gz")
		}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.write("a.log", first)
				b.start()
				b.halt()
				b.want(firstLines...)
				b.write("a.log", second)
				c.rotate(b)
				b.start()
				time.Sleep(releaseAfter)
				synctest.Wait()
				b.want(slices.Concat(firstLines, secondLines, c.more)...)
				b.halt()
				b.start()
				b.settle()
				b.want(slices.Concat(firstLines, secondLines, c.more)...)
				if ids := slices.Compact(slices.Sorted(slices.Values(b.ids))); len(ids) != len(b.ids) {
					t.Error("two lines have one id")
				}
			})
		})
	}
}

func TestCopyTruncate(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		text, all := numbered("line", 100)
		b.write("a.log", text)
		b.start()
		b.want(all...)
		b.write("a.log", "unread when it is truncated\n")
		b.copyFile("a.log", "copy.log")
		b.truncate("a.log", 0)
		b.write("a.log", "after\n")
		time.Sleep(2 * holdCopy)
		synctest.Wait()
		b.want(append(slices.Clone(all), "unread when it is truncated", "after")...)
	})
}

// What is written between the copy and the truncation is read by then, in however many batches: the copy, which ends before
// it, is still known for one and not sent again.
func TestCopyThatEndsBeforeWhatWasRead(t *testing.T) {
	for _, lines := range []int{1, 100, 1000} {
		inBed(t, func(t *testing.T, b *bed) {
			b.arena = 4 << 10
			before, all := numbered("line", 1000)
			b.write("a.log", before)
			b.start()
			b.want(slices.Clone(all)...)
			b.copyFile("a.log", "copy.log")
			between, more := numbered("between", lines)
			b.write("a.log", between)
			b.settle()
			b.truncate("a.log", 0)
			b.write("a.log", "after\n")
			time.Sleep(2 * holdCopy)
			synctest.Wait()
			b.want(append(append(slices.Clone(all), more...), "after")...)
		})
	}
}

// The copy may be seen for the first time when the truncation has been, too, or before it, or after.
func TestCopyThatIsSeenWithTheTruncation(t *testing.T) {
	for _, name := range []string{"0.log", "z.log"} {
		for _, lines := range []int{1, 2, 30, 60, 100, 1000, -1, -30, -60, -100} { // below zero: read at once with what comes after the copy
			t.Run(fmt.Sprintf("%d lines in %s", lines, name), func(t *testing.T) {
				inBed(t, func(t *testing.T, b *bed) {
					before, all := numbered("line", max(lines, -lines))
					between, more := numbered("between", 10)
					b.write("a.log", before)
					if lines > 0 {
						b.start()
					}
					b.write("a.log", between)
					if lines < 0 {
						b.start()
					}
					b.settle()
					b.want(append(slices.Clone(all), more...)...)
					b.write(name, before)
					b.truncate("a.log", 0)
					b.settle()
					b.write("a.log", "after\n")
					time.Sleep(2 * holdCopy)
					synctest.Wait()
					b.want(append(append(slices.Clone(all), more...), "after")...)
				})
			})
		}
	}
}

// The copy may also be seen before anything of its original, truncated a moment ago, was read again.
func TestCopyThatIsSeenBeforeItsOriginal(t *testing.T) {
	for _, name := range []string{"0.log", "z.log"} {
		t.Run(name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.write("a.log", "first\n")
				b.start()
				b.truncate("a.log", 0)
				b.settle()
				text, all := numbered("line", 100)
				b.write("a.log", text)
				b.write(name, text)
				b.settle()
				b.truncate("a.log", 0)
				b.write("a.log", "after\n")
				time.Sleep(2 * holdCopy)
				synctest.Wait()
				b.want(append(slices.Clone(all), "first", "after")...)
			})
		})
	}
}

// The copy may be empty when it is seen, and written before its turn comes.
func TestCopyThatWasEmptyWhenItWasSeen(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		text, all := numbered("line", 100)
		b.write("a.log", text)
		b.start()
		b.want(slices.Clone(all)...)
		b.tailer.commands <- func() {
			b.write("copy.log", "")
			b.tailer.scan()
			b.copyFile("a.log", "copy.log")
		}
		b.settle()
		b.truncate("a.log", 0)
		b.write("a.log", "after\n")
		time.Sleep(2 * holdCopy)
		synctest.Wait()
		b.want(append(slices.Clone(all), "after")...)
	})
}

func TestACopyThatStaysIsWanted(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\ntwo\n")
		b.start()
		b.copyFile("a.log", "b.log")
		b.settle()
		b.want("one", "two")
		time.Sleep(2 * holdCopy)
		synctest.Wait()
		b.want("one", "two", "one", "two")
		b.write("b.log", "three\n")
		b.settle()
		b.want("one", "two", "one", "two", "three")
	})
}

func TestManyFilesWithOnePreamble(t *testing.T) {
	preamble := strings.Repeat("the same banner\n", 200)
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", preamble+"a\n")
		b.start()
		b.write("b.log", preamble+"b\n")
		b.settle()
		if got := len(b.lines); got != 402 {
			t.Errorf("%d lines, want 402: a file that differs waits for nothing", got)
		}
	})
}

func TestCompressedFiles(t *testing.T) {
	text, all := numbered("line", 300)
	whole := zipped(t, text)
	for _, c := range []struct {
		name string
		data []byte
		grow []byte
		want []string
	}{
		{"whole", whole, nil, all},
		{"two members", append(slices.Clone(whole), zipped(t, "another member\nno newline")...), nil, append(slices.Clone(all), "another member", "no newline")},
		{"another member later", whole, zipped(t, "another member\n"), append(slices.Clone(all), "another member")},
		{"still being written", whole[:len(whole)/2], whole[len(whole)/2:], all},
		{"empty when it is found", nil, whole, all},
		{"with a bad checksum", append(slices.Clone(whole[:len(whole)-8]), make([]byte, 8)...), nil, all},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.in.Paths, b.in.Exclude = []string{b.path("*.gz")}, nil
				if err := os.WriteFile(b.path("a.gz"), c.data, 0o644); err != nil {
					t.Fatal(err)
				}
				b.start()
				b.write("a.gz", string(c.grow))
				b.settle()
				b.want(c.want...)
				b.halt()
				b.start()
				b.want(c.want...)
			})
		})
	}
}

func TestHoleAfterTruncation(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		f, err := os.Create(b.path("a.log")) // without O_APPEND: it goes on where it was
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{"one\n", "two\n"} {
			if _, err := f.WriteString(text); err != nil {
				t.Fatal(err)
			}
		}
		b.start()
		b.truncate("a.log", 0)
		if _, err := f.WriteString("behind the hole\n"); err != nil {
			t.Fatal(err)
		}
		b.settle()
		b.want("one", "two", "behind the hole")
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
}
