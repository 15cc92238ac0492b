// Command loggen writes a deterministic log file, and beside it the facts that a shipper must reproduce from it.
//
//	go run ./bench/cmd/loggen -shape json -lines 1000000 -out /tmp/json.log
//
// Shapes: json (structured service logs), regex (access log lines), mixed (application text). The same shape, number of
// lines and seed always give the same bytes. The facts are in OUT.facts.json.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/tailspan/tailspan/bench/internal/workload"
)

func main() {
	shape := flag.String("shape", "json", "json, regex or mixed")
	lines := flag.Int64("lines", 1000, "number of lines")
	seed := flag.Uint64("seed", 1, "seed of the random numbers")
	out := flag.String("out", "", "log file to write (required)")
	flag.Parse()
	if *out == "" || *lines < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	facts, err := workload.WriteFile(*out, *shape, *lines, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "loggen:", err)
		os.Exit(1)
	}
	fmt.Printf("%s: %d lines, %d bytes, %.1f bytes a line\n", *out, facts.Lines, facts.Bytes, float64(facts.Bytes)/float64(facts.Lines))
}
