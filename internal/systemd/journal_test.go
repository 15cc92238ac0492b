package systemd

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestJournalLines(t *testing.T) {
	for _, c := range []struct {
		name string
		log  func(*slog.Logger)
		want string
	}{
		{"information", func(l *slog.Logger) { l.Info("listening", "address", "127.0.0.1:1") }, "<6>msg=listening address=127.0.0.1:1\n"},
		{"a warning", func(l *slog.Logger) { l.Warn("slow") }, "<4>msg=slow\n"},
		{"an error", func(l *slog.Logger) { l.Error("bad", "error", errors.New("x y")) }, "<3>msg=bad error=\"x y\"\n"},
		{"worse than an error", func(l *slog.Logger) { l.Log(context.Background(), slog.LevelError+40, "bad") }, "<3>msg=bad\n"},
		{"below the level", func(l *slog.Logger) { l.Debug("no") }, ""},
		{"a newline cannot begin an entry of its own", func(l *slog.Logger) { l.Info("a\n<0>b") }, "<6>msg=\"a\\n<0>b\"\n"},
		{"attributes and groups", func(l *slog.Logger) { l.With("a", 1).WithGroup("g").Warn("m", "level", 2, "time", 3) }, "<4>msg=m a=1 g.level=2 g.time=3\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out strings.Builder
			c.log(slog.New(newJournalHandler(&out, slog.LevelInfo)))
			if out.String() != c.want {
				t.Errorf("the journal reads %q, want %q", out.String(), c.want)
			}
		})
	}
}

// TestOnlyTheJournalGetsPriorities: JOURNAL_STREAM is inherited by children whose standard error is something else.
func TestOnlyTheJournalGetsPriorities(t *testing.T) {
	f, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	t.Setenv("JOURNAL_STREAM", "1:1")
	slog.New(LogHandler(f, slog.LevelInfo)).Info("hello")
	got, err := os.ReadFile(f.Name())
	if err != nil || !strings.HasPrefix(string(got), "time=") || !strings.HasSuffix(string(got), " level=INFO msg=hello\n") {
		t.Errorf("the file has %q, %v", got, err)
	}
}
