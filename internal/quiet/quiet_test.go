package quiet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// journal is a log whose clock is moved by hand.
type journal struct {
	t   *testing.T
	out bytes.Buffer
	h   slog.Handler
	now time.Time
}

func newJournal(t *testing.T) *journal {
	j := &journal{t: t, now: time.Unix(1_700_000_000, 0)}
	j.h = NewHandler(slog.NewTextHandler(&j.out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}}))
	return j
}

func (j *journal) say(h slog.Handler, level slog.Level, message string, attrs ...slog.Attr) {
	j.t.Helper()
	r := slog.NewRecord(j.now, level, message, 0)
	r.AddAttrs(attrs...)
	if err := h.Handle(context.Background(), r); err != nil {
		j.t.Error(err)
	}
}

func (j *journal) lines() []string {
	lines := strings.Split(strings.TrimSpace(j.out.String()), "\n")
	j.out.Reset()
	return lines
}

func TestHandler(t *testing.T) {
	path := func(p string) slog.Attr { return slog.String("path", p) }
	for _, c := range []struct {
		name string
		do   func(j *journal)
		want []string
	}{
		{"the same warning", func(j *journal) {
			for i := range 1000 {
				j.say(j.h, slog.LevelWarn, "refused", slog.Int("n", i))
			}
		}, []string{"msg=refused n=0"}},
		{"it comes again after a minute", func(j *journal) {
			j.say(j.h, slog.LevelWarn, "refused", slog.Int("n", 1))
			j.say(j.h, slog.LevelWarn, "refused", slog.Int("n", 2))
			j.now = j.now.Add(time.Minute)
			j.say(j.h, slog.LevelWarn, "refused", slog.Int("n", 3))
			j.say(j.h, slog.LevelWarn, "refused", slog.Int("n", 4))
		}, []string{"msg=refused n=1", "msg=refused n=3 times=2 within=1m0s"}},
		{"it does not, and something else does", func(j *journal) {
			j.say(j.h, slog.LevelWarn, "refused")
			j.say(j.h, slog.LevelWarn, "refused", slog.Int("n", 2))
			j.now = j.now.Add(2 * time.Minute)
			j.say(j.h, slog.LevelInfo, "fine")
		}, []string{"msg=refused", `msg=refused n=2 times=1 within=2m0s`, "msg=fine"}},
		{"alone once a minute", func(j *journal) {
			for range 3 {
				j.say(j.h, slog.LevelWarn, "refused")
				j.now = j.now.Add(time.Minute)
			}
		}, []string{"msg=refused", "msg=refused", "msg=refused"}},
		{"errors and notices", func(j *journal) {
			for range 2 {
				j.say(j.h, slog.LevelError, "broken")
				j.say(j.h, slog.LevelInfo, "fine")
			}
		}, []string{"msg=broken", "msg=fine", "msg=broken", "msg=fine"}},
		{"other files, other outputs", func(j *journal) {
			for range 2 {
				j.say(j.h, slog.LevelWarn, "unreadable", path("/a"))
				j.say(j.h, slog.LevelWarn, "unreadable", path("/b"))
				j.say(j.h.WithAttrs([]slog.Attr{slog.String("output", "x")}), slog.LevelWarn, "unreadable", path("/a"))
			}
		}, []string{"msg=unreadable path=/a", "msg=unreadable path=/b", "msg=unreadable output=x path=/a"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			j := newJournal(t)
			c.do(j)
			if diff := cmp.Diff(c.want, j.lines()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestBounded: ten thousand files that cannot be read are not ten thousand lines, nor as many things to remember.
func TestBounded(t *testing.T) {
	j := newJournal(t)
	for i := range 10_000 {
		j.say(j.h, slog.LevelWarn, "unreadable", slog.String("path", fmt.Sprint(i)))
	}
	if n := len(j.lines()); n != most+1 {
		t.Errorf("%d lines", n)
	}
	if n := len(j.h.(*Handler).state.said); n != most+1 {
		t.Errorf("%d warnings are remembered", n)
	}
	j.now = j.now.Add(time.Minute)
	j.say(j.h, slog.LevelInfo, "fine")
	if lines := j.lines(); !strings.Contains(lines[0], "times=9899 within=1m0s") {
		t.Errorf("%q", lines)
	}
	j.now = j.now.Add(time.Minute)
	j.say(j.h, slog.LevelInfo, "fine")
	if n := len(j.h.(*Handler).state.said); n != 0 {
		t.Errorf("%d warnings are remembered", n)
	}
}

type broken struct{ slog.Handler }

func (broken) Handle(context.Context, slog.Record) error { return errors.New("full") }

func TestErrorsPass(t *testing.T) {
	h := NewHandler(broken{slog.DiscardHandler})
	if err := h.Handle(t.Context(), slog.NewRecord(time.Now(), slog.LevelWarn, "a", 0)); err == nil {
		t.Error("a log that cannot be written is not told")
	}
}

// TestLater: a warning that was left out is told when the minute is over, though nothing else is ever said.
func TestLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		log := slog.New(NewHandler(slog.NewTextHandler(&out, nil)))
		log.Warn("away", "n", 1)
		log.Info("back")
		time.Sleep(30 * time.Second)
		log.Warn("away", "n", 2)
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if text := out.String(); !strings.Contains(text, "n=2 times=1") || strings.Count(text, "msg=away") != 2 {
			t.Errorf("the log ends without the second warning:\n%s", text)
		}
		time.Sleep(10 * time.Minute) // and the timers end
		synctest.Wait()
	})
}
