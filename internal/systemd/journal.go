package systemd

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/coreos/go-systemd/v22/journal"
)

// LogHandler writes a log to w. When that is the journal, lines begin with their priority, as sd-daemon(3) has it, and lack
// the time, which the journal gives them.
func LogHandler(w io.Writer, level slog.Level) slog.Handler {
	to := w
	if around, ok := w.(interface{ Unwrap() io.Writer }); ok {
		to = around.Unwrap()
	}
	if is, err := journal.StderrIsJournalStream(); to == os.Stderr && is && err == nil {
		return newJournalHandler(w, level)
	}
	return slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})
}

// priorities are those of syslog(3), from debug to error.
var priorities = [...]int{7, 6, 4, 3}

// journalHandler has a handler for each priority, which differ only in the prefix of their lines.
type journalHandler [len(priorities)]slog.Handler

func newJournalHandler(w io.Writer, level slog.Level) slog.Handler {
	var h journalHandler
	bare := func(groups []string, a slog.Attr) slog.Attr {
		if len(groups) == 0 && (a.Key == slog.TimeKey || a.Key == slog.LevelKey) {
			return slog.Attr{}
		}
		return a
	}
	for i, priority := range priorities {
		h[i] = slog.NewTextHandler(&prefixed{w: w, prefix: fmt.Sprintf("<%d>", priority)}, &slog.HandlerOptions{Level: level, ReplaceAttr: bare})
	}
	return h
}

// of chooses the handler: levels are four apart, and those between belong to the lower one.
func (h journalHandler) of(level slog.Level) slog.Handler {
	return h[min(max(0, int(level-slog.LevelDebug)/4), len(h)-1)]
}

func (h journalHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.of(level).Enabled(ctx, level)
}

func (h journalHandler) Handle(ctx context.Context, r slog.Record) error {
	return h.of(r.Level).Handle(ctx, r)
}

func (h journalHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	for i := range h {
		h[i] = h[i].WithAttrs(attrs)
	}
	return h
}

func (h journalHandler) WithGroup(name string) slog.Handler {
	for i := range h {
		h[i] = h[i].WithGroup(name)
	}
	return h
}

// prefixed writes each line with a prefix, in one piece. Its handler calls it for one line at a time.
type prefixed struct {
	w      io.Writer
	prefix string
	line   []byte
}

func (p *prefixed) Write(line []byte) (int, error) {
	p.line = append(append(p.line[:0], p.prefix...), line...)
	if _, err := p.w.Write(p.line); err != nil {
		return 0, err
	}
	return len(line), nil
}
