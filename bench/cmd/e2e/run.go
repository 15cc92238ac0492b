package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tailspan/tailspan/bench/internal/process"
	"github.com/tailspan/tailspan/bench/internal/sink"
	"github.com/tailspan/tailspan/bench/internal/workload"
)

// idle is how long no document may come before a run is given up.
const idle = "30s"

// result is what one repetition cost.
type result struct {
	CPUPerGB      float64 `json:"cpu_s_per_gb"` // of 10^9 bytes of input
	DocsPerSecond float64 `json:"docs_per_s"`   // from the start of the process to its last document
	PeakMiB       float64 `json:"peak_rss_mib"`
	WireBytes     float64 `json:"wire_bytes"`
	Requests      float64 `json:"requests"`
}

// verify ships data once to a sink that remembers ids and decodes documents, and compares.
func (b *bench) verify(ctx context.Context, data string, facts *workload.Facts) error {
	_, err := b.once(ctx, tailspan(b.options.bin, facts.Shape, "gzip"), data, facts, true)
	return err
}

// once runs one program against a sink of its own, and leaves nothing behind.
func (b *bench) once(ctx context.Context, p program, data string, facts *workload.Facts, verify bool) (r result, err error) {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	state := filepath.Join(b.dir, "state")
	if err := errors.Join(os.RemoveAll(state), os.MkdirAll(state, 0o755)); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(state)) }()
	server, url, err := b.startSink(state, data, verify)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, server.stop()) }()
	cmd, err := b.command(p, url, data, state)
	if err != nil {
		return r, err
	}
	begin := time.Now()
	shipper, err := b.start(cmd, 0, filepath.Join(state, "shipper.log"))
	if err != nil {
		return r, err
	}
	stats, err := waitFor(ctx, url, facts.Lines, shipper)
	used, usageErr := process.UsageOf(shipper.cmd.Process.Pid) // before it ends: what comes after the last document is not counted
	if err = errors.Join(err, usageErr, shipper.stop()); err != nil {
		return r, err
	}
	if verify {
		return r, compare(ctx, url, facts)
	}
	r = result{CPUPerGB: used.CPU.Seconds() / (float64(facts.Bytes) / 1e9), PeakMiB: float64(used.Peak) / (1 << 20),
		DocsPerSecond: float64(stats.Docs) / stats.LastDoc.Sub(begin).Seconds(),
		WireBytes:     float64(stats.WireBytes), Requests: float64(stats.Requests)}
	return r, nil
}

// startSink starts a sink on a free port and returns its address.
func (b *bench) startSink(state, data string, verify bool) (*child, string, error) {
	cmd := exec.Command(filepath.Join(b.bin, "sink"))
	if verify {
		cmd.Args = append(cmd.Args, "-ids", "-verify", workload.FactsPath(data))
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, "", err
	}
	server, err := b.start(cmd, 1, filepath.Join(state, "sink.log"))
	if err != nil {
		return nil, "", err
	}
	lines := bufio.NewScanner(out)
	started := lines.Scan()
	url := lines.Text()
	server.drain(lines)
	if !started {
		return nil, "", errors.Join(errors.New("the sink did not start:\n"+server.tail()), server.stop())
	}
	return server, url, nil
}

// command prepares a program for one run.
func (b *bench) command(p program, url, data, state string) (*exec.Cmd, error) {
	config := filepath.Join(state, "config")
	_, port, _ := strings.Cut(strings.TrimPrefix(url, "http://"), ":")
	expand := strings.NewReplacer("@URL@", url, "@PORT@", port, "@DATA@", data, "@STATE@", state, "@ROOT@", p.root, "@CONFIG@", config,
		"@ARCH@", multiarch())
	for name, path := range map[string]string{p.config: config, p.rulebase: filepath.Join(state, "rulebase")} {
		if name == "" {
			continue
		}
		text, err := configs.ReadFile("configs/" + name)
		if err == nil {
			err = os.WriteFile(path, []byte(expand.Replace(string(text))), 0o644)
		}
		if err != nil {
			return nil, err
		}
	}
	argv := make([]string, len(p.argv))
	for i, arg := range p.argv {
		argv[i] = expand.Replace(arg)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = append(os.Environ(), "BENCH_STATE="+filepath.Join(state, "data"), "BENCH_DATA="+data, "BENCH_URL="+url)
	for _, variable := range p.env {
		cmd.Env = append(cmd.Env, expand.Replace(variable))
	}
	return cmd, nil
}

// waitFor waits until the sink has every document, the shipper has ended, or nothing has come for too long.
func waitFor(whole context.Context, url string, docs int64, shipper *child) (sink.Stats, error) {
	ctx, cancel := context.WithCancel(whole)
	defer cancel()
	go func() {
		select {
		case <-shipper.ended:
			cancel()
		case <-ctx.Done():
		}
	}()
	stats, err := get(ctx, fmt.Sprintf("%s/_sink/wait?docs=%d&idle=%s", url, docs, idle))
	switch {
	case whole.Err() != nil:
		return stats, context.Cause(whole)
	case err != nil && shipper.hasEnded():
		return stats, errors.New("the shipper ended before everything was sent:\n" + shipper.tail())
	case err != nil:
		return stats, err
	case stats.Docs < docs:
		return stats, fmt.Errorf("%d of %d documents came, then none for %s:\n%s", stats.Docs, docs, idle, shipper.tail())
	}
	return stats, nil
}

func get(ctx context.Context, url string) (stats sink.Stats, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return stats, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return stats, err
	}
	defer res.Body.Close()
	return stats, json.NewDecoder(res.Body).Decode(&stats)
}

// compare asks the sink, after the shipper has ended, whether what came is what was generated.
func compare(ctx context.Context, url string, facts *workload.Facts) error {
	stats, err := get(ctx, url+"/_sink/stats")
	if err != nil {
		return err
	}
	differences := stats.Verify.Differences(facts)
	if stats.Conflicts > 0 || stats.Rejected > 0 {
		differences = append(differences, fmt.Sprintf("%d conflicts, %d documents that are not JSON", stats.Conflicts, stats.Rejected))
	}
	if len(differences) > 0 {
		return errors.New("the documents are not those that were generated:\n  " + strings.Join(differences, "\n  "))
	}
	return nil
}
