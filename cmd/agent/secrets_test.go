package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tailspan/tailspan/test/free"
)

// echo is a server that refuses everything and, as debugging proxies do, repeats what it was sent.
func echo(asked *atomic.Int64, status int) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "\x1b[31mno %s\n", r.Header.Get("Authorization"))
	})
}

// safely is a buffer that a running agent writes to.
type safely struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *safely) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *safely) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestSecrets looks for credentials in everything that an agent says and writes, against servers that repeat them: log, messages of
// commands, metrics, socket, checkpoints, dead letters. And for what a terminal would obey.
func TestSecrets(t *testing.T) {
	const secret = "s3cr3t-0f-the-day"
	key := base64.StdEncoding.EncodeToString([]byte("id:" + secret))
	for _, c := range []struct {
		name, auth string
		status     int
		says       []string
	}{
		{"api_key from a file", "api_key: '${file:key}'", http.StatusUnauthorized, []string{key, secret}},
		{"api_key, unavailable", "api_key: '${file:key}'", http.StatusServiceUnavailable, []string{key, secret}},
		{"password from the environment", "username: elastic, password: '${ES_PASSWORD}'", http.StatusForbidden,
			[]string{secret, base64.StdEncoding.EncodeToString([]byte("elastic:" + secret))}},
		{"bearer, a bad request", "bearer: '${file:token}'", http.StatusBadRequest, []string{secret}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var asked atomic.Int64
			server := httptest.NewServer(echo(&asked, c.status))
			defer server.Close()
			t.Setenv("ES_PASSWORD", secret)
			f := newFolder(t, "one\ntwo\n")
			f.write("key", key+"\n")
			f.write("token", secret+"\n")
			address := free.For(t)
			f.write("tailspan.yaml", "data_dir: state\nshutdown_timeout: 1s\nhttp: {listen: '"+address+"'}\npipelines: [{name: app, paths: [app.log]}]\n"+
				"output: {elasticsearch: {hosts: ['"+server.URL+"'], "+c.auth+"}}\n")
			var out, errs safely
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				run(ctx, []string{"run", "--config", f.file("tailspan.yaml")}, strings.NewReader(""), &out, &errs)
			}()
			eventually(t, func() bool { return asked.Load() > 2 })
			said := map[string]string{"metrics": get("http://" + address + "/metrics"), "readyz": get("http://" + address + "/readyz")}
			for _, args := range [][]string{{"check", "--connect"}, {"files", "list"}, {"files", "list", "--json"}, {"dlq", "list"}, {"replay", "--from", "1h"}, {"explain", "--line", "x"},
				{"explain", f.file("app.log")}, {"files", "verify"}, {"top", "--once"}} {
				status, o, e := command(t, "", append(args, "--config", f.file("tailspan.yaml"))...)
				said[strings.Join(args, " ")] = fmt.Sprint(status, o, e)
			}
			err := filepath.WalkDir(f.file("state"), func(path string, d fs.DirEntry, err error) error {
				if info, failed := os.Stat(path); failed != nil || info.Mode()&0o077 != 0 {
					t.Errorf("others may get at %s: %v %v", path, info.Mode(), failed)
				}
				if err == nil && d.Type().IsRegular() {
					text, failed := os.ReadFile(path)
					said[path], err = string(text), failed
				}
				return err
			})
			stop()
			<-ended
			said["log"], said["output"] = errs.String(), out.String()
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(said["check --connect"]+said["log"], "[secret]") {
				t.Errorf("the server was not heard: %q %q", said["check --connect"], said["log"])
			}
			for where, text := range said {
				for _, s := range c.says {
					if strings.Contains(text, s) {
						t.Errorf("%s has a secret: %q", where, text)
					}
				}
				if strings.Contains(text, "\x1b") {
					t.Errorf("%s has control characters: %q", where, text)
				}
			}
		})
	}
}

// TestCommandLine: there is no flag that a secret could be given with, for every user of the machine to see.
func TestCommandLine(t *testing.T) {
	for _, command := range []string{"run", "parse", "check", "explain", "files", "replay", "dlq", "trace", "traces", "bottleneck", "why", "top", "bundle"} {
		_, help, _ := commandText(t, command)
		for _, word := range []string{"--password", "--api-key", "--token", "--bearer", "--secret"} {
			if strings.Contains(help, word) {
				t.Errorf("%s has %s", command, word)
			}
		}
	}
}

func commandText(t *testing.T, name string) (status int, out, errs string) {
	t.Helper()
	status, out, errs = command(t, "", name, "--help")
	if status != exitDone || !strings.Contains(out, "--config") {
		t.Errorf("%s --help: %d %s", name, status, errs)
	}
	return status, out, errs
}
