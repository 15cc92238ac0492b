package pipeline

import (
	"bytes"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
)

// TestHeldByTheRule plays lines of traces through two workers and three pipelines, of which one does not hold, and compares documents,
// acknowledged positions, ledgers and counts with the model. Memory suffices.
func TestHeldByTheRule(t *testing.T) {
	all := 0
	for seed := range uint64(16) {
		output := []string{"console", "local"}[seed%2] // one worker, and as many as cores
		synctest.Test(t, func(t *testing.T) {
			p := newPlay(t, seed, output, "2MiB")
			p.start()
			for range 60 {
				p.some(p.random.IntN(8))
				p.pass()
				p.committed()
			}
			p.settle()
			p.committed()
			want, counts := map[string]int{}, event.Counts{}
			for i, list := range p.files {
				for j, l := range list {
					counts[event.Read]++
					if l.out {
						want[fmt.Sprintf("%d/%d", i, j)] = 1
						counts[event.Indexed]++
					} else {
						counts[event.Dropped]++
					}
				}
			}
			if got := p.documents(); !maps.Equal(got, want) {
				t.Errorf("seed %d: %d documents, want %d", seed, len(got), len(want))
			}
			var got event.Counts
			for _, src := range p.sources {
				for v, n := range src.Ledger.Snapshot() {
					got[v] += n
				}
			}
			if got != counts {
				t.Errorf("seed %d: the ledger is %v, want %v", seed, got, counts)
			}
			late, dropped := int64(0), int64(0)
			for _, h := range p.agent.held[:2] {
				s := h.status()
				late, dropped = late+s.Late, dropped+s.Dropped
				if s.Waiting != 0 || s.Bytes != 0 || s.Early != 0 {
					t.Errorf("seed %d: %+v at the end", seed, s)
				}
			}
			if late != int64(p.late) || dropped != counts[event.Dropped] || dropped == 0 {
				t.Errorf("seed %d: %d late and %d dropped, want %d and %d", seed, late, dropped, p.late, counts[event.Dropped])
			}
			all += p.late
			p.stop(true)
		})
	}
	if all == 0 {
		t.Error("no trace was ever late")
	}
}

// TestHeldOverRestarts ends the workers again and again, as a kill does, once checkpoints were taken: everything that the rule keeps when
// nobody dies is there.
func TestHeldOverRestarts(t *testing.T) {
	for seed := range uint64(16) {
		output := []string{"console", "local"}[seed%2] // one worker, and as many as cores
		synctest.Test(t, func(t *testing.T) {
			p := newPlay(t, 100+seed, output, "2MiB")
			p.start()
			for range 60 {
				p.some(p.random.IntN(8))
				p.pass()
				if p.random.IntN(6) == 0 {
					p.restart()
				}
			}
			p.settle()
			got := p.documents()
			for i, list := range p.files {
				for j, l := range list {
					if l.out && got[fmt.Sprintf("%d/%d", i, j)] == 0 {
						t.Fatalf("seed %d: line %d of file %d, of trace %s, is lost", seed, j, i, l.trace)
					}
				}
				if src := p.sources[i]; len(list) > 0 && src.Committed.Load() != list[len(list)-1].to {
					t.Errorf("seed %d: file %d is acknowledged to %d, want %d", seed, i, src.Committed.Load(), list[len(list)-1].to)
				}
			}
			p.stop(false)
		})
	}
}

// TestHeldInLittleMemory spends it: lines are let through early, nothing that the rule keeps is lost, and memory stays within its bound.
func TestHeldInLittleMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlay(t, 7, "console", "1MiB")
		p.start()
		for range 25 {
			p.some(400)
			for _, h := range p.agent.held[:2] {
				if used := h.pool.Used(); used > 1<<20 {
					t.Fatalf("%d bytes are used", used)
				}
			}
			p.pass()
		}
		p.settle()
		got, early := p.documents(), int64(0)
		for _, h := range p.agent.held[:2] {
			early += h.status().Early
		}
		for i, list := range p.files {
			for j, l := range list {
				if n := got[fmt.Sprintf("%d/%d", i, j)]; n > 1 || l.out && n == 0 {
					t.Fatalf("line %d of file %d is there %d times", j, i, n)
				}
			}
			if src := p.sources[i]; src.Committed.Load() != list[len(list)-1].to || src.Ledger.InFlight() != 0 {
				t.Errorf("file %d: acknowledged to %d of %d, %d in flight", i, src.Committed.Load(), list[len(list)-1].to, src.Ledger.InFlight())
			}
		}
		if early == 0 {
			t.Error("memory was never spent")
		}
		p.stop(false)
	})
}

// TestFailedAsInTraces: a line tells hold that something failed when it tells a trace so.
func TestFailedAsInTraces(t *testing.T) {
	for line, want := range map[string]bool{
		`{"level":"error","msg":"m"}`: true, `{"level":"WARN","msg":"m"}`: false, `{"msg":"m"}`: false, `{"level":"fatal"}`: true,
		`{"level":"info","status":500}`: true, `{"level":"info","status":"503"}`: true, `{"level":"info","status":404}`: false, `{"http":{"response":{"status_code":502}}}`: true,
		`{"http.status_code":500}`: true, `{"level":"info","status":"5xx"}`: false, `{"level":"info","status":"failed"}`: false,
		`{"level":"error","error":false}`: false, `{"level":"info","error":true}`: true, `{"level":"info","error":"timeout"}`: false, `{"error":"timeout"}`: true,
		`{"level":"info","event.outcome":"failure"}`: true, `{"level":"error","event":{"outcome":"success"}}`: false, `{"outcome":"OK","level":"error"}`: false,
		`{"level":"info","grpc.code":"Unavailable"}`: true, `{"level":"info","grpc.code":"NotFound"}`: false, `{"level":"info","rpc":{"grpc":{"status_code":13}}}`: true,
		`{"level":"info","grpc.code":"DEADLINE_EXCEEDED"}`: true, `{"level":"info","otel.status_code":"STATUS_CODE_ERROR"}`: true, `{"level":"info","tags":{"error":"true"}}`: true,
	} {
		line = `{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","duration_ms":5,` + line[1:]
		cfg, err := config.Parse("t.yaml", []byte("pipelines: [{name: a, format: json, hold: {}}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		trial, err := NewTrial(cfg, 0)
		if err != nil {
			t.Fatal(err)
		}
		doc := trial.AppendEvent(nil, []byte(line), 0, time.Unix(1, 0))
		if got := trial.ev.Failed(); got != want {
			t.Errorf("%s: %v, want %v", line, got, want)
		}
		reader := trace.Reader{}
		if rec, ok, err := reader.Read("id", bytes.TrimSpace(doc)); !ok || err != nil || rec.Span.Failed != want {
			t.Errorf("%s: a trace says %v, want %v; %v", line, rec.Span.Failed, want, err)
		}
	}
}

// TestHeldWhileNothingIsRead: time in which nothing is read, as while Elasticsearch is away, does not count.
func TestHeldWhileNothingIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlay(t, 1, "console", "2MiB")
		p.start()
		var goesOn atomic.Bool
		at := time.Now()
		p.agent.read.caught = func() time.Time {
			if goesOn.Load() {
				return time.Now()
			}
			return at
		}
		const trace = "4bf92f3577b34da6a30000000000ffff" // in no share
		p.files[0] = []played{{trace: trace}}
		p.files[0][0].to = int64(len(p.line(0, 0, &played{trace: trace, to: 1})))
		p.read(0)
		time.Sleep(time.Minute)
		synctest.Wait()
		if n := p.agent.held[0].status().Waiting; n != 1 {
			t.Fatalf("%d lines wait, want one", n)
		}
		p.files[1] = []played{{trace: trace, telling: true}}
		p.files[1][0].to = int64(len(p.line(1, 0, &played{trace: trace, telling: true, to: 1})))
		p.read(1)
		goesOn.Store(true)
		time.Sleep(time.Second)
		synctest.Wait()
		if got := p.documents(); len(got) != 2 || p.agent.held[0].status().Waiting != 0 {
			t.Errorf("%v, want both", got)
		}
		p.stop(false)
	})
}
