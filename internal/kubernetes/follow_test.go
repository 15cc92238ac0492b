package kubernetes

import (
	"bytes"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script is an API server that gives its answers in order, and then none. What is asked is noted.
type script struct {
	mu      sync.Mutex
	answers []answer
	asked   []string // resourceVersion, with watch before it for a watch
	tokens  []string
	stay    chan struct{} // closed at the end, for answers that do not end by themselves
}

// answer is one of them.
type answer struct {
	status int // 0 is 200
	body   string
	after  string // Retry-After
	break_ bool   // the connection breaks behind the body
	stays  bool   // it goes on, and nothing more comes
}

func (s *script) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	q := r.URL.Query()
	asked := q.Get("resourceVersion")
	if q.Get("watch") != "" {
		asked = "watch " + asked
	}
	if r.URL.Path != "/api/v1/pods" || q.Get("fieldSelector") != "spec.nodeName=node-1" {
		asked = r.URL.String()
	}
	s.asked, s.tokens = append(s.asked, asked), append(s.tokens, r.Header.Get("Authorization"))
	a := answer{stays: true}
	if len(s.answers) > 0 {
		a, s.answers = s.answers[0], s.answers[1:]
	}
	s.mu.Unlock()
	if a.after != "" {
		w.Header().Set("Retry-After", a.after)
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	_, _ = w.Write([]byte(a.body))
	w.(http.Flusher).Flush()
	if a.stays {
		select {
		case <-s.stay:
		case <-r.Context().Done():
		}
	}
	if a.break_ {
		panic(http.ErrAbortHandler)
	}
}

// follows starts a Source that follows the script.
func follows(t *testing.T, s *script) (*Source, *bytes.Buffer) {
	t.Helper()
	s.stay = make(chan struct{})
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	server.StartTLS()
	dir := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	for name, text := range map[string][]byte{"ca.crt": ca, "token": []byte("t0ken\n")} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	source := New(Config{"node-1", server.URL, dir}, slog.New(slog.NewTextHandler(&log, nil)))
	ended := make(chan struct{})
	go func() {
		source.Run(t.Context())
		close(ended)
	}()
	t.Cleanup(func() {
		<-ended // its context is done before cleanups
		close(s.stay)
		server.Close()
	})
	return source, &log
}

// until waits for what another goroutine and a server bring about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not in time: " + what)
		}
	}
}

func podList(version string, pods ...string) string {
	return fmt.Sprintf(`{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":%q},"items":[%s]}`, version, strings.Join(pods, ","))
}

func change(kind, version, pod string) string {
	return fmt.Sprintf(`{"type":%q,"object":%s}`+"\n", kind, strings.Replace(pod, `"resourceVersion":"7"`, fmt.Sprintf(`"resourceVersion":%q`, version), 1))
}

const (
	bookmark = `{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"20"}}}` + "\n"
	expired  = `{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old resource version"}}` + "\n"
)

// Whatever the server does, the pods are known in the end, and it was asked as the protocol has it.
func TestFollow(t *testing.T) {
	relabelled := strings.Replace(webPod, `"app":"frontend"`, `"app":"backend"`, 1)
	for _, c := range []struct {
		name    string
		answers []answer
		want    string // in the facts in the end
		asked   []string
		logged  string
	}{
		{"a list", []answer{{body: podList("10", webPod)}}, "frontend", []string{"0", "watch 10"}, ""},
		{"members in another order", []answer{{body: `{"items":[` + webPod + `],"x":{"y":[]},"metadata":{"resourceVersion":"10"}}`}}, "frontend", []string{"0", "watch 10"}, ""},
		{"a change", []answer{{body: podList("10", webPod)}, {body: change("MODIFIED", "11", relabelled), stays: true}}, "backend", []string{"0", "watch 10"}, ""},
		{"a watch that ends goes on where it ended", []answer{{body: podList("10")}, {body: change("ADDED", "11", webPod)}, {body: bookmark}, {body: change("MODIFIED", "21", relabelled), stays: true}},
			"backend", []string{"0", "watch 10", "watch 11", "watch 20"}, ""},
		{"a connection that breaks", []answer{{body: podList("10")}, {body: change("ADDED", "11", webPod), break_: true}, {body: change("MODIFIED", "12", relabelled), stays: true}},
			"backend", []string{"0", "watch 10", "watch 11"}, ""},
		{"a version that is too old", []answer{{body: podList("10", webPod)}, {body: expired}, {body: podList("30", relabelled)}}, "backend", []string{"0", "watch 10", "0", "watch 30"}, ""},
		{"the same as a status", []answer{{body: podList("10", webPod)}, {status: 410, body: `{"code":410}`}, {body: podList("30", relabelled)}}, "backend", []string{"0", "watch 10", "0", "watch 30"}, ""},
		{"no right", []answer{{status: 403, body: `{"code":403,"message":"pods is forbidden"}`}, {body: podList("10", webPod)}}, "frontend", []string{"0", "0", "watch 10"}, "HTTP 403: pods is forbidden"},
		{"a proxy in between", []answer{{status: 502, body: `<html>`}, {body: podList("10", webPod)}}, "frontend", []string{"0", "0", "watch 10"}, "HTTP 502: <html>"},
		{"a list cut off", []answer{{body: podList("10", webPod)[:300], break_: true}, {body: podList("10", webPod)}}, "frontend", []string{"0", "0", "watch 10"}, "unexpected EOF"},
		{"no list", []answer{{body: `[]`}, {body: podList("10", webPod)}}, "frontend", []string{"0", "0", "watch 10"}, "where { is expected"},
		{"an empty list is null", []answer{{body: `{"metadata":{"resourceVersion":"10"},"items":null}`}, {body: change("ADDED", "11", webPod), stays: true}}, "frontend", []string{"0", "watch 10"}, ""},
		{"a change that is none", []answer{{body: podList("10")}, {body: "oops\n"}, {body: change("ADDED", "11", webPod), stays: true}}, "frontend", []string{"0", "watch 10", "watch 10"}, "invalid character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &script{answers: c.answers}
			source, log := follows(t, s)
			until(t, c.want, func() bool { return strings.Contains(document(source.Facts(nginxPath+"2.log")), c.want) })
			until(t, "the last question", func() bool {
				s.mu.Lock()
				defer s.mu.Unlock()
				return len(s.asked) >= len(c.asked)
			})
			s.mu.Lock()
			defer s.mu.Unlock()
			if fmt.Sprint(s.asked) != fmt.Sprint(c.asked) {
				t.Errorf("asked for %q, want %q", s.asked, c.asked)
			}
			if c.logged != "" != (log.Len() > 0) || !strings.Contains(log.String(), c.logged) || strings.Contains(log.String(), "t0ken") {
				t.Errorf("logged %q, want %q", log, c.logged)
			}
			if s.tokens[0] != "Bearer t0ken" {
				t.Errorf("the token sent is %q", s.tokens[0])
			}
		})
	}
}

// TestToken: it is read again for each request.
func TestToken(t *testing.T) {
	s := &script{answers: []answer{{status: 401, body: "no"}}}
	source, _ := follows(t, s)
	source.Facts(nginxPath + "0.log")
	until(t, "the first question", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.asked) == 1 })
	if err := os.WriteFile(filepath.Join(source.api.account, "token"), []byte("renewed"), 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, "the second question", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return len(s.asked) == 2 })
	if s.tokens[1] != "Bearer renewed" {
		t.Errorf("the second token is %q", s.tokens[1])
	}
}

// TestNothingAsked: an agent that reads no logs of pods leaves the API server alone.
func TestNothingAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := New(Config{Node: "node-1", Server: "http://192.0.2.1"}, nil)
		go source.Run(t.Context())
		source.Facts("/var/log/syslog")
		time.Sleep(time.Hour)
		select {
		case <-source.ask:
			t.Error("it asks")
		default:
		}
	})
}

// TestDeleted: the last lines of a pod are read after it is gone, and then it is forgotten.
func TestDeleted(t *testing.T) {
	now := time.Now()
	s := New(Config{Node: "node-1"}, nil)
	p := decodePod(t, webPod)
	has := func() bool { return strings.Contains(document(s.Facts(nginxPath+"2.log")), "frontend") }
	s.put(p)
	s.remove(p, now)
	if !has() {
		t.Error("a pod is forgotten when it is deleted")
	}
	s.keep(map[string]bool{}, now.Add(keepGone-time.Second))
	if !has() {
		t.Error("a list without it makes it forgotten")
	}
	s.keep(map[string]bool{}, now.Add(keepGone))
	if has() || len(s.named) > 0 {
		t.Error("a pod is remembered for ever")
	}
	for i := range 2 * maxGone {
		p := &pod{namespace: "n", name: fmt.Sprint(i), logUID: fmt.Sprint(i)}
		s.put(p)
		s.remove(p, now.Add(time.Duration(i)))
	}
	if len(s.byUID) != maxGone || s.byUID[fmt.Sprint(2*maxGone-1)] == nil {
		t.Errorf("%d deleted pods are remembered", len(s.byUID))
	}
}

// TestManyPaths bounds what hostile names of folders can make it remember.
func TestManyPaths(t *testing.T) {
	s := New(Config{Node: "node-1"}, nil)
	for i := range 3 * maxPaths {
		s.Facts(fmt.Sprintf("/var/log/%d", i))
	}
	if len(s.paths) > maxPaths {
		t.Errorf("%d paths are remembered", len(s.paths))
	}
}
