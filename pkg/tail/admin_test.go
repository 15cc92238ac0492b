package tail

import (
	"slices"
	"strings"
	"testing"
)

func TestRewindAndForget(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\ntwo\nthree\n")
		b.start()
		first := slices.Clone(b.ids)
		for offset, says := range map[int64]string{3: "no line begins", 99: "not before the position reached", -1: "not before"} {
			if err := b.tailer.Rewind(t.Context(), b.path("a.log"), offset); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("rewind to %d: %v, want %q", offset, err, says)
			}
		}
		if err := b.tailer.Rewind(t.Context(), b.path("none.log"), 0); err == nil {
			t.Error("a file that is not known was rewound")
		}
		if err := b.tailer.Rewind(t.Context(), b.path("a.log"), 4); err != nil {
			t.Fatal(err)
		}
		b.settle()
		b.want("one", "two", "three", "two", "three")
		if !slices.Equal(b.ids[3:], first[1:]) {
			t.Errorf("ids after the rewind are %v, were %v", b.ids[3:], first[1:])
		}
		b.halt()

		b.lines = nil
		offline, err := Open(Config{Dir: b.state, Inputs: []Named{{Name: "p", Input: b.in}}, NoWatch: true, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		if files := offline.Files(); len(files) != 1 || files[0].Committed != 14 || files[0].Size != 14 || files[0].Source == "" {
			t.Errorf("files are %+v", files)
		}
		if problems := offline.Verify(); len(problems) != 0 {
			t.Errorf("problems %q", problems)
		}
		if err := offline.Rewind(t.Context(), b.path("a.log"), 8); err != nil {
			t.Fatal(err)
		}
		if err := offline.Close(); err != nil {
			t.Fatal(err)
		}
		b.start()
		b.want("three")
		if err := b.tailer.Forget(t.Context(), b.path("a.log")); err != nil {
			t.Fatal(err)
		}
		b.settle()
		b.want("three", "one", "two", "three")
	})
}

func TestVerifySaysWhatDoesNotFit(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		b.write("a.log", "one\n")
		b.write("b.log", "two\n")
		b.start()
		b.halt()
		b.truncate("a.log", 0)
		b.write("a.log", "other\n")
		b.rename("b.log", "c.txt")
		offline, err := Open(Config{Dir: b.state, NoWatch: true, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		problems := strings.Join(offline.Verify(), "\n")
		if !strings.Contains(problems, "a.log: does not hold") || !strings.Contains(problems, "b.log: is not there") {
			t.Errorf("problems are:\n%s", problems)
		}
		if err := offline.Close(); err != nil {
			t.Error(err)
		}
	})
}
