package systemd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// manager is the socket of a service manager that never answers.
type manager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newManager(t *testing.T, watchdog time.Duration) manager {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Skipf("no datagram sockets here: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_PID", "")
	t.Setenv("WATCHDOG_USEC", "")
	if watchdog > 0 {
		t.Setenv("WATCHDOG_USEC", fmt.Sprint(watchdog.Microseconds()))
	}
	return manager{t, conn}
}

// hears returns the next state that was told.
func (m manager) hears() string {
	m.t.Helper()
	buf := make([]byte, 4096)
	if err := m.conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		m.t.Fatal(err)
	}
	n, err := m.conn.Read(buf)
	if err != nil {
		m.t.Fatal(err)
	}
	return string(buf[:n])
}

func (m manager) expect(states ...string) {
	m.t.Helper()
	for _, want := range states {
		if got := m.hears(); got != want {
			m.t.Fatalf("the manager hears %q, want %q", got, want)
		}
	}
}

// TestReadyIsSaidWhenTheLoopTurns and stopping when the context is done, before the agent has drained.
func TestReadyIsSaidWhenTheLoopTurns(t *testing.T) {
	m := newManager(t, 0)
	ctx, cancel := context.WithCancel(t.Context())
	turned := make(chan struct{})
	end := Attend(ctx, func(context.Context) error { <-turned; return nil }, slog.New(slog.DiscardHandler))
	if err := m.conn.SetReadDeadline(time.Now()); err != nil {
		t.Fatal(err)
	}
	if _, err := m.conn.Read(make([]byte, 10)); err == nil {
		t.Error("something was said before the loop turned")
	}
	close(turned)
	m.expect("READY=1")
	cancel()
	m.expect("STOPPING=1")
	end()
}

func TestWatchdogHearsOfTurns(t *testing.T) {
	m := newManager(t, 20*time.Millisecond)
	end := Attend(t.Context(), func(context.Context) error { return nil }, slog.New(slog.DiscardHandler))
	m.expect("READY=1", "WATCHDOG=1", "WATCHDOG=1")
	end()
	last := ""
	for last != "STOPPING=1" {
		last = m.hears()
	}
}

// TestWatchdogHearsNothingOfALoopThatHangs in which case the service manager ends the agent.
func TestWatchdogHearsNothingOfALoopThatHangs(t *testing.T) {
	m := newManager(t, 20*time.Millisecond)
	var said strings.Builder
	ctx, cancel := context.WithCancel(t.Context())
	asked := 0
	end := Attend(ctx, func(limited context.Context) error {
		if asked++; asked == 1 {
			return nil
		}
		<-limited.Done()
		if asked == 4 {
			cancel()
		}
		return errors.New("hangs")
	}, slog.New(newJournalHandler(&said, slog.LevelInfo)))
	m.expect("READY=1", "STOPPING=1")
	end()
	if want := `<3>msg="files are not being read; the watchdog is not fed" error=hangs` + "\n"; said.String() != want+want {
		t.Errorf("the log says %q", said.String())
	}
}

func TestReloading(t *testing.T) {
	m := newManager(t, 0)
	done := Reloading(slog.New(slog.DiscardHandler))
	got := regexp.MustCompile(`^RELOADING=1\nMONOTONIC_USEC=(\d+)\n$`).FindStringSubmatch(m.hears())
	if got == nil {
		t.Fatal("reloading is not told with its time")
	}
	if usec, err := strconv.ParseUint(got[1], 10, 64); err != nil || usec == 0 {
		t.Errorf("the time is %s", got[1])
	}
	done()
	m.expect("READY=1")
}

func TestNobodyListens(t *testing.T) {
	var said strings.Builder
	log := slog.New(newJournalHandler(&said, slog.LevelInfo))
	t.Setenv("NOTIFY_SOCKET", "")
	Attend(t.Context(), func(context.Context) error { t.Error("asked for nobody"); return nil }, log)()
	Reloading(log)()
	if said.Len() > 0 {
		t.Errorf("the log says %q", said.String())
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	Attend(t.Context(), func(context.Context) error { return nil }, log)()
	if !strings.HasPrefix(said.String(), `<4>msg="the service manager cannot be told"`) {
		t.Errorf("the log says %q", said.String())
	}
}
