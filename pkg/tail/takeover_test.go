package tail

import (
	"errors"
	"os"
	"strings"
	"testing"
)

// inode is that of a file of the bed's.
func (b *bed) inode(name string) uint64 {
	b.t.Helper()
	state, err := stateAt(b.path(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return state.Ino
}

// takeOver takes a position over while no agent runs.
func (b *bed) takeOver(from Foreign) (taken []TakenOver, err error) {
	b.t.Helper()
	offline, failed := Open(Config{Host: "test", Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in}}, NoWatch: true, Log: quiet})
	if failed != nil {
		b.t.Fatal(failed)
	}
	taken, err = offline.TakeOver(from)
	if failed := offline.Close(); failed != nil {
		b.t.Fatal(failed)
	}
	return taken, err
}

func TestTakeOver(t *testing.T) {
	for _, c := range []struct {
		name   string
		offset int64
		at     int64
		want   []string
	}{
		{"nothing was delivered", 0, 0, []string{"one", "two", "three"}},
		{"in the first line", 2, 0, []string{"one", "two", "three"}},
		{"at the beginning of a line", 4, 4, []string{"two", "three"}},
		{"in a line", 6, 4, []string{"two", "three"}},
		{"at the end", 14, 14, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, func(t *testing.T, b *bed) {
				b.write("a.log", "one\ntwo\nthree\n")
				taken, err := b.takeOver(Foreign{Path: b.path("a.log"), Inode: b.inode("a.log"), Offset: c.offset})
				if err != nil || len(taken) != 1 || taken[0] != (TakenOver{"p", b.path("a.log"), c.at}) {
					t.Fatalf("taken over: %+v, %v", taken, err)
				}
				b.start()
				b.want(c.want...)
				b.write("a.log", "four\n")
				b.settle()
				b.want(append(c.want, "four")...)
			})
		})
	}
}

// TestTakeOverGivesTheSameIDs is what makes both ways of delivery one: a line read after the take-over has the id that it
// would have had.
func TestTakeOverGivesTheSameIDs(t *testing.T) {
	var ids []string
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\ntwo\nthree\n")
		b.start()
		ids = b.ids
		b.halt()
		if err := os.RemoveAll(b.state); err != nil {
			t.Fatal(err)
		}
		b.lines, b.ids = nil, nil
		if _, err := b.takeOver(Foreign{Path: b.path("a.log"), Offset: 4}); err != nil {
			t.Fatal(err)
		}
		b.start()
		b.want("two", "three")
		if len(ids) != 3 || len(b.ids) != 2 || b.ids[0] != ids[1] || b.ids[1] != ids[2] {
			t.Errorf("ids are %v, were %v", b.ids, ids)
		}
	})
}

func TestTakeOverFindsARenamedFile(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\ntwo\n")
		inode := b.inode("a.log")
		b.rename("a.log", "a.log.1")
		b.write("a.log", "three\n")
		taken, err := b.takeOver(Foreign{Path: b.path("a.log"), Inode: inode, Offset: 4})
		if err != nil || len(taken) != 1 || taken[0].Path != b.path("a.log.1") {
			t.Fatalf("taken over: %+v, %v", taken, err)
		}
		b.start()
		b.want("two", "three")
	})
}

func TestWhatCannotBeTakenOver(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\n")
		b.write("b.log", "one\n")
		b.write("c.txt", "one\n")
		b.write("d.log", "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
		if _, err := b.takeOver(Foreign{Path: b.path("b.log"), Offset: 4}); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			from Foreign
			want error
		}{
			{Foreign{Path: b.path("a.log"), Offset: 5}, ErrTruncated},
			{Foreign{Path: b.path("none.log"), Offset: 1}, ErrGone},
			{Foreign{Path: b.path("a.log"), Inode: 1 << 60, Offset: 1}, ErrGone},
			{Foreign{Path: b.path("b.log"), Offset: 4}, ErrKnown},
			{Foreign{Path: b.path("c.txt"), Offset: 4}, ErrNoPipeline},
			{Foreign{Path: b.path("d.log"), Offset: 4}, ErrCompressed},
		} {
			if taken, err := b.takeOver(c.from); !errors.Is(err, c.want) || len(taken) > 0 {
				t.Errorf("%+v: %v, %v; want %v", c.from, taken, err, c.want)
			} else if !strings.Contains(err.Error(), c.want.Error()) {
				t.Errorf("%+v: says %v", c.from, err)
			}
		}
	})
}
