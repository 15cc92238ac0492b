package tail

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// rotations are what may become of a file while no agent runs.
var rotations = []struct {
	kind   string
	rotate func(b *bed, name string)
	opens  int // it takes for each file, to find it again and read it
}{
	{"renamed", func(b *bed, name string) { b.rename(name, name+".1") }, 1},
	{"compressed", func(b *bed, name string) { b.compress(name, name+".1.gz") }, 1},
	{"copied", func(b *bed, name string) { b.copyFile(name, name+".1"); b.remove(name) }, 1},
	{"truncated", func(b *bed, name string) { b.copyFile(name, name+".1"); b.truncate(name, 0) }, 3}, // as what it was, as what it may be, and its copy
}

func (b *bed) remove(name string) {
	b.t.Helper()
	if err := os.Remove(b.path(name)); err != nil {
		b.t.Fatal(err)
	}
}

// growAndRotate writes another line to each of count files with names of the format, and rotates it. It returns these lines.
func (b *bed) growAndRotate(count int, names string, rotate func(b *bed, name string)) (unread []string) {
	b.t.Helper()
	for i := range count {
		name := fmt.Sprintf(names, i)
		unread = append(unread, fmt.Sprintf("second of %d", i))
		b.write(name, unread[i]+"\n")
		rotate(b, name)
	}
	return unread
}

// TestManyAreFoundAgain rotates many files while the agent is stopped, in every way that there is, and counts what it takes to find
// them again: so many openings for each, however many there are, and a listing for all.
func TestManyAreFoundAgain(t *testing.T) {
	const files = 300
	banner := strings.Repeat("the banner of them all\n", 100)
	for _, r := range rotations {
		for _, begins := range []string{"", banner} {
			t.Run(fmt.Sprintf("%s, %d bytes alike", r.kind, len(begins)), func(t *testing.T) {
				inBed(t, func(t *testing.T, b *bed) {
					for i := range files {
						b.write(fmt.Sprintf("%03d.log", i), fmt.Sprintf("%sfirst of %d%s\n", begins, i, strings.Repeat(".", i)))
					}
					b.start()
					b.halt()
					want := b.growAndRotate(files, "%03d.log", r.rotate)
					b.lines = nil
					opens := countOpens(t, b.logs)
					b.start()
					time.Sleep(releaseAfter)
					synctest.Wait()
					if n := opens(); n > r.opens*files+10 {
						t.Errorf("%d files were opened %d times", files, n)
					}
					b.want(slices.Clone(want)...)
					b.halt()
					b.start()
					b.want(want...)
					if ids := slices.Compact(slices.Sorted(slices.Values(b.ids))); len(ids) != len(b.ids) {
						t.Error("two lines have one id")
					}
				})
			})
		}
	}
}

// Of what is alike in every place remembered, each copy is one file's, and the first the first's.
func TestCopiesOfFilesThatAreAlike(t *testing.T) {
	for _, r := range rotations {
		t.Run(r.kind, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				for i := range 5 {
					b.write(fmt.Sprintf("%d.log", i), "the same\n")
				}
				b.start()
				b.halt()
				want := append(slices.Clone(b.lines), b.growAndRotate(5, "%d.log", r.rotate)...)
				b.start()
				b.want(slices.Clone(want)...)
				b.halt()
				b.start()
				b.want(want...)
			})
		})
	}
}

// One file begins as another one goes on to: the copy of the longer is not taken for one of the shorter.
func TestCopyOfTheLongerOfTwo(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\ntwo\n")
		b.write("b.log", "one\ntwo\nthree\n")
		b.start()
		b.halt()
		b.write("a.log", "end of a\n")
		b.write("b.log", "end of b\n")
		b.compress("b.log", "0.gz")
		b.compress("a.log", "1.gz")
		b.start()
		b.want("one", "two", "one", "two", "three", "end of a", "end of b")
	})
}

// Files are rotated by copying each over the next older one: what is in a file is not what was read of it.
func TestCopiedOverTheNext(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.in.Paths = []string{b.path("*.log*")}
		b.write("a.log.2", "oldest\n")
		b.write("a.log.1", "older\n")
		b.write("a.log", "young\n")
		b.start()
		b.halt()
		b.write("a.log", "unread\n")
		for _, to := range []string{"a.log.2", "a.log.1"} {
			from := map[string]string{"a.log.2": "a.log.1", "a.log.1": "a.log"}[to]
			b.truncate(to, 0)
			b.copyFile(from, to)
		}
		b.truncate("a.log", 0)
		b.write("a.log", "new\n")
		b.start()
		b.want("oldest", "older", "young", "unread", "new")
		b.halt()
		b.start()
		b.want("oldest", "older", "young", "unread", "new")
		if ids := slices.Compact(slices.Sorted(slices.Values(b.ids))); len(ids) != len(b.ids) {
			t.Error("two lines have one id")
		}
	})
}

// There may be more copies to read than descriptors.
func TestMoreCopiesThanDescriptors(t *testing.T) {
	for _, r := range rotations {
		t.Run(r.kind, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				var want []string
				for i := range 50 {
					want = append(want, fmt.Sprintf("first of %d", i))
					b.write(fmt.Sprintf("%d.log", i), want[i]+"\n")
				}
				b.start()
				b.halt()
				want = append(want, b.growAndRotate(50, "%d.log", r.rotate)...)
				b.limit = 8
				b.start()
				b.want(want...)
				if n := b.tailer.descriptors.files.Len(); n > 8 {
					t.Errorf("%d files are open, want at most 8", n)
				}
			})
		})
	}
}
