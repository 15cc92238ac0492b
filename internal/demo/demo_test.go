package demo

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	noon        = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	accessLine  = regexp.MustCompile(`^10\.0\.\d+\.\d+ - - \[22/Nov/2026:12:\d\d:\d\d \+0000\] "(GET|POST) \S+ HTTP/1\.1" \d+ \d+ "-" "shop-app/3\.2" msec=\d+\.\d{3} rt=\d+\.\d{3} traceparent=00-([0-9a-f]{32})-[0-9a-f]{16}-01$`)
	traceInJSON = regexp.MustCompile(`"(?:trace_id|trace":\{"id)":"([0-9a-f]{32})"`)
)

// TestLines: every request is in the edge's log, and one that is in checkout's is in payments', too; the dependency is slow when it should.
func TestLines(t *testing.T) {
	entries := New(1, noon, noon.Add(time.Minute)).due(noon.Add(2 * time.Minute))
	lines, traces, late, failed := map[string]int{}, map[string]map[string]bool{}, [2]int{}, 0
	for i, e := range entries {
		lines[e.service]++
		if i > 0 && e.at.Before(entries[i-1].at) || !e.at.Before(noon.Add(2*time.Minute)) {
			t.Errorf("entry %d at %v", i, e.at)
		}
		match := accessLine.FindStringSubmatch(e.line)
		if (e.service == "edge") != (match != nil) {
			t.Fatalf("%s: %s", e.service, e.line)
		}
		if match == nil && json.Valid([]byte(e.line)) {
			match = traceInJSON.FindStringSubmatch(e.line)
		}
		if match == nil {
			t.Fatalf("%s: %s", e.service, e.line)
		}
		trace := match[len(match)-1]
		if traces[trace] == nil {
			traces[trace] = map[string]bool{}
		}
		traces[trace][e.service] = true
		if strings.Contains(e.line, "answered late") {
			late[e.at.Sub(noon)/time.Minute]++
		}
		if strings.Contains(e.line, `"level":"error"`) {
			failed++
		}
	}
	unfinished := 0 // at the end
	for _, in := range traces {
		if !in["edge"] || in["checkout"] != in["payments"] {
			unfinished++
		}
	}
	if unfinished > 10 || lines["edge"] < 300 || lines["payments"] < 500 || failed == 0 || late[1] < 3*late[0] || late[1] < 20 {
		t.Error(unfinished, lines, failed, late)
	}
}

// TestSame: the same seed gives the same lines, however often they are asked for.
func TestSame(t *testing.T) {
	all := New(2, noon, noon).due(noon.Add(time.Minute))
	again := New(2, noon, noon)
	var parts []entry
	for s := range 60 {
		parts = append(parts, again.due(noon.Add(time.Duration(s+1)*time.Second))...)
	}
	if len(all) != len(parts) {
		t.Fatal(len(all), len(parts))
	}
	for i := range all {
		if all[i] != parts[i] {
			t.Fatalf("%d: %v, %v", i, all[i], parts[i])
		}
	}
}

// TestWrite: what is overdue is there at once, the rest at its time, and every line is counted.
func TestWrite(t *testing.T) {
	folder := t.TempDir()
	if _, err := Prepare(folder); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		n, err := New(1, began.Add(-time.Minute), began).Write(ctx, folder)
		if err != nil || time.Since(began) != 3*time.Second {
			t.Error(err, time.Since(began))
		}
		written := 0
		for _, service := range Services {
			text, err := os.ReadFile(filepath.Join(folder, "logs", service+".log"))
			if err != nil {
				t.Fatal(err)
			}
			written += strings.Count(string(text), "\n")
		}
		if written != n || n < 500 {
			t.Errorf("%d lines of %d", written, n)
		}
	})
}
