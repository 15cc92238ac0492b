package kubernetes

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/kubernetes/fake"
)

// apiServer speaks list and watch of pods over HTTP, as far as a client sees it: versions, bookmarks, a history that is
// compacted, connections that break. What there is comes from client-go's fake.
type apiServer struct {
	*fake.Clientset

	mu      sync.Mutex
	changed *sync.Cond
	version int
	pods    map[string]*corev1.Pod // by UID
	history []change
	oldest  int // the first version that a watch may begin at
	drops   int // grows when connections break
	refuse  int // answers so many questions with 503
}

// change is one in the history, and the version it made.
type change struct {
	version int
	kind    watch.EventType
	pod     *corev1.Pod
}

func newAPIServer(t *testing.T) *apiServer {
	s := &apiServer{Clientset: fake.NewClientset(), version: 1, oldest: 1, pods: map[string]*corev1.Pod{}}
	s.changed = sync.NewCond(&s.mu)
	changes, err := s.CoreV1().Pods("").Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for c := range changes.ResultChan() {
			s.note(c)
		}
	}()
	t.Cleanup(changes.Stop)
	return s
}

// note takes a change of the fake into the history.
func (s *apiServer) note(c watch.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	pod := c.Object.(*corev1.Pod).DeepCopy()
	pod.ResourceVersion = strconv.Itoa(s.version)
	pod.APIVersion, pod.Kind = "v1", "Pod"
	if c.Type == watch.Deleted {
		delete(s.pods, string(pod.UID))
	} else {
		s.pods[string(pod.UID)] = pod
	}
	s.history = append(s.history, change{s.version, c.Type, pod})
	s.changed.Broadcast()
}

// compact forgets the history so far; drop breaks all connections; refuseNext answers the next questions with 503.
func (s *apiServer) compact() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history, s.oldest = nil, s.version
}

func (s *apiServer) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops++
	s.changed.Broadcast()
}

func (s *apiServer) refuseNext(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse += n
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	selector, err := fields.ParseSelector(q.Get("fieldSelector"))
	if err != nil || r.URL.Path != "/api/v1/pods" || r.Header.Get("Authorization") != "Bearer t0ken" {
		status(w, http.StatusForbidden, "forbidden")
		return
	}
	s.mu.Lock()
	if s.refuse > 0 {
		s.refuse--
		s.mu.Unlock()
		status(w, http.StatusServiceUnavailable, "away")
		return
	}
	s.mu.Unlock()
	switch {
	case q.Get("sendInitialEvents") != "":
		status(w, http.StatusUnprocessableEntity, "sendInitialEvents is not for this server")
	case q.Get("watch") == "1" || q.Get("watch") == "true":
		s.serveWatch(w, r, selector)
	default:
		s.serveList(w, selector)
	}
}

func status(w http.ResponseWriter, code int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(statusObject(code, message))
}

func statusObject(code int, message string) *metav1.Status {
	reason := map[int]metav1.StatusReason{410: metav1.StatusReasonExpired, 422: metav1.StatusReasonInvalid, 503: metav1.StatusReasonServiceUnavailable}[code]
	return &metav1.Status{TypeMeta: metav1.TypeMeta{Kind: "Status", APIVersion: "v1"}, Status: metav1.StatusFailure, Code: int32(code), Message: message, Reason: reason}
}

func selects(selector fields.Selector, pod *corev1.Pod) bool {
	return selector.Matches(fields.Set{"spec.nodeName": pod.Spec.NodeName})
}

func (s *apiServer) serveList(w http.ResponseWriter, selector fields.Selector) {
	s.mu.Lock()
	list := &corev1.PodList{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}, ListMeta: metav1.ListMeta{ResourceVersion: strconv.Itoa(s.version)}}
	for _, pod := range s.pods {
		if selects(selector, pod) {
			list.Items = append(list.Items, *pod)
		}
	}
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

func (s *apiServer) serveWatch(w http.ResponseWriter, r *http.Request, selector fields.Selector) {
	from, err := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	if err != nil {
		status(w, http.StatusBadRequest, "no version")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusOK)
	w.(http.Flusher).Flush()
	send := func(kind watch.EventType, object any) {
		_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": object})
		w.(http.Flusher).Flush()
	}
	stop := context.AfterFunc(r.Context(), s.changed.Broadcast)
	defer stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	drops := s.drops
	for r.Context().Err() == nil && s.drops == drops {
		if from < s.oldest {
			send(watch.Error, statusObject(http.StatusGone, fmt.Sprintf("too old resource version: %d (%d)", from, s.oldest)))
			return
		}
		sent := false
		for _, c := range s.history {
			if c.version <= from {
				continue
			}
			from = c.version
			if selects(selector, c.pod) {
				send(c.kind, c.pod)
				sent = true
			}
		}
		if !sent && r.URL.Query().Get("allowWatchBookmarks") != "" {
			send(watch.Bookmark, &corev1.Pod{TypeMeta: metav1.TypeMeta{Kind: "Pod", APIVersion: "v1"}, ObjectMeta: metav1.ObjectMeta{ResourceVersion: strconv.Itoa(from)}})
		}
		s.changed.Wait()
	}
}
