// Command bound is the least that a shipper written in Go could do: it cuts a file into lines and puts each, as it is,
// into bulk bodies that it sends one after the other. With -parse it also parses each line with fastjson and throws the
// result away. It has no ids, no fields, no timestamps, no retries and no checkpoint.
//
// When it has sent everything it stays until it is terminated, so that whoever started it can read its counters.
package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/bench/internal/process"
)

const (
	readSize = 256 << 10
	bodySize = 4 << 20
)

func main() {
	data := flag.String("data", "", "log file")
	url := flag.String("url", "", "address of the sink, as in http://127.0.0.1:9200")
	parse := flag.Bool("parse", false, "parse each line with fastjson")
	flag.Parse()
	b := &bound{url: *url + "/_bulk?filter_path=errors,items.*.error", body: make([]byte, 0, bodySize+readSize)}
	if *parse {
		b.parser = new(fastjson.Parser)
	}
	process.Main("bound", func(ctx context.Context) error {
		err := b.run(ctx, *data)
		if err == nil {
			<-ctx.Done()
		}
		return err
	})
}

type bound struct {
	url    string
	parser *fastjson.Parser // nil: lines are not looked at
	body   []byte
}

var action = []byte(`{"create":{"_index":"logs-bench-default"}}` + "\n")

func (b *bound) run(ctx context.Context, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, readSize)
	for {
		line, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) {
			return b.send(ctx)
		}
		if err != nil {
			return err
		}
		if b.parser != nil {
			if v, err := b.parser.ParseBytes(line); err != nil || v.Get("trace_id") == nil {
				return fmt.Errorf("a line that is not as it should be: %s", line)
			}
		}
		b.body = append(append(b.body, action...), line...)
		if len(b.body) >= bodySize {
			if err := b.send(ctx); err != nil {
				return err
			}
		}
	}
}

// send sends what was gathered, and waits for the answer.
func (b *bound) send(ctx context.Context) error {
	if len(b.body) == 0 {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url, bytes.NewReader(b.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-ndjson")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK || !bytes.Contains(answer, []byte(`"errors":false`)) {
		return fmt.Errorf("%s: %.300s", res.Status, answer)
	}
	b.body = b.body[:0]
	return nil
}
