//go:build faults && linux

package faults_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

var networkRows = []row{
	{43, "answer never comes, trickles, resets", noAnswer},
	{44, "200 with HTML, cut JSON, wrong count, 1 GB, failure store", wrongAnswer},
	{46, "packets dropped, connections reset, slow link, dead nodes", badLink},
}

// hijack takes the connection of a request over.
func hijack(w http.ResponseWriter) net.Conn {
	c, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(err) // the sink speaks HTTP/1
	}
	return c
}

// reset breaks a connection off as a crashed host does.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // whatever it is, it is closed
	}
	_ = c.Close()
}

const answerStart = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{\"errors\":false,"

// noAnswer lets answers go missing, with the documents taken or not.
func noAnswer(s *scene) {
	faults := []struct {
		name  string
		whole fault
	}{
		{"never", func(w http.ResponseWriter, r *request) bool { r.hold(); reset(hijack(w)); return true }},
		{"never, applied", func(w http.ResponseWriter, r *request) bool {
			r.apply()
			r.hold()
			reset(hijack(w))
			return true
		}},
		{"trickles", func(w http.ResponseWriter, r *request) bool { r.apply(); trickle(hijack(w), r); return true }},
		{"reset", func(w http.ResponseWriter, _ *request) bool { reset(hijack(w)); return true }},
		{"reset after apply", func(w http.ResponseWriter, r *request) bool { r.apply(); reset(hijack(w)); return true }},
		{"reset in the middle", func(w http.ResponseWriter, r *request) bool {
			r.apply()
			c := hijack(w)
			_, _ = io.WriteString(c, answerStart) // half an answer
			reset(c)
			return true
		}},
	}
	w := s.writer("app.log")
	s.start()
	for _, f := range faults {
		w.write(100)
		s.delivered()
		s.sink.suffer(f.whole, nil)
		w.flow(1000)
		s.await(f.name+": it begins", patience, func() bool { return s.sink.faulty() > 0 })
		lasts(size(3*time.Second, 20*time.Second))
		s.sink.heal()
		s.fresh()
		s.saw("%s", f.name)
	}
	s.pass()
	s.saw("%d sent again", s.sink.tally().conflicts)
	if size(true, false) {
		return
	}
	s.outlast(w)
}

// trickle sends an answer that never ends, a byte at a time.
func trickle(c net.Conn, r *request) {
	defer reset(c)
	_, _ = io.WriteString(c, answerStart) // the rest will tell
	for range 100_000 {
		if _, err := io.WriteString(c, " "); err != nil {
			return
		}
		select {
		case <-r.s.gate:
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// outlast never answers two requests, whatever happens: the agent has to lose patience by itself, which takes it 90 s, and for the
// same documents twice.
func (s *scene) outlast(w *writer) {
	s.t.Helper()
	var held atomic.Int32
	forever := make(chan struct{})
	s.t.Cleanup(func() { close(forever) })
	s.sink.suffer(func(http.ResponseWriter, *request) bool {
		if held.Add(1) > 2 {
			return false
		}
		<-forever
		return true
	}, nil)
	w.write(1000)
	start := time.Now()
	s.complete(standard{within: 4 * time.Minute})
	s.sink.heal()
	s.pass()
	s.saw("timed out after %.0f s", time.Since(start).Seconds())
}

// wrongAnswer answers 200 with what is no answer; the documents were not taken.
func wrongAnswer(s *scene) {
	var endless atomic.Int64
	say := func(text func(*request) string) fault {
		return func(w http.ResponseWriter, r *request) bool { answer(w, text(r)); return true }
	}
	item := `{"create":{"status":201}}`
	faults := []struct {
		name  string
		whole fault
	}{
		{"HTML", say(func(*request) string { return "<html><body>Welcome to nginx</body></html>" })},
		{"empty", say(func(*request) string { return "" })},
		{"no items", say(func(*request) string { return `{"took":1,"errors":false}` })},
		{"cut JSON", say(func(r *request) string {
			return `{"errors":false,"items":[` + strings.Repeat(item+",", len(r.docs)-1) + `{"create":{"sta`
		})},
		{"an item too few", say(func(r *request) string {
			return `{"errors":false,"items":[` + strings.TrimSuffix(strings.Repeat(item+",", len(r.docs)-1), ",") + `]}`
		})},
		{"an item too many", say(func(r *request) string {
			return `{"errors":false,"items":[` + strings.Repeat(item+",", len(r.docs)) + item + `]}`
		})},
		{"items without status", say(func(r *request) string {
			return `{"errors":false,"items":[` + strings.TrimSuffix(strings.Repeat(`{"create":{}},`, len(r.docs)), ",") + `]}`
		})},
		{"1 GB", func(w http.ResponseWriter, _ *request) bool {
			chunk := []byte(strings.Repeat(" ", 1<<20))
			for range 1 << 10 {
				n, err := w.Write(chunk)
				if endless.Add(int64(n)); err != nil {
					break
				}
			}
			return true
		}},
	}
	w := s.writer("app.log")
	s.start()
	for _, f := range faults {
		w.write(100)
		s.delivered()
		s.sink.suffer(f.whole, nil)
		before := s.sink.tally().created
		w.write(100)
		s.await(f.name+": it is tried again", patience, func() bool { return s.sink.faulty() > 2 })
		if s.sink.tally().created != before {
			s.fail("the sink kept what it had no answer for")
		}
		s.sink.heal()
		s.fresh()
	}
	s.pass()
	s.saw("%d wrong answers, none a success; peak %s", len(faults), s.peakText())
	s.failureStore(w)
}

// failureStore says of some documents that they are in the failure store: dead letters on the other side.
func (s *scene) failureStore(w *writer) {
	s.t.Helper()
	from := w.written()
	s.sink.suffer(nil, func(d *document) (int, string, string) {
		if d.line.number >= from && d.line.number%10 == 0 {
			return http.StatusCreated, failureStore, "it did not fit"
		}
		return 0, "", ""
	})
	theirs := standard{optional: func(key lineKey) bool { return key.number >= from && key.number%10 == 0 && key.number < from+1000 }}
	w.write(1000)
	s.await("the others are kept", patience, func() bool { return len(s.missing(theirs)) == 0 })
	s.sink.heal()
	s.passWith(theirs)
	m, err := s.agent.metrics()
	s.must(err)
	if dead := sumOf(m, "tailspan_lines_total", `"dead_lettered"`); dead != 100 {
		s.wrong("100 documents in the failure store, %v counted as dead-lettered", dead)
	}
	s.saw("100 in the failure store counted")
}

// badLink puts a link of changing quality between the agent and its nodes, of which one is dead throughout.
func badLink(s *scene) {
	dead, err := net.Listen("tcp", "127.0.0.1:0")
	s.must(err)
	s.must(dead.Close()) // nobody listens there now
	link, other := newLink(s, s.sink.server.Listener.Addr().String()), newLink(s, s.sink.server.Listener.Addr().String())
	s.conf.hosts = []string{"http://" + dead.Addr().String(), link.url(), other.url()}
	w := s.writer("app.log")
	s.start()
	w.flow(300)
	s.freshBy(w)
	s.saw("one node of three dead")
	for _, f := range []struct {
		name  string
		begin func()
	}{
		{"delay", func() { link.set(quality{delay: 300 * time.Millisecond}) }},
		{"1 Mbit/s", func() { link.set(quality{perSecond: 125_000}); other.set(quality{perSecond: 125_000}) }},
		{"resets", func() { link.set(quality{resetAfter: 20_000}); other.set(quality{resetAfter: 3000}) }},
		{"silence", func() { link.set(quality{silent: true}); other.set(quality{silent: true}) }},
	} {
		w.flow(300)
		f.begin()
		lasts(size(4*time.Second, 30*time.Second))
		link.set(quality{})
		other.set(quality{})
		s.fresh()
		s.saw("%s", f.name)
	}
	s.pass()
	s.drops(w)
	s.saw("%d sent again", s.sink.tally().conflicts)
}
