// Command live measures a tailspan that keeps up with files that are being written: how long a line takes from its write to the bulk
// request it is in, how soon the agent is ready, what it costs while nothing happens, and what it holds in memory.
//
//	go run ./bench/cmd/live                                  # 10,000 lines a second in one file
//	go run ./bench/cmd/live -files 10000 -active 2000        # among 10,000 files, of which 2,000 are written
//	go run ./bench/cmd/live -backlog 10737418240             # beside a file with 10 GiB that nobody has read
//
// The agent runs twice: the first time it reads every file, so that the second one starts from checkpoints. Elasticsearch is played
// by this program, on loopback; it takes the time when a request has arrived. All files are in a temporary folder.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/tailspan/tailspan/bench/internal/process"
	"github.com/tailspan/tailspan/test/agenttest"
)

type options struct {
	rate    int
	files   int
	active  int
	backlog int64
	length  time.Duration // of the load, and of the idle time before it
	bin     string
	memory  string
}

func main() {
	var o options
	flag.IntVar(&o.rate, "rate", 10_000, "lines a second, over all files that are written")
	flag.IntVar(&o.files, "files", 1, "how many files there are")
	flag.IntVar(&o.active, "active", 1, "how many of them are written")
	flag.Int64Var(&o.backlog, "backlog", 0, "bytes of one more file that is there when the load begins")
	flag.DurationVar(&o.length, "for", 20*time.Second, "how long lines are written, and how long nothing happens before that")
	flag.StringVar(&o.bin, "bin", "", "tailspan binary to measure (default: built from this module)")
	flag.StringVar(&o.memory, "memory", "64MiB", "the agent's memory")
	flag.Parse()
	if o.rate < 1 || o.files < 1 || o.active < 1 || o.active > o.files || o.backlog < 0 || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	process.Main("live", func(ctx context.Context) error { return measure(ctx, o) })
}

// measure does everything in a folder that it removes again.
func measure(ctx context.Context, o options) (err error) {
	dir, err := os.MkdirTemp("", "tailspan-live-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if o.bin == "" {
		binary, remove, err := agenttest.Build()
		defer remove()
		if err != nil {
			return err
		}
		o.bin = binary
	}
	s, err := newScene(dir, o)
	if err != nil {
		return err
	}
	defer s.close()
	first, err := s.start(ctx)
	if err != nil {
		return err
	}
	err = s.sink.wait(ctx, int64(o.files))
	if err = errors.Join(err, first.stop()); err != nil {
		return err
	}
	second, err := s.start(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("ready %v after the start, with %d checkpoints\n", second.ready.Round(time.Millisecond), o.files)
	return errors.Join(s.idle(ctx, second), s.load(ctx, second), second.stop())
}
