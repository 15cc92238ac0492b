// Command sink is a fake Elasticsearch node that counts, for benchmarks and for looking at what a shipper sends.
//
//	go run ./bench/cmd/sink -addr 127.0.0.1:9200 -ids -verify /tmp/json.log.facts.json
//
// It prints where it listens, and on SIGTERM or SIGINT what it counted, as JSON. With -verify it then compares the
// documents with a facts file of loggen, prints each difference to standard error and exits 1 when there is one.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/tailspan/tailspan/bench/internal/process"
	"github.com/tailspan/tailspan/bench/internal/sink"
	"github.com/tailspan/tailspan/bench/internal/workload"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "address to listen on; port 0: any free one")
	ids := flag.Bool("ids", false, "remember every _id and answer 409 to a create that comes again")
	verify := flag.String("verify", "", "facts file that the documents must agree with")
	flag.Parse()
	process.Main("sink", func(ctx context.Context) error { return run(ctx, *addr, *ids, *verify) })
}

func run(ctx context.Context, addr string, ids bool, verify string) error {
	var facts *workload.Facts
	if verify != "" {
		var err error
		if facts, err = workload.ReadFacts(verify); err != nil {
			return err
		}
	}
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s\n", listener.Addr())
	handler := sink.New(sink.Config{IDs: ids, Verify: verify != ""})
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = server.Shutdown(ctx) // whoever is still connected has had its time
	return report(handler.Stats(), facts)
}

func report(stats sink.Stats, facts *workload.Facts) error {
	out := json.NewEncoder(os.Stdout)
	out.SetIndent("", "  ")
	if err := out.Encode(stats); err != nil || facts == nil {
		return err
	}
	differences := stats.Verify.Differences(facts)
	for _, d := range differences {
		fmt.Fprintln(os.Stderr, "differs:", d)
	}
	if len(differences) > 0 {
		return errors.New("the documents are not those of the facts")
	}
	return nil
}
