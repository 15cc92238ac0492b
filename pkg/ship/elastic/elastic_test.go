package elastic

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// bed is an output in front of a cluster, in a bubble of injected time.
type bed struct {
	t       *testing.T
	cluster *cluster
	out     *Output
	writer  *Writer
	src     *event.Source
	offset  int64
	letters string
	cancel  context.CancelFunc
	due     chan struct{}

	mu   sync.Mutex
	acks []event.Ack
}

func inBed(t *testing.T, change func(*Config), test func(t *testing.T, b *bed)) {
	t.Helper()
	inBedOf(t, change, false, test)
}

func inBedOf(t *testing.T, change func(*Config), secondary bool, test func(t *testing.T, b *bed)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		cfg := Config{Hosts: []string{"http://none"}, Compression: "gzip", Template: true,
			Bulk: Bulk{MaxSize: 1 << 20, MaxDocs: 1000, Linger: 200 * time.Millisecond, InFlight: 2}}
		if change != nil {
			change(&cfg)
		}
		b := &bed{t: t, cluster: &cluster{t: t, docs: map[string]string{}}, src: &event.Source{ID: 7}}
		letters := ship.NewDeadLetters(dir)
		b.letters = letters.Path()
		var err error
		b.out, err = New(cfg, Options{Host: "h", Targets: []Target{{Dataset: "p", Index: fixedName("logs-p-default"), Stream: true}}, Names: []string{"p"}, Workers: 1,
			Letters: letters, Ack: b.ack, Secondary: secondary, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		b.out.transport = b.cluster
		ctx, cancel := context.WithCancel(t.Context())
		b.cancel = cancel
		b.due = make(chan struct{}, 1)
		b.writer = b.out.Writer(ctx, b.due)
		b.out.Start(ctx)
		test(t, b)
		b.out.Close()
		cancel()
		if err := letters.Close(); err != nil {
			t.Error(err)
		}
	})
}

func (b *bed) ack(acks []event.Ack) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.acks = append(b.acks, acks...)
}

// acked returns the end of the contiguous acknowledged prefix.
func (b *bed) acked() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	slices.SortFunc(b.acks, func(x, y event.Ack) int { return int(x.From - y.From) })
	end := int64(0)
	for _, a := range b.acks {
		if a.From <= end {
			end = max(end, a.To)
		}
	}
	return end
}

// send gives the writer one batch with a line for each message.
func (b *bed) send(messages ...string) {
	b.t.Helper()
	batch := &event.Batch{Source: b.src, Path: "/a.log", From: b.offset}
	b.writer.Begin(batch)
	for _, m := range messages {
		ev := &event.Event{Raw: []byte(m), Offset: b.offset, Time: event.Time{Set: true}}
		ev.Message = event.Value{Bytes: ev.Raw, Set: true}
		if err := b.writer.Add(ev); err != nil {
			b.t.Fatal(err)
		}
		b.offset += int64(len(m)) + 1
	}
	batch.To = b.offset
	if err := b.writer.End(); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bed) flush() {
	b.t.Helper()
	if err := b.writer.Flush(); err != nil {
		b.t.Fatal(err)
	}
}

// indexed returns the messages the cluster has, sorted.
func (b *bed) indexed() []string {
	b.cluster.mu.Lock()
	defer b.cluster.mu.Unlock()
	var all []string
	for id, doc := range b.cluster.docs {
		all = append(all, item{id, doc}.message())
	}
	slices.Sort(all)
	return all
}

func (b *bed) deadLetters() []ship.DeadLetter {
	b.t.Helper()
	f, err := os.Open(b.letters)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all []ship.DeadLetter
	for scan := bufio.NewScanner(f); scan.Scan(); {
		var l ship.DeadLetter
		if err := json.Unmarshal(scan.Bytes(), &l); err != nil {
			b.t.Fatalf("%s: %v", scan.Bytes(), err)
		}
		all = append(all, l)
	}
	return all
}

func TestVerdicts(t *testing.T) {
	html := always(200, "<html>login</html>")
	for _, c := range []struct {
		name   string
		faults []fault
		dead   []string
		bodies [][]string // what each request held; nil: not looked at
	}{
		{"all taken", nil, nil, [][]string{{"a", "b", "c"}}},
		{"429 and 503 for items: only those again", []fault{refusing(map[string]int{"a": 429, "c": 503})}, nil, [][]string{{"a", "b", "c"}, {"a", "c"}}},
		{"400 for an item: to the dead letters, the others are indexed", []fault{refusing(map[string]int{"b": 400})}, []string{"b"}, [][]string{{"a", "b", "c"}}},
		{"400, 429 and 409 mixed", []fault{refusing(map[string]int{"a": 400, "b": 429})}, []string{"a"}, [][]string{{"a", "b", "c"}, {"b"}}},
		{"a right taken away for a while", []fault{always(200, `{"errors":true,"items":[{"create":{"status":403,"error":{"type":"security_exception"}}},{"create":{"status":403,"error":{"type":"security_exception"}}},{"create":{"status":401}}]}`)}, nil, [][]string{{"a", "b", "c"}, {"a", "b", "c"}}},
		{"an index closed for a while", []fault{always(200, `{"errors":true,"items":[{"create":{"status":400,"error":{"type":"index_closed_exception","reason":"closed"}}},{"create":{"status":400,"error":{"type":"index_closed_exception","reason":"closed"}}},{"create":{"status":400,"error":{"type":"index_closed_exception","reason":"closed"}}}]}`)}, nil, [][]string{{"a", "b", "c"}, {"a", "b", "c"}}},
		{"an index deleted a moment ago", []fault{always(200, `{"errors":true,"items":[{"create":{"status":404,"error":{"type":"index_not_found_exception","reason":"no such index [x]"}}},{"create":{"status":404,"error":{"type":"index_not_found_exception","reason":"no such index [x]"}}},{"create":{"status":404,"error":{"type":"index_not_found_exception","reason":"no such index [x]"}}}]}`)}, nil, [][]string{{"a", "b", "c"}, {"a", "b", "c"}}},
		{"503 for the request", []fault{always(503, "busy"), always(503, "busy")}, nil, [][]string{{"a", "b", "c"}, {"a", "b", "c"}, {"a", "b", "c"}}},
		{"429 for the request", []fault{always(429, `{"error":{"type":"es_rejected_execution_exception"}}`, "Retry-After", "3")}, nil, nil},
		{"401 until the key is renewed", []fault{always(401, ""), always(401, "")}, nil, nil},
		{"connection lost", []fault{func(*cluster, []item) *http.Response { return nil }}, nil, nil},
		{"reset after it was applied", []fault{appliedBut(func(string) *http.Response { return nil })}, nil, nil},
		{"200 with a page", []fault{html}, nil, nil},
		{"200 with half an answer", []fault{appliedBut(func(whole string) *http.Response { return answer(200, whole[:len(whole)/2]) })}, nil, nil},
		{"200 with too few items", []fault{appliedBut(func(string) *http.Response {
			return answer(200, `{"errors":false,"items":[{"create":{"status":201}}]}`)
		})}, nil, nil},
		{"200 with a huge body", []fault{appliedBut(func(string) *http.Response { return answer(200, strings.Repeat(" ", 4<<20)) })}, nil, nil},
		{"413: halved down to one", []fault{always(413, ""), nil, always(413, ""), nil}, nil, [][]string{{"a", "b", "c"}, {"a"}, {"b", "c"}, {"b"}, {"c"}}},
		{"413 for one document", []fault{always(413, ""), always(413, ""), nil}, []string{"a"}, nil},
		{"a document that spoils the whole request", []fault{always(400, `{"error":{"type":"x","reason":"y"}}`), nil, always(400, "{}"), always(400, "{}"), nil}, []string{"b"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBed(t, nil, func(t *testing.T, b *bed) {
				b.cluster.faults = c.faults
				b.send("a", "b", "c")
				b.flush()
				time.Sleep(time.Minute)
				synctest.Wait()
				var want []string
				for _, m := range []string{"a", "b", "c"} {
					if !slices.Contains(c.dead, m) {
						want = append(want, m)
					}
				}
				if got := b.indexed(); !slices.Equal(got, want) {
					t.Errorf("indexed %q, want %q", got, want)
				}
				var dead []string
				for _, l := range b.deadLetters() {
					dead = append(dead, item{"", string(l.Document)}.message())
					if l.Status < 400 || l.Reason == "" || l.Pipeline != "p" || !strings.Contains(string(l.Action), `"_id"`) {
						t.Errorf("dead letter %+v", l)
					}
				}
				if !slices.Equal(dead, c.dead) {
					t.Errorf("dead letters %q, want %q", dead, c.dead)
				}
				if got := b.acked(); got != b.offset {
					t.Errorf("acknowledged up to %d of %d", got, b.offset)
				}
				if c.bodies != nil && !slices.EqualFunc(b.cluster.bodies, c.bodies, slices.Equal) {
					t.Errorf("requests %q, want %q", b.cluster.bodies, c.bodies)
				}
				l := &b.src.Ledger
				if sum := l[event.Indexed].Load() + l[event.Duplicate].Load() + l[event.Dead].Load(); sum != 3 {
					t.Errorf("the ledger counts %d verdicts for 3 lines", sum)
				}
				if !b.out.Up() {
					t.Error("the output is still reported as down")
				}
			})
		})
	}
}

func TestNothingIsAcknowledgedBeforeItsVerdict(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		for range 1000 {
			b.cluster.faults = append(b.cluster.faults, refusing(map[string]int{"b": 429}))
		}
		b.send("a", "b", "c")
		b.flush()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if got := b.acked(); got != 0 {
			t.Errorf("acknowledged up to %d while a document waits", got)
		}
		if n := len(b.cluster.bodies); n < 100 || n > 400 {
			t.Errorf("%d attempts in ten minutes, want one every 2.5 to 5 s", n)
		}
		b.cancel()
	})
}

func TestDeadLettersThatCannotBeWrittenHoldTheLine(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		if err := os.Mkdir(b.letters, 0o700); err != nil { // a folder in the way
			t.Fatal(err)
		}
		for range 8 {
			b.cluster.faults = append(b.cluster.faults, refusing(map[string]int{"b": 400}))
		}
		b.send("a", "b")
		b.flush()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := b.acked(); got != 0 {
			t.Errorf("acknowledged up to %d although the refused line is nowhere", got)
		}
		if err := os.Remove(b.letters); err != nil {
			t.Fatal(err)
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := b.acked(); got != b.offset || len(b.deadLetters()) != 1 {
			t.Errorf("acknowledged up to %d of %d with %d dead letters", got, b.offset, len(b.deadLetters()))
		}
	})
}

// TestABlockedIndexDoesNotHoldUpOthers refuses one document for good time and lets everything else through.
func TestABlockedIndexDoesNotHoldUpOthers(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		const refusal = `{"create":{"status":403,"error":{"type":"cluster_block_exception","reason":"index [x] blocked by: [FORBIDDEN/5/index read-only (api)];"}}}`
		blocked := true
		block := func(c *cluster, items []item) *http.Response {
			var out []string
			for _, i := range items {
				if blocked && i.message() == "blocked" {
					out = append(out, refusal)
					continue
				}
				c.docs[i.id] = i.doc
				out = append(out, `{"create":{"status":201}}`)
			}
			return answer(200, `{"errors":true,"items":[`+strings.Join(out, ",")+`]}`)
		}
		b.cluster.faults = slices.Repeat([]fault{block}, 1000)
		b.send("a", "blocked")
		b.flush()
		synctest.Wait()
		if b.src.Held.Load() != 1 {
			t.Error("the source is not held back, so that it would fill memory")
		}
		other := b.src
		b.src, b.offset = new(event.Source), 0
		for range 20 { // more than there are senders and buffers
			b.send("free")
			b.flush()
		}
		synctest.Wait()
		if got := b.indexed(); len(got) != 21 {
			t.Errorf("%d documents are indexed while one waits, want 21", len(got))
		}
		b.cluster.mu.Lock()
		blocked = false
		b.cluster.mu.Unlock()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := b.indexed(); !slices.Contains(got, "blocked") || len(b.deadLetters()) != 0 || other.Held.Load() != 0 {
			t.Errorf("after the block: %d indexed, %d dead letters, held %d", len(got), len(b.deadLetters()), other.Held.Load())
		}
	})
}

// TestAnIndexWithoutAShardDoesNotHoldUpOthers lets Elasticsearch hold every request with a document for an index that has no shard.
// Those of its files are few, as each is held, but they are there for good.
func TestAnIndexWithoutAShardDoesNotHoldUpOthers(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		b.cluster.shardless = true
		good := b.src
		b.send("free")
		b.flush()
		end := b.offset
		began := time.Now()
		for id := range uint64(3) {
			b.src, b.offset = &event.Source{ID: 100 + id}, 0
			for range 6 { // what was read before the first answer: more than there is room for
				b.send("shardless")
				b.flush()
			}
		}
		if took := time.Since(began); took > shardTimeout {
			t.Errorf("what is for the index without a shard took %s", took)
		}
		b.src, b.offset = good, end
		for n := range 30 {
			time.Sleep(10 * time.Second)
			b.send("free")
			b.flush()
			time.Sleep(longestWait * 2)
			synctest.Wait()
			if got := b.indexed(); len(got) != n+2 {
				t.Fatalf("after %d lines, %s each later, %d are there", n+2, longestWait*2, len(got))
			}
		}
		b.cluster.mu.Lock()
		b.cluster.shardless = false
		b.cluster.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		if got := b.indexed(); len(got) != 1+30+18 {
			t.Errorf("%d documents are there in the end", len(got))
		}
	})
}

// A request may have documents of a blocked index and of another, from different files: the other file is done with.
func TestABlockedIndexDoesNotHoldUpItsRequest(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		blocked, other := b.src, new(event.Source)
		b.cluster.faults = slices.Repeat([]fault{refusing(map[string]int{"blocked": http.StatusUnauthorized})}, 3)
		b.send("blocked")
		b.src, b.offset = other, 0
		b.send("free")
		b.flush()
		synctest.Wait()
		if blocked.Held.Load() != 1 || other.Held.Load() != 0 {
			t.Errorf("held: the file of the blocked index %d, the other one %d", blocked.Held.Load(), other.Held.Load())
		}
		given := func() []event.Ack {
			b.mu.Lock()
			defer b.mu.Unlock()
			return slices.Clone(b.acks)
		}
		if acks := given(); len(acks) != 1 || acks[0].Source != other {
			t.Errorf("acknowledged: %v", acks)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if acks := given(); len(acks) != 2 || acks[1].Source != blocked || blocked.Held.Load() != 0 {
			t.Errorf("after the block: %v, held %d", acks, blocked.Held.Load())
		}
	})
}

// TestASecondaryOutputHoldsUpNothing sends far more than fits while the cluster is away.
func TestASecondaryOutputHoldsUpNothing(t *testing.T) {
	inBedOf(t, func(c *Config) { c.Bulk.MaxDocs = 2 }, true, func(t *testing.T, b *bed) {
		b.cluster.faults = slices.Repeat([]fault{always(503, "")}, 10000)
		for range 100 {
			b.send("a", "b", "c")
			b.flush()
		}
		time.Sleep(time.Second)
		l := b.out.Ledger.Snapshot()
		if l[event.Read] != 300 || l[event.Dropped] == 0 || l[event.Dropped] == 300 {
			t.Errorf("of 300 lines %d were taken in and %d given up", l[event.Read], l[event.Dropped])
		}
		b.cluster.mu.Lock()
		b.cluster.faults = nil
		b.cluster.mu.Unlock()
		time.Sleep(time.Minute) // the senders are free again
		<-b.due
		b.flush()
		time.Sleep(time.Minute)
		synctest.Wait()
		if l = b.out.Ledger.Snapshot(); l.InFlight() != 0 || l[event.Indexed] != 300-l[event.Dropped] {
			t.Errorf("the ledger does not close: %v", l)
		}
		if b.src.Ledger[event.Indexed].Load() != 0 || len(b.acks) != 0 {
			t.Error("a secondary output counts for the primary one")
		}
	})
}

func TestLimitsSplitRequests(t *testing.T) {
	inBed(t, func(c *Config) { c.Bulk.MaxDocs = 2; c.Compression = "none" }, func(t *testing.T, b *bed) {
		b.send("a", "b", "c", "d", "e")
		b.flush()
		time.Sleep(time.Second)
		synctest.Wait()
		if got := len(b.cluster.bodies); got != 3 || !b.cluster.plain {
			t.Errorf("%d requests, plain %v, want 3 plain ones", got, b.cluster.plain)
		}
		if got := b.acked(); got != b.offset {
			t.Errorf("acknowledged up to %d of %d", got, b.offset)
		}
	})
}

func TestLingerWaitsOnlyWhileSomethingIsUnderWay(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		b.send("first")
		if err := b.writer.Idle(); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if got := b.indexed(); !slices.Equal(got, []string{"first"}) {
			t.Errorf("an idle output has %q, want the first line at once", got)
		}
		b.cluster.faults = []fault{always(503, "")}
		b.send("held up")
		b.flush()
		synctest.Wait()
		b.send("waits")
		if err := b.writer.Idle(); err != nil {
			t.Fatal(err)
		}
		<-b.due
		b.flush()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if got := b.acked(); got != b.offset {
			t.Errorf("acknowledged up to %d of %d", got, b.offset)
		}
	})
}

func TestGivingUpAcknowledgesNothing(t *testing.T) {
	inBed(t, nil, func(t *testing.T, b *bed) {
		b.cluster.faults = slices.Repeat([]fault{always(503, "")}, 100)
		b.send("a")
		b.flush()
		time.Sleep(time.Second)
		b.cancel()
		synctest.Wait()
		if got := b.acked(); got != 0 {
			t.Errorf("acknowledged up to %d", got)
		}
	})
}

// TestOverHTTP sends through the real client: length, compression, credentials, and a template that may not be installed.
func TestOverHTTP(t *testing.T) {
	c := &cluster{t: t, docs: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.Header.Get("Authorization") != "APIKey a2V5" {
			t.Errorf("authorization %q", req.Header.Get("Authorization"))
		}
		if req.URL.Path != "/_bulk" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if req.ContentLength <= 0 {
			t.Errorf("content length %d", req.ContentLength)
		}
		res, err := c.Perform(req)
		if err != nil {
			t.Error(err)
		}
		w.WriteHeader(res.StatusCode)
		if _, err := io.Copy(w, res.Body); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	acked := make(chan event.Ack, 1)
	out, err := New(Config{Hosts: []string{server.URL}, APIKey: "a2V5", Template: true,
		Bulk: Bulk{MaxSize: 1 << 20, MaxDocs: 10, InFlight: 1}}, Options{Targets: []Target{{Dataset: "p", Index: fixedName("logs-p-default"), Stream: true}}, Names: []string{"p"},
		Workers: 1, Letters: ship.NewDeadLetters(filepath.Join(t.TempDir())), Ack: func(a []event.Ack) { acked <- a[0] }, Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	b := &bed{t: t, writer: out.Writer(t.Context(), make(chan struct{}, 1)), src: new(event.Source)}
	out.Start(t.Context())
	b.send("over the wire")
	b.flush()
	select {
	case a := <-acked:
		if a.From != 0 || a.To != b.offset {
			t.Errorf("acknowledged %d to %d", a.From, a.To)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("no acknowledgement")
	}
	out.Close()
	if len(c.docs) != 1 || c.plain {
		t.Errorf("documents %v, plain %v", c.docs, c.plain)
	}
}

func TestAllCreated(t *testing.T) {
	for answer, want := range map[string]int{
		`{"errors":false,"items":[{"create":{"status":201}}]}`:                             1,
		`{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}`:   2,
		`{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":409}}]}`:   -1,
		`{"errors":false,"items":[{"create":{"status":201}}`:                               -1,
		`{"errors":false,"items":[]}`:                                                      -1,
		`{"errors":true,"items":[{"create":{"status":201}}]}`:                              -1,
		`{"errors":false,"items":[{"create":{"status":201}}],"failure_store":"used"}`:      -1,
		`{"errors":false,"items":[{"create":{"status":201,"failure_store":"used"}}],"x":1`: -1,
		``: -1,
	} {
		n, ok := allCreated([]byte(answer))
		if !ok {
			n = -1
		}
		if n != want {
			t.Errorf("%s: %d, want %d", answer, n, want)
		}
	}
}

func FuzzVerdicts(f *testing.F) {
	for _, seed := range []string{`{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}`,
		`{"errors":true,"items":[{"create":{"status":409}},{"create":{"status":400,"error":{"type":"x","reason":"y"}}}]}`,
		`{"items":[{"index":{}},null]}`, `{"items":{}}`, `[]`, ``} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		s := &sender{out: &Output{log: slog.New(slog.DiscardHandler)}, parser: new(fastjson.Parser)}
		src := new(event.Source)
		b := &bulk{answer: answer, docs: []doc{{source: src}, {source: src}}}
		err := s.judge(b, 0, 2)
		done := 0
		for _, d := range b.docs {
			if d.done {
				done++
			}
		}
		l := &src.Ledger
		if counted := int(l[event.Indexed].Load() + l[event.Duplicate].Load() + l[event.Dead].Load()); counted != done {
			t.Errorf("%d documents are done, %d counted", done, counted)
		}
		if err == nil && done+len(b.letters) != 2 {
			t.Errorf("no error, and only %d verdicts: %q", done+len(b.letters), answer)
		}
	})
}
