// Package control lets commands speak to the agent that runs on the same data directory, over HTTP on a unix socket in it
// (the file "socket", open to its owner only). When no agent answers, the commands work on the files themselves.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/tail"
)

// Agent is what can be asked, of a running agent or of its files.
type Agent interface {
	Files() []tail.FileStatus
	Status() status.Status
	Examine(path string) tail.Examination
	Verify() []string
	Rewind(ctx context.Context, path string, offset int64) error
	Forget(ctx context.Context, path string) error
	// SetAside gives the dead letters so far a file of their own, which the agent does not touch any more.
	SetAside() error
}

// ErrNoAgent says that no agent runs on the data directory.
var ErrNoAgent = errors.New("no agent is running on this data_dir")

// path of the socket; longer ones than the system allows are refused by it.
func path(dir string) string { return filepath.Join(dir, "socket") }

// Serve answers until it is closed, which takes the socket away. The caller holds the lock of the data directory, so a
// socket that is there already is a dead agent's.
func Serve(dir string, agent Agent) (io.Closer, error) {
	if err := os.Remove(path(dir)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", path(dir))
	if err != nil {
		return nil, fmt.Errorf("the socket for commands: %w", err)
	}
	if err := os.Chmod(path(dir), 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	s := &http.Server{Handler: handler(agent), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = s.Serve(listener) }() // it ends when it is closed
	return s, nil
}

func handler(agent Agent) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /files", func(w http.ResponseWriter, _ *http.Request) { reply(w, agent.Files(), nil) })
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { reply(w, agent.Status(), nil) })
	mux.HandleFunc("GET /files/examination", func(w http.ResponseWriter, r *http.Request) {
		reply(w, agent.Examine(r.URL.Query().Get("path")), nil)
	})
	mux.HandleFunc("GET /files/problems", func(w http.ResponseWriter, _ *http.Request) { reply(w, agent.Verify(), nil) })
	mux.HandleFunc("POST /files/rewind", func(w http.ResponseWriter, r *http.Request) {
		offset, err := strconv.ParseInt(r.FormValue("offset"), 10, 64)
		if err == nil {
			err = agent.Rewind(r.Context(), r.FormValue("path"), offset)
		}
		reply(w, nil, err)
	})
	mux.HandleFunc("POST /files/forget", func(w http.ResponseWriter, r *http.Request) {
		reply(w, nil, agent.Forget(r.Context(), r.FormValue("path")))
	})
	mux.HandleFunc("POST /dead-letters/set-aside", func(w http.ResponseWriter, _ *http.Request) { reply(w, nil, agent.SetAside()) })
	return mux
}

func reply(w http.ResponseWriter, v any, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v) // the command may be gone
}

// Client asks a running agent.
type Client struct{ http http.Client }

// Dial finds the agent that runs on dir; ErrNoAgent when there is none.
func Dial(ctx context.Context, dir string) (*Client, error) {
	c := &Client{http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path(dir))
		},
	}}}
	conn, err := new(net.Dialer).DialContext(ctx, "unix", path(dir))
	switch {
	case errors.Is(err, os.ErrNotExist), errors.Is(err, syscall.ECONNREFUSED):
		return nil, ErrNoAgent
	case err != nil:
		return nil, err
	}
	return c, conn.Close()
}

// ask sends a request and decodes the answer into v, unless that is nil.
func (c *Client) ask(ctx context.Context, method, path string, form url.Values, v any) error {
	req, err := http.NewRequestWithContext(ctx, method, "http://agent"+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		text, err := io.ReadAll(io.LimitReader(res.Body, 1<<16))
		return errors.Join(errors.New(strings.TrimSpace(string(text))), err)
	}
	if v == nil {
		return nil
	}
	return json.NewDecoder(res.Body).Decode(v)
}

// Files is Agent.Files.
func (c *Client) Files(ctx context.Context) (files []tail.FileStatus, err error) {
	return files, c.ask(ctx, http.MethodGet, "/files", nil, &files)
}

// Status is Agent.Status.
func (c *Client) Status(ctx context.Context) (s status.Status, err error) {
	return s, c.ask(ctx, http.MethodGet, "/status", nil, &s)
}

// Examine is Agent.Examine.
func (c *Client) Examine(ctx context.Context, path string) (e tail.Examination, err error) {
	return e, c.ask(ctx, http.MethodGet, "/files/examination?"+url.Values{"path": {path}}.Encode(), nil, &e)
}

// Verify is Agent.Verify.
func (c *Client) Verify(ctx context.Context) (problems []string, err error) {
	return problems, c.ask(ctx, http.MethodGet, "/files/problems", nil, &problems)
}

// Rewind is Agent.Rewind.
func (c *Client) Rewind(ctx context.Context, path string, offset int64) error {
	return c.ask(ctx, http.MethodPost, "/files/rewind", url.Values{"path": {path}, "offset": {strconv.FormatInt(offset, 10)}}, nil)
}

// Forget is Agent.Forget.
func (c *Client) Forget(ctx context.Context, path string) error {
	return c.ask(ctx, http.MethodPost, "/files/forget", url.Values{"path": {path}}, nil)
}

// SetAside is Agent.SetAside.
func (c *Client) SetAside(ctx context.Context) error {
	return c.ask(ctx, http.MethodPost, "/dead-letters/set-aside", nil, nil)
}
