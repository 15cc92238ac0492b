package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// two is two looks at an agent, two seconds apart.
func two() (before, now status.Status) {
	at := time.Unix(1_700_000_000, 0)
	var early, late ship.Latency
	early.Counts[3], early.Seconds = 5, 0.2
	late.Counts[3], late.Counts[6], late.Seconds = 8, 1, 0.8
	before = status.Status{Time: at, Reload: status.Reload{Good: true},
		Outputs:   []status.Output{{Name: "elasticsearch", Up: true, Lines: event.Counts{event.Read: 100, event.Indexed: 90}, Requests: &status.Requests{Sent: 5, Latency: early}}},
		Pipelines: []status.Pipeline{{Name: "p", Lines: event.Counts{event.Read: 100, event.Indexed: 90}, Bytes: 1024}},
		Files:     []status.File{{Pipeline: "p", Path: "/idle"}, {Pipeline: "p", Path: "/busy", Committed: 10}}}
	now = status.Status{Time: at.Add(2 * time.Second), Reload: status.Reload{Good: true},
		Outputs: []status.Output{{Name: "elasticsearch", Lines: event.Counts{event.Read: 300, event.Indexed: 280, event.Dead: 10, event.Dropped: 3},
			Requests: &status.Requests{Sent: 9, Retried: 7, Mended: 2, InFlight: 1, Latency: late}}},
		Pipelines: []status.Pipeline{{Name: "p", Lines: event.Counts{event.Read: 300, event.Indexed: 280, event.Dead: 10}, Bytes: 5120, Lag: 2048, Age: 61, Files: 3}},
		Files: []status.File{{Pipeline: "p", Path: "/idle"}, {Pipeline: "p", Path: "/behind", Lag: 2048, Age: 61},
			{Pipeline: "p", Path: "/bu\x1b[2Jsy"}, {Pipeline: "p", Path: "/busy", Committed: 2058, Lines: event.Counts{event.Read: 4, event.Indexed: 4}}}}
	return before, now
}

func TestDrawTop(t *testing.T) {
	before, now := two()
	var out bytes.Buffer
	if err := drawTop(&out, before, now, noLimit); err != nil {
		t.Fatal(err)
	}
	var fields []string
	for line := range strings.Lines(out.String()) {
		fields = append(fields, strings.Join(strings.Fields(line), " "))
	}
	want := []string{
		"OUTPUT UP LINES/S REQUESTS/S LATENCY IN FLIGHT AGAIN MENDED DEAD GIVEN UP",
		"elasticsearch NO 102 2.0 150ms, ≤ 500ms 1 7 2 10 3",
		"",
		"PIPELINE LINES/S BYTES/S LAG AGE FILES IN FLIGHT DEAD DROPPED",
		"p 100 2.0 KiB 2.0 KiB 1m1s 3 10 10 0",
		"",
		"FILE PIPELINE LINES/S BYTES/S LAG AGE DEAD",
		"/busy p 2 1.0 KiB 0 B 0",
		"/behind p 0 0 B 2.0 KiB 1m1s 0",
		"/bu?[2Jsy p 0 0 B 0 B 0",
		"/idle p 0 0 B 0 B 0",
	}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Error(diff)
	}
}

// TestTopFits: a screen never has more rows than the terminal, and says so when there is no agent.
func TestTopFits(t *testing.T) {
	before, now := two()
	for i := range 1000 {
		now.Files = append(now.Files, status.File{Pipeline: "p", Path: fmt.Sprint(i)})
	}
	for _, rows := range []int{1, 2, 5, 9, 24, 60} {
		if n := strings.Count(string(frameOf(before, now, nil, rows)), "\r\n"); n >= rows {
			t.Errorf("%d rows on a terminal of %d", n+1, rows)
		}
	}
	if got := string(frameOf(status.Status{}, status.Status{}, errors.New("away"), 24)); !strings.Contains(got, "away") {
		t.Errorf("%q", got)
	}
	if got := string(frameOf(status.Status{}, now, nil, 24)); strings.Contains(got, "NaN") || strings.Contains(got, "Inf") {
		t.Errorf("the first look: %q", got)
	}
}

func TestTopAsksTheAgent(t *testing.T) {
	f := newFolder(t, "one\ntwo\n")
	if status, _, errs := command(t, "", "top", "--once", "-c", f.file("tailspan.yaml")); status != exitFailed || !strings.Contains(errs, "no agent is running") {
		t.Errorf("without an agent: status %d, %s", status, errs)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		var out, errs bytes.Buffer
		ended <- run(ctx, []string{"run", "-c", f.file("tailspan.yaml")}, nil, &out, &errs)
	}()
	eventually(t, func() bool {
		status, out, _ := command(t, "", "top", "-c", f.file("tailspan.yaml"))
		return status == exitDone && strings.Contains(out, "app.log") && strings.Contains(out, "console")
	})
	stop()
	if status := <-ended; status != exitDone {
		t.Errorf("status %d", status)
	}
}
