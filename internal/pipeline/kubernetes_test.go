package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/kubernetes"
)

// gate is an output that takes nothing until it is opened.
type gate struct {
	mu   sync.Mutex
	text bytes.Buffer
	open chan struct{}
}

func (g *gate) Write(b []byte) (int, error) {
	<-g.open
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.text.Write(b)
}

// documents are those written so far.
func (g *gate) documents(t *testing.T) (all []map[string]any) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for line := range strings.Lines(g.text.String()) {
		var d map[string]any
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			t.Fatalf("%v: %s", err, line)
		}
		all = append(all, d)
	}
	return all
}

// apiServer answers a list with one pod when it is told to, and a watch with its deletion.
type apiServer struct {
	answer, delete chan struct{}
}

const labelledPod = `{"metadata":{"name":"web-0","namespace":"shop","uid":"0f8b1f64-2f1f-4f0a-9d9e-7d1b7a1c2d3e","resourceVersion":"2","labels":{"app":"checkout"}},"spec":{"nodeName":"node-1"}}`

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	step, text := s.answer, `{"metadata":{"resourceVersion":"1"},"items":[`+labelledPod+`]}`
	if r.URL.Query().Get("watch") != "" {
		step, text = s.delete, `{"type":"DELETED","object":`+labelledPod+"}\n"
	}
	select {
	case <-step:
		_, _ = io.WriteString(w, text)
	case <-r.Context().Done():
	}
}

// source follows an API server that answers as it is told to.
func (s *apiServer) source(t *testing.T) *kubernetes.Source {
	server := httptest.NewTLSServer(s)
	t.Cleanup(server.Close)
	account := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(filepath.Join(account, "ca.crt"), ca, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(account, "token"), []byte("t"), 0o600); err != nil {
		t.Fatal(err)
	}
	return kubernetes.New(kubernetes.Config{Node: "node-1", Server: server.URL, Account: account}, slog.New(slog.DiscardHandler))
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

// TestPodLog: lines do not wait for the API server; later ones have what it said; and of a pod that ends while the output takes
// nothing, whose folder is deleted, every line arrives.
func TestPodLog(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "pods", "shop_web-0_0f8b1f64-2f1f-4f0a-9d9e-7d1b7a1c2d3e", "nginx")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	log, err := os.Create(filepath.Join(folder, "0.log"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	write := func(from, to int) {
		for i := from; i < to; i++ {
			if _, err := fmt.Fprintf(log, `{"n":%d,"kubernetes":{"pod":{"ip":"10.0.0.1"}}}`+"\n", i); err != nil {
				t.Fatal(err)
			}
		}
	}
	text := "data_dir: " + filepath.Join(root, "data") + "\npipelines: [{name: pods, paths: [" + filepath.Join(root, "pods/*/*/*.log") + "]}]\noutput: {console: {}}\n"
	cfg := configured(t, root, map[string]string{"tailspan.yaml": text})
	out := &gate{open: make(chan struct{})}
	agent, err := start(cfg, false, nil, out, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	api := &apiServer{answer: make(chan struct{}), delete: make(chan struct{})}
	agent.about = api.source(t)
	for _, w := range agent.workers {
		w.about = agent.about
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- errors.Join(agent.ship(ctx), agent.letGo()) }()

	close(out.open)
	write(0, 10)
	eventually(t, "lines without the API server", func() bool { return len(out.documents(t)) == 10 })
	close(api.answer)
	eventually(t, "the labels", func() bool {
		return bytes.Contains(agent.about.Facts(log.Name()).Lookup([]byte("kubernetes.labels")), []byte("checkout"))
	})
	out.mu.Lock() // it takes nothing while the pod ends
	write(10, 5000)
	close(api.delete)
	if err := os.RemoveAll(filepath.Dir(folder)); err != nil {
		t.Fatal(err)
	}
	out.mu.Unlock()
	eventually(t, "the lines of the ended pod", func() bool { return len(out.documents(t)) == 5000 })
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	for i, d := range out.documents(t) {
		if d["n"] != float64(i) || d["kubernetes.namespace"] != "shop" || d["kubernetes.pod.name"] != "web-0" || d["kubernetes.container.name"] != "nginx" {
			t.Fatalf("document %d is %v", i, d)
		}
		if has := d["kubernetes.labels"] != nil && d["service.name"] == "checkout"; has != (i >= 10) {
			t.Fatalf("document %d has labels: %v, %v", i, has, d)
		}
	}
}
