// Package jaegertest runs a real Jaeger for tests, without containers: its all-in-one program, built from its Go module.
//
// The first build takes some minutes of CPU (2 min 12 s on two cores, modules included); the program is then kept in the
// cache that package elastictest has as well. Spans are in memory. It listens on the loopback only and dies with Close.
package jaegertest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/tailspan/tailspan/test/free"
)

// Version is that of the Jaeger that Start runs: the last tree with the all-in-one program.
const Version = "v1.76.0"

// CacheVariable names the environment variable that says where the program is kept.
const CacheVariable = "TAILSPAN_TEST_CACHE"

const (
	readyTimeout = 30 * time.Second
	stopTimeout  = 30 * time.Second
)

// Jaeger is a running Jaeger.
type Jaeger struct {
	OTLP      string // http://127.0.0.1:PORT: the receiver
	Query     string // http://127.0.0.1:PORT: the query API
	Collector string // http://127.0.0.1:PORT: the receiver for Jaeger's own clients

	cmd  *exec.Cmd
	done chan error
	dir  string
	args []string
	env  []string
}

// Start runs a Jaeger on free ports, and returns once it answers. elasticsearch is the URL of the server that keeps its
// spans; empty: they are in memory. Call Close when done.
func Start(elasticsearch string) (*Jaeger, error) {
	program, err := build()
	if err != nil {
		return nil, err
	}
	j := new(Jaeger)
	if j.dir, err = os.MkdirTemp("", "tailspan-jaeger-"); err != nil {
		return nil, err
	}
	j.env = append(os.Environ(), "SPAN_STORAGE_TYPE=memory")
	if elasticsearch != "" { // the minimal distribution answers neither GET / nor HEAD /, so Jaeger must not ask
		j.env = append(os.Environ(), "SPAN_STORAGE_TYPE=elasticsearch")
		j.args = []string{"--es.server-urls=" + elasticsearch, "--es.version=8", "--es.disable-health-check=true", "--es.num-shards=1", "--es.num-replicas=0",
			"--es.bulk.flush-interval=100ms"}
	}
	flags := []string{"collector.otlp.http.host-port", "query.http-server.host-port", "collector.http-server.host-port", "admin.http.host-port",
		"collector.otlp.grpc.host-port", "collector.grpc-server.host-port", "query.grpc-server.host-port"}
	addresses, err := free.Addresses(len(flags))
	if err != nil {
		return nil, err
	}
	for i, flag := range flags {
		j.args = append(j.args, "--"+flag+"="+addresses[i])
	}
	j.OTLP, j.Query, j.Collector = "http://"+addresses[0], "http://"+addresses[1], "http://"+addresses[2]
	j.cmd = &exec.Cmd{Path: program}
	if err := j.Restart(); err != nil {
		return nil, errors.Join(err, j.Close())
	}
	return j, nil
}

// Restart runs it on the same ports; what was in memory is gone.
func (j *Jaeger) Restart() error {
	log, err := os.Create(filepath.Join(j.dir, "jaeger.log"))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }() // the program has its own descriptor of it
	cmd := exec.Command(j.cmd.Path, j.args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = j.dir, j.env, log, log
	if err := cmd.Start(); err != nil {
		return err
	}
	j.cmd, j.done = cmd, make(chan error, 1)
	go func() { j.done <- cmd.Wait() }()
	deadline := time.Now().Add(readyTimeout)
	for {
		err := j.get("/api/services", nil)
		if err == nil {
			return nil
		}
		select {
		case ended := <-j.done:
			j.done <- ended
			text, _ := os.ReadFile(log.Name()) // for the message only
			return fmt.Errorf("jaeger ended: %w\n%s", ended, text[max(0, len(text)-2000):])
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("jaeger was not ready within %s: %w", readyTimeout, err)
		}
	}
}

// Kill ends it at once, as if its machine were gone.
func (j *Jaeger) Kill() error {
	if j.done == nil {
		return nil
	}
	err := j.cmd.Process.Kill()
	<-j.done
	j.done = nil
	if errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	return err
}

// Close ends it and removes what it wrote.
func (j *Jaeger) Close() error { return errors.Join(j.Kill(), os.RemoveAll(j.dir)) }

// Span is one span as the query API tells it.
type Span struct {
	TraceID    string `json:"traceID"`
	SpanID     string `json:"spanID"`
	Name       string `json:"operationName"`
	References []struct{ RefType, TraceID, SpanID string }
	StartTime  int64 // microseconds since 1970
	Duration   int64 // microseconds
	Tags       []Tag
	Logs       []struct {
		Timestamp int64 // microseconds since 1970
		Fields    []Tag
	}
	ProcessID string
	Service   string `json:"-"`
	Host      string `json:"-"`
	Warnings  []string
}

// Tag is an attribute as Jaeger has it.
type Tag struct {
	Key   string
	Value any
}

// Parent is the id of the span's parent; empty when it has none.
func (s *Span) Parent() string {
	for _, r := range s.References {
		if r.RefType == "CHILD_OF" {
			return r.SpanID
		}
	}
	return ""
}

// Tag is a tag's value as text; empty when it is not there.
func (s *Span) Tag(key string) string {
	for _, t := range s.Tags {
		if t.Key == key {
			return fmt.Sprint(t.Value)
		}
	}
	return ""
}

// Trace asks for the spans of a trace; none when Jaeger does not know it.
func (j *Jaeger) Trace(id string) ([]Span, error) {
	var answer struct {
		Data []struct {
			Spans     []Span
			Processes map[string]struct {
				ServiceName string
				Tags        []Tag
			}
		}
	}
	if err := j.get("/api/traces/"+url.PathEscape(id), &answer); err != nil {
		if errors.Is(err, errNotFound) {
			return nil, nil
		}
		return nil, err
	}
	var all []Span
	for _, t := range answer.Data {
		for _, s := range t.Spans {
			p := t.Processes[s.ProcessID]
			s.Service = p.ServiceName
			for _, tag := range p.Tags {
				if tag.Key == "host.name" {
					s.Host = fmt.Sprint(tag.Value)
				}
			}
			all = append(all, s)
		}
	}
	return all, nil
}

// Services asks for the services that Jaeger knows.
func (j *Jaeger) Services() ([]string, error) {
	var answer struct{ Data []string }
	err := j.get("/api/services", &answer)
	return answer.Data, err
}

var errNotFound = errors.New("not found")

// get asks the query API; a nil answer is not read.
func (j *Jaeger) get(path string, answer any) error {
	client := http.Client{Timeout: 20 * time.Second}
	res, err := client.Get(j.Query + path)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }() // was only read
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return err
	case res.StatusCode == http.StatusNotFound:
		return errNotFound
	case res.StatusCode != http.StatusOK:
		return fmt.Errorf("GET %s: %s\n%s", path, res.Status, text)
	case answer == nil:
		return nil
	}
	return json.Unmarshal(text, answer)
}

// build returns the program, and builds it when it is not in the cache yet. The module's own go.mod counts, so it is built
// inside of its folder.
func build() (program string, err error) {
	cache := os.Getenv(CacheVariable)
	if cache == "" {
		if cache, err = os.UserCacheDir(); err != nil {
			return "", fmt.Errorf("no folder to cache Jaeger in; set %s: %w", CacheVariable, err)
		}
		cache = filepath.Join(cache, "tailspan-test")
		if os.Geteuid() == 0 {
			cache = "/var/cache/tailspan-test"
		}
	}
	program = filepath.Join(cache, "jaeger-all-in-one-"+Version)
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	download := exec.Command("go", "mod", "download", "-json", "github.com/jaegertracing/jaeger@"+Version)
	download.Dir = os.TempDir() // outside of any module
	out, err := download.Output()
	if err != nil {
		return "", fmt.Errorf("go mod download: %w\n%s", err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", err
	}
	temporary := fmt.Sprintf("%s.%d", program, os.Getpid())
	compile := exec.Command("go", "build", "-C", module.Dir, "-trimpath", "-ldflags", "-s -w", "-o", temporary, "./cmd/all-in-one")
	if out, err := compile.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	return program, os.Rename(temporary, program)
}
