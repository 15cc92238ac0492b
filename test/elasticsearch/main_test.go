//go:build elasticsearch

// Package elasticsearch_test runs the tailspan binary against a real Elasticsearch. The tests share one node, each with
// a data stream, a data directory and logs of its own:
//
//	go test -tags elasticsearch ./test/...
//
// See package elastictest for what the machine must have. TAILSPAN_TEST_LINES sets how many lines the large tests ship.
package elasticsearch_test

import (
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/agenttest"
	"github.com/tailspan/tailspan/test/elastictest"
)

var (
	node   *elastictest.Node
	binary string // tailspan, as built from the sources beside these tests

	// manyLines is how many lines the large tests ship.
	manyLines = 100_000
	// patience bounds what should take seconds, on a machine that is busy with other things.
	patience = 90 * time.Second
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (status int) {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	if err := size(); err != nil {
		fail(err)
		return
	}
	built, remove, err := agenttest.Build()
	defer remove()
	if err != nil {
		fail(err)
		return
	}
	binary = built
	if node, err = elastictest.Start(elastictest.Options{}); err != nil {
		fail(err)
		return
	}
	defer func() {
		if err := node.Close(); err != nil {
			fail(err)
		}
	}()
	return m.Run()
}

// size takes over the number of lines from the environment, and more patience if it is large.
func size() error {
	text := os.Getenv("TAILSPAN_TEST_LINES")
	if text == "" {
		return nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return fmt.Errorf("TAILSPAN_TEST_LINES is %q and should be a number above zero", text)
	}
	patience = max(patience, patience*time.Duration(n)/time.Duration(manyLines))
	manyLines = n
	return nil
}
