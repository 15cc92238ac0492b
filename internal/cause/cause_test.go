package cause

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/search"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// call is a span of a made-up request.
type call struct {
	service, name, host string
	self                time.Duration // before its children
	failed              bool
	off                 time.Duration // the caller does not wait any longer for it; 0: to its end
	calls               []*call
	peer                string
}

// world makes documents of requests.
type world struct {
	t    *testing.T
	rng  *rand.Rand
	docs [][]byte
	id   int
}

func newWorld(t *testing.T) *world { return &world{t: t, rng: rand.New(rand.NewPCG(1, 2))} }

func (w *world) doc(at time.Time, members map[string]any) {
	members["@timestamp"] = at.UTC().Format(time.RFC3339Nano)
	text, err := json.Marshal(members)
	if err != nil {
		w.t.Fatal(err)
	}
	w.docs = append(w.docs, text)
}

func (w *world) span() string { w.id++; return fmt.Sprintf("%016x", w.id) }

// request writes the lines of a request that begins at a time, and returns how long it took.
func (w *world) request(at time.Time, c *call) time.Duration {
	w.id++
	return w.call(at, fmt.Sprintf("%032x", w.id), "", c)
}

func (w *world) call(at time.Time, trace, parent string, c *call) time.Duration {
	id, end := w.span(), at.Add(c.self)
	for _, child := range c.calls {
		took := w.call(end, trace, id, child)
		if child.off > 0 {
			took = child.off
		}
		end = end.Add(took)
	}
	level, outcome := "info", "success"
	if c.failed {
		level, outcome = "error", "failure"
	}
	w.doc(end, map[string]any{"trace.id": trace, "span.id": id, "parent.id": parent, "service.name": c.service, "host.name": c.host, "span.name": c.name,
		"event.duration": end.Sub(at).Nanoseconds(), "log.level": level, "event.outcome": outcome, "message": c.name + " done", "peer.service": c.peer})
	return end.Sub(at)
}

// about is a time that varies by a half.
func (w *world) about(d time.Duration) time.Duration {
	return d/2 + time.Duration(w.rng.Int64N(int64(d)))
}

// usual is a request as they are: gate → shop → bank and stock, each on two hosts; one in a hundred fails at the bank.
func (w *world) usual() (gate, shop, bank, stock *call) {
	host := func(name string) string { return fmt.Sprint(name, 1+w.rng.IntN(2)) }
	bank = &call{service: "bank", name: "transfer", host: host("b"), self: w.about(4 * time.Millisecond), failed: w.rng.IntN(100) == 0}
	stock = &call{service: "stock", name: "reserve", host: host("s"), self: w.about(3 * time.Millisecond)}
	shop = &call{service: "shop", name: "order", host: host("f"), self: w.about(2 * time.Millisecond), failed: bank.failed, calls: []*call{stock, bank}}
	gate = &call{service: "gate", name: "POST /orders", host: "g1", self: w.about(time.Millisecond), failed: bank.failed, calls: []*call{shop}}
	return gate, shop, bank, stock
}

// fill writes a request a second from 10 minutes before noon to 10 minutes behind; change has a hand in those that begin at bad or later.
func (w *world) fill(bad time.Time, change func(at time.Time, gate, shop, bank, stock *call)) {
	for at := noon.Add(-10 * time.Minute); at.Before(noon.Add(10 * time.Minute)); at = at.Add(time.Second) {
		gate, shop, bank, stock := w.usual()
		if change != nil && !at.Before(bad) {
			change(at, gate, shop, bank, stock)
		}
		w.request(at, gate)
	}
}

// report asks what changed at a time.
func (w *world) report(at time.Time, service string) Report {
	w.t.Helper()
	s := NewStudy(Options{At: at, Window: 10 * time.Minute, Service: service})
	all, complete, err := search.ReadTraces(s.From(), s.To(), func(visit search.Visit) error {
		for i, doc := range w.docs {
			s.Document(fmt.Sprint(i), doc, 1)
			if err := visit(fmt.Sprint(i), doc); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	s.Traces(all, complete)
	r, err := s.Report()
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// names are the causes, as KIND NAME.
func names(r Report) (all []string) {
	for i := range r.Causes {
		all = append(all, string(r.Causes[i].Kind)+" "+r.Causes[i].Name())
	}
	return all
}

func fails(calls ...*call) {
	for _, c := range calls {
		c.failed = true
	}
}

// TestCauses: what was changed stands first, and what is only a consequence does not stand there at all, or behind it.
func TestCauses(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(w *world, at time.Time, gate, shop, bank, stock *call)
		always bool // it is asked about all requests, not only those behind noon
		once   func(w *world)
		want   string   // the first
		not    []string // what must not be named
	}{
		{name: "nothing", want: ""},
		{name: "a slow dependency", want: "slow bank transfer", not: []string{"slow shop order", "slow gate POST /orders"},
			change: func(w *world, _ time.Time, _, _, bank, _ *call) { bank.self *= 3 }},
		{name: "one in four is slow", want: "slow stock reserve", not: []string{"slow shop order"},
			change: func(w *world, _ time.Time, _, _, _, stock *call) {
				if w.rng.IntN(4) == 0 {
					stock.self *= 10
				}
			}},
		{name: "slow by another name", want: "slow bank transfer answered late", not: []string{"slow shop order"}, always: true,
			change: func(w *world, at time.Time, _, _, bank, _ *call) {
				if late := w.rng.IntN(30); late == 0 || late < 8 && !at.Before(noon) {
					bank.name, bank.self = "transfer answered late", 20*bank.self
				}
			}},
		{name: "one outlier", want: "", once: func(w *world) {
			gate, _, bank, _ := w.usual()
			bank.self = 20 * time.Second
			w.request(noon.Add(time.Minute), gate)
		}},
		{name: "a burst of errors", want: "errors stock reserve", not: []string{"errors shop order", "errors gate POST /orders"},
			change: func(w *world, _ time.Time, gate, shop, _, stock *call) {
				if w.rng.IntN(5) == 0 {
					fails(gate, shop, stock)
				}
			}},
		{name: "errors on one host", want: "host bank on b2",
			change: func(w *world, _ time.Time, gate, shop, bank, _ *call) {
				if bank.host == "b2" && w.rng.IntN(3) == 0 {
					fails(gate, shop, bank)
				}
			}},
		{name: "slow on one host", want: "host stock on s1",
			change: func(w *world, _ time.Time, _, _, _, stock *call) {
				if stock.host == "s1" {
					stock.self *= 3
				}
			}},
		{name: "a sick host", want: "host all on n1", always: true,
			change: func(w *world, at time.Time, _, _, bank, stock *call) {
				bank.host, stock.host = "n"+bank.host[1:], "n"+stock.host[1:]
				for _, c := range []*call{bank, stock} {
					if c.host == "n1" && !at.Before(noon) {
						c.self *= 3
					}
				}
			}},
		{name: "a bad deploy on one host", want: "deploy bank on b1",
			change: func(w *world, _ time.Time, gate, shop, bank, _ *call) {
				if bank.host == "b1" && w.rng.IntN(3) == 0 {
					fails(gate, shop, bank)
				}
			},
			once: func(w *world) {
				w.doc(noon, map[string]any{"service.name": "bank", "host.name": "b1", "message": "Starting BankApplication v2.1.0 using Java 21"})
			}},
		{name: "a bad deploy everywhere", want: "deploy stock on s1, s2",
			change: func(w *world, _ time.Time, _, _, _, stock *call) { stock.self *= 4 },
			once: func(w *world) {
				for i, host := range []string{"s1", "s2"} {
					w.doc(noon.Add(-5*time.Minute), map[string]any{"service.name": "stock", "host.name": host, "service.version": "1.0", "message": "stock counted"})
					w.doc(noon.Add(time.Duration(i)*time.Second), map[string]any{"service.name": "stock", "host.name": host, "service.version": "1.1", "message": "stock counted"})
				}
			}},
		{name: "a deploy of somebody else", want: "slow bank transfer",
			change: func(w *world, _ time.Time, _, _, bank, _ *call) { bank.self *= 3 },
			once: func(w *world) {
				w.doc(noon, map[string]any{"service.name": "stock", "host.name": "s1", "message": "starting stock version 3.0"})
			}},
		{name: "a deploy long before", want: "slow bank transfer",
			change: func(w *world, _ time.Time, _, _, bank, _ *call) { bank.self *= 3 },
			once: func(w *world) {
				for _, host := range []string{"b1", "b2"} {
					w.doc(noon.Add(-8*time.Minute), map[string]any{"service.name": "bank", "host.name": host, "message": "starting bank version 3.0"})
				}
			}},
		{name: "giving up too early, and again", want: "retries bank transfer",
			always: true, change: func(w *world, at time.Time, _, shop, bank, stock *call) { // the bank is called through a client's span
				client := func(gaveUp bool) *call {
					inner := *bank
					inner.name, inner.failed = "serve transfer", false
					c := &call{service: "bank", name: "transfer", host: shop.host, calls: []*call{&inner}, failed: gaveUp}
					if gaveUp {
						inner.off = time.Millisecond
					}
					return c
				}
				shop.calls = []*call{stock, client(false)}
				if !at.Before(noon) {
					shop.calls = []*call{stock, client(true), client(true), client(false)}
				}
			}},
		{name: "failing, and again", want: "errors bank transfer",
			change: func(w *world, _ time.Time, gate, shop, bank, stock *call) {
				if w.rng.IntN(2) == 0 {
					fails(bank)
					again := *bank
					again.failed = false
					shop.failed, gate.failed = false, false
					shop.calls = []*call{stock, bank, bank, &again}
				}
			}},
		{name: "failing because the called is slow", want: "slow bank transfer", not: []string{"errors bank transfer"},
			change: func(w *world, _ time.Time, gate, shop, bank, _ *call) {
				bank.self, bank.off, bank.failed = 500*time.Millisecond, 100*time.Millisecond, false
				fails(gate, shop)
			}},
		{name: "a new query for each item", want: "calls stock reserve",
			change: func(w *world, _ time.Time, _, shop, bank, stock *call) {
				shop.calls = []*call{stock, stock, stock, stock, bank}
			}},
		{name: "a service that is gone", want: "silent bank", not: []string{"errors gate POST /orders"},
			always: true, change: func(_ *world, at time.Time, gate, shop, bank, stock *call) {
				client := &call{service: "shop", name: "ask bank", host: shop.host, peer: "bank", calls: []*call{bank}}
				if !at.Before(noon) {
					client.calls = nil
					fails(gate, shop, client)
				}
				shop.calls = []*call{stock, client}
			}},
		{name: "not called any more", want: "errors stock reserve",
			change: func(_ *world, _ time.Time, gate, shop, _, stock *call) {
				shop.calls = []*call{stock}
				fails(gate, shop, stock)
			}},
		{name: "more requests", want: "load all", once: func(w *world) {
			for i := range 1200 {
				gate, _, _, _ := w.usual()
				w.request(noon.Add(time.Duration(i)*time.Second/2), gate)
			}
		}},
		{name: "an operation by another name", want: "template stock",
			change: func(w *world, _ time.Time, _, _, _, stock *call) { stock.name = "reserve item" }},
		{name: "only lines", want: "template cron", once: func(w *world) {
			for i := range 200 {
				w.doc(noon.Add(time.Duration(i-100)*3*time.Second), map[string]any{"service.name": "cron", "message": fmt.Sprintf("job %d done", i)})
				if i >= 100 {
					w.doc(noon.Add(time.Duration(i-100)*3*time.Second), map[string]any{"service.name": "cron", "log.level": "error", "message": fmt.Sprintf("disk full: cannot write report %d", i)})
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.fill(noon.Add(-time.Hour), func(at time.Time, gate, shop, bank, stock *call) {
				if c.change != nil && (c.always || !at.Before(noon)) {
					c.change(w, at, gate, shop, bank, stock)
				}
			})
			if c.once != nil {
				c.once(w)
			}
			r := w.report(noon, "")
			got := append(names(r), "")
			if got[0] != c.want {
				t.Errorf("%q is first, not %q; all: %s\n%s", got[0], c.want, strings.Join(got, "; "), r.Draw(false))
			}
			for _, name := range got {
				for _, not := range c.not {
					if name == not {
						t.Errorf("%s is named, which is a consequence: %s", name, strings.Join(got, "; "))
					}
				}
			}
		})
	}
}

// TestOffTheMark: who asks may be wrong about the time by half of the window; the numbers are those of the right one.
func TestOffTheMark(t *testing.T) {
	for _, off := range []time.Duration{-5 * time.Minute, -time.Minute, 0, 2 * time.Minute, 5 * time.Minute} {
		w := newWorld(t)
		w.fill(noon, func(_ time.Time, _, _, bank, _ *call) { bank.self *= 3 })
		r := w.report(noon.Add(off), "")
		if len(r.Causes) == 0 || names(r)[0] != "slow bank transfer" {
			t.Fatalf("off by %s: %v", off, names(r))
		}
		c := r.Causes[0]
		if wrong := c.Since.Sub(noon).Abs(); wrong > 15*time.Second {
			t.Errorf("off by %s: it began at %s", off, c.Since)
		}
		if ratio := c.Measures[1].After / c.Measures[1].Before; ratio < 2.7 || ratio > 3.3 {
			t.Errorf("off by %s: %.2f times as long, not 3 times", off, ratio)
		}
		if len(c.Traces) != maxExamples || c.Measures[1].Of[0]+c.Measures[1].Of[1] < 800 {
			t.Errorf("off by %s: %+v", off, c)
		}
	}
}

// TestLost: a fifth of all lines is missing, so that traces begin with whatever is left; the cause is the same, and scores are numbers.
func TestLost(t *testing.T) {
	w := newWorld(t)
	w.fill(noon, func(_ time.Time, _, _, bank, _ *call) { bank.self *= 3 })
	w.docs = slices.DeleteFunc(w.docs, func([]byte) bool { return w.rng.IntN(5) == 0 })
	r := w.report(noon, "")
	if len(r.Causes) == 0 || r.Causes[0].Kind != Slow || r.Causes[0].Name() != "bank transfer" {
		t.Errorf("%v", names(r))
	}
	for _, c := range r.Causes {
		if !(c.Score > 0 && c.Score <= 1) {
			t.Errorf("%+v", c)
		}
	}
}

// TestBeginning: when nothing is known of most of the time before, nobody says that there is more of everything now.
func TestBeginning(t *testing.T) {
	w := newWorld(t)
	for at := noon.Add(-2 * time.Minute); at.Before(noon.Add(8 * time.Minute)); at = at.Add(time.Second) {
		gate, _, bank, _ := w.usual()
		if !at.Before(noon) {
			bank.self *= 3
		}
		w.request(at, gate)
	}
	if got := names(w.report(noon, "")); len(got) != 1 || got[0] != "slow bank transfer" {
		t.Errorf("%v", got)
	}
}

// TestService: what a service has nothing to do with is not named.
func TestService(t *testing.T) {
	w := newWorld(t)
	w.fill(noon, func(_ time.Time, _, _, bank, _ *call) { bank.self *= 3 })
	for service, want := range map[string]string{"bank": "slow bank transfer", "shop": "slow bank transfer", "gate": "slow bank transfer", "stock": ""} {
		r := w.report(noon, service)
		if got := append(names(r), ""); got[0] != want {
			t.Errorf("%s: %v", service, got)
		}
		if r.Service != service || r.Traces.Before.Count < 590 {
			t.Errorf("%s: %+v", service, r.Traces)
		}
	}
}

// TestAlerts: findings stand beside the causes and are no lines of a service.
func TestAlerts(t *testing.T) {
	w := newWorld(t)
	for i := range 30 {
		w.doc(noon.Add(time.Duration(i)*time.Second), map[string]any{"event.kind": "alert", "rule.name": "error rate", "service.name": "bank", "message": fmt.Sprint("errors grew ", i)})
	}
	w.doc(noon.Add(time.Minute), map[string]any{"event.kind": "alert", "event.action": "resolved", "rule.name": "error rate", "message": "it is over"})
	w.doc(noon.Add(time.Minute), map[string]any{"event.kind": "alert", "event.action": "opened", "event.start": noon.Add(-time.Hour).Format(time.RFC3339), "message": "it was before"})
	r := w.report(noon, "")
	if len(r.Alerts) != maxAlerts || r.Alerts[0].Message != "errors grew 29" || r.Alerts[0].Rule != "error rate" || len(r.Causes) != 0 || r.Documents.After != 0 {
		t.Errorf("%+v", r)
	}
}

// TestBounds: more operations, templates and hosts than are told apart are warned of, and what is among the others is found.
func TestBounds(t *testing.T) {
	w := newWorld(t)
	w.fill(noon, func(_ time.Time, _, _, bank, _ *call) { bank.self *= 3 })
	var names, texts int
	for at := noon.Add(-time.Minute); names <= maxOperations; at = at.Add(10 * time.Millisecond) {
		names++
		w.request(at, &call{service: "odd", name: fmt.Sprint("op", names), host: fmt.Sprint("host", names), self: time.Millisecond})
	}
	for texts <= maxTemplates {
		texts++
		w.doc(noon, map[string]any{"service.name": fmt.Sprint("service", texts), "message": "words"})
	}
	r := w.report(noon, "")
	for _, want := range []string{"more than 5000 operations", "none of the 4096 templates"} {
		if !strings.Contains(strings.Join(r.Warnings, "; "), want) {
			t.Errorf("it does not warn of %q: %q", want, r.Warnings)
		}
	}
	if len(r.Causes) == 0 || r.Causes[0].Name() != "bank transfer" || len(r.Causes) > maxCauses {
		t.Errorf("%s", r.Draw(false))
	}
}

// TestNothingThere: no documents, or no time to compare, is no cause.
func TestNothingThere(t *testing.T) {
	w := newWorld(t)
	if r := w.report(noon, ""); len(r.Causes) != 0 || !strings.Contains(r.Draw(true), "nothing changed") {
		t.Errorf("%+v", r)
	}
	if _, err := NewStudy(Options{At: noon}).Report(); err == nil {
		t.Error("a window of 0 is not refused")
	}
}

func TestStartedAs(t *testing.T) {
	for message, want := range map[string]string{
		"starting payments version 1.4.2": "1.4.2", "Starting ShopApplication v2.0.1 using Java 21": "2.0.1", "booting release 2026-03-01.": "2026-03-01",
		"server started, version=3.1.0-rc.1+abc": "3.1.0-rc.1+abc", `deployed build "517"`: "517", "Launching gate v1": "1",
		"restarted version": "", "started in 2.1 seconds": "", "starting": "", "a version 3 of it": "", "start" + strings.Repeat(" ", 200) + "v1": "",
	} {
		got, ok := startedAs(message)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q %t", message, got, ok)
		}
	}
}

// TestChanges: what says that it is another version is a deploy; what says one thing and another by turns is not.
func TestChanges(t *testing.T) {
	var v versions
	minute := int64(time.Minute)
	add := func(service, host string, at int64, version string, started bool) {
		v.add(&fields{service: service, host: host, at: at}, version, started)
	}
	for i := range int64(20) {
		add("turns", "a", i*minute, fmt.Sprint("v", i%2), false)
		add("same", "a", i*minute, "1.0", false)
		add("other", "a", i*minute, map[bool]string{true: "1.1", false: "1.0"}[i >= 12], false)
		add("other", "b", i*minute, map[bool]string{true: "1.1", false: "1.0"}[i >= 10], false)
	}
	add("same", "b", 5*minute, "1.0", true)
	add("same", "b", 5*minute+1, "1.0", false)
	add("other", "c", 11*minute, "1.1", true)
	var got []string
	for _, c := range v.changes(minute / 2) {
		got = append(got, fmt.Sprintf("%s %d: %s", c.service, c.at/minute, c.String()))
	}
	want := "same 5: was started as 1.0 on b, other 10: 1.0 became 1.1 on a, b, c"
	if strings.Join(got, ", ") != want {
		t.Errorf("%s", strings.Join(got, ", "))
	}
}

// FuzzDocument: whatever documents are, the report can be made, drawn and written, without anything that a terminal obeys.
func FuzzDocument(f *testing.F) {
	f.Add([]byte(`{"@timestamp":"2026-03-01T12:00:01Z","message":"starting x version 1","service.name":"a","host.name":"b","event.duration":5}`), []byte(`{}`))
	f.Add([]byte(`{"@timestamp":"2026-03-01T12:00:01Z","trace.id":"1","span.id":"1","parent.id":"1","event.duration":9,"span.name":"\u001b[31m"}`),
		[]byte(`{"@timestamp":"2026-03-01T11:59:01Z","trace.id":"1","span.id":"2","parent.id":"1","event.duration":9e99,"event.kind":"alert","rule.name":"\u202e"}`))
	f.Add([]byte(`{"@timestamp":"2026-03-01T12:00:01Z","log.template.id":"\u0000","message":"\u001b]0;x","container.image.name":"a/b:1"}`), []byte(`[`))
	f.Fuzz(func(t *testing.T, one, other []byte) {
		w := &world{t: t, docs: [][]byte{one, other, one, one, one, one}}
		s := NewStudy(Options{At: noon, Window: 10 * time.Minute})
		all, complete, _ := search.ReadTraces(s.From(), s.To(), func(visit search.Visit) error {
			for i, doc := range w.docs {
				s.Document(fmt.Sprint(i), doc, 1)
				_ = visit(fmt.Sprint(i), doc) // what is no document
			}
			return nil
		})
		s.Traces(all, complete)
		r, err := s.Report()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := json.Marshal(r); err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Draw(false) {
			if c < ' ' && c != '\n' || c == 0x7f || c == '\u202e' {
				t.Fatalf("%q", r.Draw(false))
			}
		}
		for i := range r.Causes {
			if c := &r.Causes[i]; !(c.Score >= 0 && c.Score <= 1) {
				t.Fatalf("%+v", c)
			}
		}
	})
}
