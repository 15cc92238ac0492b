//go:build elasticsearch

package elasticsearch_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	costVariable = "TAILSPAN_TEST_IDCOST"
	costLines    = 300_000
	costRounds   = 4
)

// TestIDCost measures what explicit ids cost Elasticsearch against automatic ones: the same lines, in turns, into data
// streams of their own, with the processor time of the server from /proc. Other work on the machine makes that longer, too.
// The variable says how many lines; with more than usual there is one round.
func TestIDCost(t *testing.T) {
	wanted := os.Getenv(costVariable)
	if wanted == "" {
		t.Skipf("takes minutes and the whole machine; set %s to the number of lines to measure, as %d", costVariable, costLines)
	}
	lines, err := strconv.Atoi(wanted)
	if err != nil || lines < costLines {
		t.Fatalf("%s is %q; allowed are numbers from %d on", costVariable, wanted, costLines)
	}
	rounds := costRounds
	if lines > costLines {
		rounds = 1
	}
	pid := serverPID(t)
	s := newSetup(t, "app.log", "format: json", "")
	log := filepath.Join(s.logs, "app.log")
	writeLines(t, log, 0, costLines)
	ship := func(delivery string, round, lines int) {
		s.dataset = fmt.Sprintf("idcost_%s_%d", delivery, round)
		s.stream = "logs-" + s.dataset + "-default"
		s.data = filepath.Join(filepath.Dir(s.data), s.dataset)
		s.write(t, fmt.Sprintf("  - name: %s\n    paths: [%q]\n    format: json\n", s.dataset, filepath.Join(s.logs, "*.log")), "delivery: "+delivery+"\n")
		before, start := cpuTime(t, pid), time.Now()
		s.start(t, "--once").ends(patience*time.Duration(lines/costLines), 0)
		shipped := time.Since(start)
		if err := node.Do("POST", "/"+s.stream+"/_flush", nil, nil); err != nil {
			t.Fatal(err)
		}
		wantCount(t, s.stream, lines)
		used := cpuTime(t, pid) - before
		var stats struct {
			All struct {
				Primaries struct {
					Store struct {
						Size int64 `json:"size_in_bytes"`
					}
				}
			} `json:"_all"`
		}
		if err := node.Do("GET", "/"+s.stream+"/_stats/store", nil, &stats); err != nil {
			t.Fatal(err)
		}
		load, err := os.ReadFile("/proc/loadavg")
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("round %d %-13s wall %6.2f s, server CPU %6.2f s, %.1f us/document, on disk %.1f MiB, load of the machine %.4s", round, delivery,
			shipped.Seconds(), used.Seconds(), used.Seconds()*1e6/float64(lines), float64(stats.All.Primaries.Store.Size)/(1<<20), load)
	}
	ship("exactly_once", 0, costLines) // warms up the server; not counted
	writeLines(t, log, costLines, lines)
	for round := 1; round <= rounds; round++ {
		order := []string{"exactly_once", "at_least_once"}
		if round%2 == 0 { // so that neither always comes after the other
			order[0], order[1] = order[1], order[0]
		}
		for _, delivery := range order {
			ship(delivery, round, lines)
		}
	}
}

// serverPID is the java process that has the most memory among those of the test's node: the launcher is one as well.
func serverPID(t *testing.T) int {
	t.Helper()
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc here to read the server's processor time from")
	}
	home := []byte(filepath.Dir(node.LogDir()))
	stats, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	best, most := 0, time.Duration(-1)
	for _, path := range stats {
		line, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(line, home) && !bytes.Contains(line, []byte("org.elasticsearch.server")) || !bytes.Contains(line, []byte("java")) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
		if err != nil {
			continue
		}
		if used := cpuTime(t, pid); used > most {
			best, most = pid, used
		}
	}
	if best == 0 {
		t.Fatal("the server's process is not in /proc")
	}
	return best
}

// cpuTime is the processor time a process has used, of all its threads.
func cpuTime(t *testing.T, pid int) time.Duration {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:])) // the name may hold anything
	user, err := strconv.ParseInt(fields[11], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	system, err := strconv.ParseInt(fields[12], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.Duration(user+system) * time.Second / clockTicks(t)
}

func clockTicks(t *testing.T) time.Duration {
	t.Helper()
	out, err := exec.Command("getconf", "CLK_TCK").Output()
	if err != nil {
		return 100
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(out)))
	if err != nil || n < 1 {
		return 100
	}
	return time.Duration(n)
}
