//go:build faults && linux

// Package faults_test puts the tailspan binary through the fault matrix: one row, one fault, one verdict.
//
//	go test -tags faults -count 1 -timeout 40m ./test/faults -v -short    at most ten minutes
//	go test -tags faults -count 1 -timeout 6h ./test/faults -v            every row at its full size
//	go test … -run 'Faults/^(14|15)$'                                     two rows of it
//
// Writers put lines into log files, each with the file's name, its number and a checksum; the agent ships them to a
// sink that keeps every document and answers as Elasticsearch does, 409 for an _id it has, or as badly as the row says.
// When the fault is over the oracle (oracle_test.go) applies the standard pass: every line that ended in a newline is in
// the sink or in the dead letters, once, unaltered; nothing else is; the agent's ledger agrees; its memory stayed within
// the cap; a fresh line is indexed within ten seconds.
//
// Rows that the machine cannot produce are skipped and say why: most of the file system and network rows want root.
// TAILSPAN_FAULTS_BINARY names a binary to test instead of building one.
package faults_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/agenttest"
)

var binary string // tailspan

// row is one line of the matrix.
type row struct {
	number int
	fault  string
	run    func(*scene)
}

// result is what became of a row.
type result struct {
	name, fault, seen, verdict string
	took                       time.Duration
}

var (
	resultsMu sync.Mutex
	results   []result
)

func TestMain(m *testing.M) { os.Exit(testMain(m)) }

func testMain(m *testing.M) int {
	flag.Parse()
	if binary = os.Getenv("TAILSPAN_FAULTS_BINARY"); binary == "" {
		built, remove, err := agenttest.Build()
		defer remove()
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		binary = built
	}
	code := m.Run()
	printTable()
	return code
}

// TestFaults runs the rows, in the order of the matrix.
func TestFaults(t *testing.T) {
	if flag.Lookup("test.v").Value.String() == "false" {
		t.Log("the table is complete with -v only")
	}
	all := slices.Concat(crashRows, checkpointRows, stateRows, rotationRows, contentRows, fileRows, systemRows, answerRows, networkRows, tlsRows, nameRows, clockRows, otherRows, soakRows, reloadRows, inputRows, holdRows)
	slices.SortFunc(all, func(a, b row) int { return a.number - b.number })
	for _, r := range all {
		t.Run(strconv.Itoa(r.number), func(t *testing.T) {
			start := time.Now()
			s := newScene(t)
			defer func() { note(r, s, time.Since(start)) }()
			r.run(s)
		})
	}
}

// note takes down what became of a row; it runs while a failed one unwinds, too.
func note(r row, s *scene, took time.Duration) {
	add(result{strconv.Itoa(r.number), r.fault, strings.Join(s.seen, "; "), verdictOf(s.t), took})
}

func add(r result) {
	resultsMu.Lock()
	defer resultsMu.Unlock()
	results = append(results, r)
}

func verdictOf(t *testing.T) string {
	switch {
	case t.Failed():
		return "FAIL"
	case t.Skipped():
		return "skip"
	}
	return "pass"
}

// printTable prints the rows and how many there were of each verdict.
func printTable() {
	counts := map[string]int{}
	for _, r := range results {
		counts[r.verdict]++
		fmt.Printf("| %2s | %-58s | %s | %s | %.0f s |\n", r.name, r.fault, r.seen, r.verdict, r.took.Seconds())
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", counts["pass"], counts["FAIL"], counts["skip"])
}
