// Command e2e measures tailspan from the log file to the bulk request, beside the bounds of the same machine in the same
// minute.
//
//	go run ./bench/cmd/e2e -lines 1000000
//
// It builds what it needs, generates a log file of each shape into a temporary folder, checks one run document by
// document against what was generated, and then times: tailspan, tailspan with compressed bodies, a program that only
// cuts the file into bulk bodies ("raw"), and one that parses each line with fastjson as well. The programs take turns,
// each repetition starts from nothing (a fresh process, data directory and sink) and ends when the sink has the last
// document. With two cores or more the shipper has one to itself and the sink another. Everything stays on loopback; what
// was started is ended and what was written is removed, also on an interrupt. CPU time and memory are read as Linux
// gives them.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/bench/internal/process"
	"github.com/tailspan/tailspan/bench/internal/workload"
)

type options struct {
	lines   int64
	reps    int
	seed    uint64
	shapes  []string
	bin     string        // tailspan to measure; empty: build it
	dir     string        // where to work; empty: a temporary folder, removed at the end
	peers   string        // folder for the peers; empty: they are not measured
	json    string        // file for the results as JSON, - for standard output; empty: none
	most    limits        // what is an error; empty: nothing is
	pin     bool          // a core for the shipper, another for the sink
	timeout time.Duration // of one repetition
}

func main() {
	var o options
	flag.Int64Var(&o.lines, "lines", 1_000_000, "lines of each log file")
	flag.IntVar(&o.reps, "reps", 3, "repetitions; the table shows medians")
	flag.Uint64Var(&o.seed, "seed", 1, "seed of the log files")
	shapes := flag.String("shapes", "json,regex", "shapes to measure, of "+strings.Join(workload.Shapes, ", "))
	flag.StringVar(&o.bin, "bin", "", "tailspan binary to measure (default: built from this module)")
	flag.StringVar(&o.dir, "dir", "", "folder to work in; programs and log files stay there (default: a temporary one, removed)")
	flag.StringVar(&o.peers, "peers", "", "measure rsyslog and syslog-ng, too: a folder to unpack Debian's packages of them in, which is kept")
	flag.StringVar(&o.json, "json", "", "also write the results as JSON to this file, - for standard output")
	o.most = limits{}
	flag.Var(o.most, "most", "SHAPE=TIMES,...: an error when tailspan takes more than so many times the CPU time of fastjson, or of raw for lines that are no JSON, and does so again")
	flag.BoolVar(&o.pin, "pin", runtime.NumCPU() > 1, "keep the shipper on one core and the sink on another")
	flag.DurationVar(&o.timeout, "timeout", 5*time.Minute, "bound of one repetition")
	flag.Parse()
	o.shapes = strings.Split(*shapes, ",")
	for _, shape := range o.shapes {
		if !slices.Contains(workload.Shapes, shape) {
			fmt.Fprintf(os.Stderr, "e2e: -shapes: %q is none of %s\n", shape, strings.Join(workload.Shapes, ", "))
			os.Exit(2)
		}
	}
	if o.lines < 1 || o.reps < 1 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	process.Main("e2e", func(ctx context.Context) error { return measure(ctx, o) })
}

// measure does the whole of it in a folder that it removes again unless it was given.
func measure(ctx context.Context, o options) (err error) {
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "tailspan-bench-"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(o.dir)) }()
	} else if o.dir, err = filepath.Abs(o.dir); err != nil {
		return err
	}
	b := &bench{options: o, bin: filepath.Join(o.dir, "bin")}
	if err := b.build(ctx); err != nil {
		return err
	}
	if b.peers != "" {
		if b.peers, err = filepath.Abs(b.peers); err != nil {
			return err
		}
		if err := b.fetchPeers(ctx); err != nil {
			return err
		}
	}
	var rows []row
	for _, shape := range o.shapes {
		more, err := b.shape(ctx, shape)
		if wrong := o.most.exceeded(more); err == nil && wrong != "" {
			say("%s; once more, since others may have been at work", wrong)
			more, err = b.shape(ctx, shape)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", shape, err)
		}
		rows = append(rows, more...)
	}
	fmt.Print(table(rows))
	if wrong := o.most.exceeded(rows); wrong != "" {
		return errors.New(wrong)
	}
	return writeJSON(o.json, rows)
}

func writeJSON(path string, rows []row) error {
	if path == "" {
		return nil
	}
	text, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if path == "-" {
		_, err = os.Stdout.Write(text)
		return err
	}
	return os.WriteFile(path, text, 0o644)
}

// bench is one call of this command.
type bench struct {
	options
	bin string // folder of the programs
}

// build makes the programs: the same command for all, so that none is built another way.
func (b *bench) build(ctx context.Context) error {
	const module = "github.com/tailspan/tailspan/"
	packages := []string{module + "bench/cmd/sink", module + "bench/cmd/bound"}
	if b.options.bin == "" {
		packages = append(packages, module+"cmd/agent")
		b.options.bin = filepath.Join(b.bin, "agent")
	} else if _, err := os.Stat(b.options.bin); err != nil {
		return err
	}
	if err := os.MkdirAll(b.bin, 0o755); err != nil {
		return err
	}
	say("building")
	cmd := exec.CommandContext(ctx, "go", append([]string{"build", "-o", b.bin + string(filepath.Separator)}, packages...)...)
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	return nil
}

// shape generates one file, checks one run, and times the others in turn.
func (b *bench) shape(ctx context.Context, shape string) ([]row, error) {
	data := filepath.Join(b.dir, shape+".log")
	say("%s: generating %d lines", shape, b.lines)
	facts, err := workload.WriteFile(data, shape, b.lines, b.seed)
	if err != nil {
		return nil, err
	}
	say("%s: checking every document of one run", shape)
	if err := b.verify(ctx, data, facts); err != nil {
		return nil, err
	}
	programs := append(programs(b.options.bin, b.bin, shape), b.peersOf(shape)...)
	results := make([][]result, len(programs))
	for rep := range b.reps {
		for i, p := range programs {
			r, err := b.once(ctx, p, data, facts, false)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
			say("%s: %d/%d %-16s %6.2f CPU-s/GB %10.0f docs/s", shape, rep+1, b.reps, p.name, r.CPUPerGB, r.DocsPerSecond)
			results[i] = append(results[i], r)
		}
	}
	return rows(shape, programs, results), nil
}

// say tells on standard error how far it is; standard output has the results alone.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
