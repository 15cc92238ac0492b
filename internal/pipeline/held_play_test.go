package pipeline

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/durable"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/ship/local"
)

const holdingText = `data_dir: state
host: {name: h}
pipelines:
  - {name: front, paths: [front.log], format: json, hold: {for: 9500ms, memory: %s, keep: {slower_than: 500ms, sample: 20%%}}}
  - {name: back, paths: [back.log], format: json, hold: {for: 9500ms, memory: %s, keep: {sample: 20%%}}}
  - {name: other, paths: [other.log], format: json}
output: {%s: {}}
`

// play is workers that hold lines, and what becomes of those by a model. Batches come on whole seconds, and what waits is decided between
// them, so that there is no doubt about what was first.
type play struct {
	t       *testing.T
	random  *rand.Rand
	dir     string
	cfg     *config.Config
	agent   *Agent
	ended   chan struct{}
	out     shared
	sources []*event.Source
	files   [][]played

	traces []string
	kept   map[string]bool
	gone   map[string]bool
	late   int
}

// played is a line of a file.
type played struct {
	from, to int64
	trace    string
	telling  bool
	read     time.Time // when; later ones are not read yet
	out      bool      // it has a document
	dropped  bool
}

func newPlay(t *testing.T, seed uint64, output, held string) *play {
	p := &play{t: t, random: rand.New(rand.NewPCG(seed, 1)), dir: t.TempDir(), kept: map[string]bool{}, gone: map[string]bool{}}
	p.cfg = configured(t, p.dir, map[string]string{"tailspan.yaml": fmt.Sprintf(holdingText, held, held, output)})
	if err := os.Mkdir(p.cfg.DataDir, 0o700); err != nil {
		t.Fatal(err)
	}
	p.files = make([][]played, 6)
	return p
}

// start makes workers that go on where the files are acknowledged.
func (p *play) start() {
	p.t.Helper()
	var err error
	if p.agent, err = prepare(p.cfg, false, &p.out, slog.New(slog.DiscardHandler)); err != nil {
		p.t.Fatal(err)
	}
	p.agent.tag()
	p.agent.read.caught = time.Now
	p.agent.remember(hold.Open(durable.OS{}, p.cfg.DataDir, slog.New(slog.DiscardHandler)))
	for _, out := range p.agent.opened {
		out.start(p.agent.sending)
	}
	p.ended = make(chan struct{})
	p.agent.reading.Add(len(p.agent.workers))
	for _, w := range p.agent.workers {
		go func() {
			if err := w.run(); err != nil {
				p.t.Error(err)
			}
			p.ended <- struct{}{}
		}()
	}
	before := p.sources
	p.sources = nil
	for i := range p.files {
		src := &event.Source{ID: uint64(i), Pipeline: i % 3}
		if before != nil {
			src.Committed.Store(before[i].Committed.Load())
		}
		p.sources = append(p.sources, src)
	}
}

// stop ends the workers; what is held stays unacknowledged, as it does when they are killed.
func (p *play) stop(rest bool) {
	for _, w := range p.agent.workers {
		w.held.rest = rest
	}
	close(p.agent.workers[0].in)
	for range p.agent.workers {
		<-p.ended
	}
	p.agent.closeOutputs()
	p.agent.endSending()
}

// grow appends lines to a file and has them read.
func (p *play) grow(file int) {
	list := p.files[file]
	for range 1 + p.random.IntN(5) {
		if len(p.traces) == 0 || p.random.IntN(6) == 0 {
			p.traces = append(p.traces, fmt.Sprintf("%016x%016x", p.random.Uint64(), p.random.Uint64()))
		}
		l := played{trace: p.traces[max(0, len(p.traces)-1-int(p.random.ExpFloat64()*8))]}
		if p.random.IntN(10) == 0 {
			l.trace = ""
		}
		text := p.line(file, len(list), &l)
		l.from = 0
		if n := len(list); n > 0 {
			l.from = list[n-1].to
		}
		l.to = l.from + int64(len(text))
		list = append(list, l)
	}
	p.files[file] = list
}

// line is the text of a line, the same whenever it is asked for once l says what it is.
func (p *play) line(file, n int, l *played) []byte {
	if l.to == 0 && l.trace != "" {
		l.telling = p.random.IntN(15) == 0
	}
	level, took := "info", 3
	if l.telling && (n%2 == 0 || file%3 != 0) {
		level = "error"
	} else if l.telling {
		took = 500
	}
	return fmt.Appendf(nil, `{"time":"2026-01-01T00:00:00Z","level":%q,"trace_id":%q,"msg":"%d/%d","duration_ms":%d}`+"\n", level, l.trace, file, n, took)
}

// read hands the lines of a file that were not read yet, in a batch or two, to its worker.
func (p *play) read(file int) {
	list, src := p.files[file], p.sources[file]
	first := slices.IndexFunc(list, func(l played) bool { return l.read.IsZero() })
	for first >= 0 && first < len(list) {
		last := min(len(list), first+1+p.random.IntN(len(list)-first))
		b := &event.Batch{Source: src, Path: "/log", Read: time.Now(), From: list[first].from, To: list[last-1].to}
		for i := first; i < last; i++ {
			text := p.line(file, i, &list[i])
			b.Lines = append(b.Lines, event.Line{Start: int32(len(b.Data)), End: int32(len(b.Data) + len(text) - 1), Offset: list[i].from})
			b.Data = append(b.Data, text...)
			list[i].read = time.Now()
			p.model(file, &list[i])
		}
		src.Count(event.Read, last-first)
		if err := p.agent.hand(context.Background(), b); err != nil {
			p.t.Fatal(err)
		}
		synctest.Wait()
		first = last
	}
}

// model decides about a line as far as it can be at once.
func (p *play) model(file int, l *played) {
	rule := hold.NewRule(hold.Keep{Sample: 0.2})
	switch {
	case file%3 == 2 || l.trace == "":
		l.out = true
	case l.telling:
		if p.gone[l.trace] && !p.kept[l.trace] {
			p.late++
		}
		l.out, p.kept[l.trace] = true, true
	case rule.Sampled([]byte(l.trace)) || p.kept[l.trace]:
		l.out = true
	case p.gone[l.trace]:
		l.dropped = true
	}
}

// pass lets a second pass: in the middle of it, what has waited long enough is decided.
func (p *play) pass() {
	time.Sleep(time.Second)
	synctest.Wait()
	for _, list := range p.files {
		for i := range list {
			l := &list[i]
			if l.read.IsZero() || l.out || l.dropped || time.Since(l.read) < 9500*time.Millisecond {
				continue
			}
			l.out = p.kept[l.trace]
			l.dropped = !l.out
			p.gone[l.trace] = p.gone[l.trace] || l.dropped
		}
	}
}

// some lets one file or another grow and be read, n times.
func (p *play) some(n int) {
	for range n {
		file := p.random.IntN(len(p.files))
		p.grow(file)
		p.read(file)
	}
}

// settle lets pass what it takes until nothing waits any more.
func (p *play) settle() {
	for range 11 {
		p.pass()
	}
}

// committed checks that no file is acknowledged beyond the first line that waits, nor less far.
func (p *play) committed() {
	p.t.Helper()
	for i, list := range p.files {
		want := int64(0)
		for j := range list {
			if l := &list[j]; !l.out && !l.dropped {
				break
			}
			want = list[j].to
		}
		if got := p.sources[i].Committed.Load(); got != want {
			p.t.Fatalf("file %d is acknowledged to %d, want %d", i, got, want)
		}
	}
	p.agent.marks.mu.Lock()
	defer p.agent.marks.mu.Unlock()
	for src, r := range p.agent.marks.ahead {
		waiting := 0
		for _, l := range p.files[src.ID] {
			if !l.read.IsZero() && !l.out && !l.dropped {
				waiting++
			}
		}
		if len(r.list) > waiting {
			p.t.Fatalf("%d ranges wait for %d lines", len(r.list), waiting)
		}
	}
}

// documents counts those that came, by the line that they are of.
func (p *play) documents() map[string]int {
	p.t.Helper()
	seen := map[string]int{}
	if p.cfg.Output.Local != nil {
		hits, err := local.NewReader(local.Dir(p.cfg.DataDir)).Search(p.t.Context(), local.Question{}, nil, 100_000)
		if err != nil {
			p.t.Fatal(err)
		}
		for _, h := range hits {
			var doc struct{ Message string }
			if err := json.Unmarshal([]byte(h.Document), &doc); err != nil {
				p.t.Fatal(err)
			}
			seen[doc.Message]++
		}
	}
	for decoder := json.NewDecoder(bytes.NewBufferString(p.out.String())); decoder.More(); {
		var doc struct{ Message string }
		if err := decoder.Decode(&doc); err != nil {
			p.t.Fatal(err)
		}
		seen[doc.Message]++
	}
	return seen
}

// restart takes what is acknowledged for the checkpoint, saves what must be saved before it, and lets new workers read what is behind it. Of
// those the model knows less: what was dropped is undecided again, and may be kept when a line of its trace still tells.
func (p *play) restart() {
	p.t.Helper()
	if err := p.agent.traces.Save(); err != nil {
		p.t.Fatal(err)
	}
	p.stop(false)
	p.agent.traces.Close()
	p.start()
	clear(p.gone)
	for i, list := range p.files {
		for j := range list {
			if l := &list[j]; l.from >= p.sources[i].Committed.Load() && !l.out {
				l.read, l.dropped = time.Time{}, false
			}
		}
		again := slices.IndexFunc(list, func(l played) bool { return l.from >= p.sources[i].Committed.Load() })
		for j := max(again, 0); again >= 0 && j < len(list); j++ {
			list[j].read = time.Time{}
		}
		p.read(i)
	}
}
