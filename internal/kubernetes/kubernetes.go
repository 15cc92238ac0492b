// Package kubernetes says which pod and container a log file is from: by its path alone, and with the labels, owner and
// image of the pod once the API server has told them.
//
// Nothing waits for the API server. A line that is read before it has answered gets what the path says, and the lines read
// after that get all of it. When it cannot be reached, or refuses, what it said last stays, and it is asked again
// with a growing pause. A pod that was deleted is remembered for as long as its last lines may still be read.
//
// The client lists and watches the pods of one node and decodes the dozen fields that it needs, on net/http and
// encoding/json: client-go would more than double the binary for two requests (docs/ARCHITECTURE.md has the
// figures). Tests hold it to client-go's reflector and its fake of the API server (test/kubernetes).
package kubernetes

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

const (
	maxPaths = 8192      // remembered; then all are forgotten, and looked at again
	maxGone  = 1024      // pods that the API does not have any more
	keepGone = time.Hour // and how long they are remembered: a file is let go much earlier
)

// Source tells the facts of files. Any goroutine may ask it. A nil *Source knows nothing.
type Source struct {
	node string
	api  *client // nil without an API server
	log  *slog.Logger
	ask  chan struct{} // closed when the first log of a pod has been seen
	once sync.Once

	mu    sync.Mutex
	paths map[string]*known
	byUID map[string]*remembered // by pod.logUID
	named map[podName]*remembered
}

// podName is what tells the pods of one moment apart.
type podName struct{ namespace, name string }

// known is what is known of a path.
type known struct {
	place place
	pod   *pod // that facts were made with
	facts *event.Facts
}

// Config says which node's logs are read and who knows about its pods.
type Config struct {
	Node    string // its name; empty when it is not known, and then nobody is asked
	Server  string // URL of the API server; empty for none
	Account string // the folder of token and ca.crt
}

// InCluster is the Config that a pod finds around itself: NODE_NAME, and an API server if the pod has an account there.
func InCluster() Config {
	c := Config{Node: os.Getenv("NODE_NAME"), Account: "/var/run/secrets/kubernetes.io/serviceaccount"}
	host, port := os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT")
	if _, err := os.Stat(filepath.Join(c.Account, "token")); host != "" && port != "" && err == nil {
		c.Server = "https://" + net.JoinHostPort(host, port)
	}
	return c
}

// New returns a Source. It asks the API server once Run is called.
func New(cfg Config, log *slog.Logger) *Source {
	s := &Source{node: cfg.Node, log: log, ask: make(chan struct{}), paths: map[string]*known{},
		byUID: map[string]*remembered{}, named: map[podName]*remembered{}}
	if cfg.Server != "" {
		s.api = &client{base: cfg.Server, account: cfg.Account}
	}
	return s
}

// Facts returns what is known of the file at path now; nil when it is not the log of a container.
func (s *Source) Facts(path string) *event.Facts {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	k, found := s.paths[path]
	if !found {
		if at, ok := parsePath(path); ok {
			k = &known{place: at}
			s.once.Do(func() { close(s.ask) })
		}
		if len(s.paths) >= maxPaths {
			clear(s.paths)
		}
		s.paths[path] = k
	}
	if k == nil {
		return nil
	}
	if p := s.podOf(k.place); k.facts == nil || p != k.pod {
		k.pod, k.facts = p, facts(k.place, p, s.node)
	}
	return k.facts
}

// podOf finds the pod of a place; nil when the API has not told of it.
func (s *Source) podOf(at place) *pod {
	r := s.byUID[at.uid]
	if at.uid == "" {
		r = s.named[podName{at.namespace, at.pod}]
	}
	if r == nil || r.namespace != at.namespace || r.name != at.pod {
		return nil
	}
	return r.pod
}

// put takes in what the API says of a pod. What changed nothing that is needed, as most of what a kubelet reports does,
// leaves the pod and the facts made with it as they are.
func (s *Source) put(p *pod) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if old := s.byUID[p.logUID]; old != nil {
		old.gone = time.Time{}
		if reflect.DeepEqual(old.pod, p) {
			return
		}
	}
	r := &remembered{pod: p}
	s.byUID[p.logUID], s.named[podName{p.namespace, p.name}] = r, r
}

// remove notes that the API does not have a pod any more.
func (s *Source) remove(p *pod, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.byUID[p.logUID]; r != nil && r.gone.IsZero() {
		r.gone = now
	}
	s.forget(now)
}

// keep notes that the API has these pods and no others.
func (s *Source) keep(uids map[string]bool, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for uid, r := range s.byUID {
		if !uids[uid] && r.gone.IsZero() {
			r.gone = now
		}
	}
	s.forget(now)
}

// forget drops pods that are gone for long, or are too many.
func (s *Source) forget(now time.Time) {
	var gone []*remembered
	for r := range maps.Values(s.byUID) {
		if !r.gone.IsZero() {
			gone = append(gone, r)
		}
	}
	slices.SortFunc(gone, func(a, b *remembered) int { return b.gone.Compare(a.gone) })
	for i, r := range gone {
		if i < maxGone && now.Sub(r.gone) < keepGone {
			continue
		}
		delete(s.byUID, r.logUID)
		if name := (podName{r.namespace, r.name}); s.named[name] == r {
			delete(s.named, name)
		}
	}
}

// Run keeps the pods up to date until ctx is done. It asks for nothing before the log of a pod has been seen: an agent
// that reads none needs no account.
func (s *Source) Run(ctx context.Context) {
	if s == nil || s.api == nil {
		return
	}
	select {
	case <-ctx.Done():
		return
	case <-s.ask:
	}
	if s.node == "" {
		s.log.Warn("NODE_NAME is not set, so that the Kubernetes API cannot be asked for the pods of this node; documents have what the paths of files say")
		return
	}
	s.follow(ctx)
}
