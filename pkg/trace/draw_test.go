package trace

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/tailspan/tailspan/pkg/event"
)

var update = flag.Bool("update", false, "write the golden files anew; look at every one of them")

// checkDrawing holds a drawing to what a terminal needs: no line wider than it is, nothing that moves the cursor.
func checkDrawing(t testing.TB, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if n := columns.StringWidth(line); n > width {
			t.Fatalf("%d columns of %d: %s", n, width, line)
		}
		for _, r := range line {
			if !unicode.IsPrint(r) {
				t.Fatalf("%U in %q", r, line)
			}
		}
	}
}

func goldenTraces() map[string]*Trace {
	logs := func(s *event.Span) {
		s.Logs = []event.SpanLog{{Time: at(20), Message: "retrying the bank"}, {Time: at(25), Attributes: []event.Attribute{{Name: "event", Value: "timeout"}}}}
	}
	hostile := func(s *event.Span) {
		s.Service, s.Name = "\x1b[2J\r\nevil\u202e", "漢字の名前がとても長い操作で端末の幅を超えるもの GET /x"
		s.Reason = "a\tb\x07"
	}
	return map[string]*Trace{
		"shop": Assemble([]event.Span{span(1, 0, "gate", 0, 125, failed), span(2, 1, "checkout", 10, 105, failed, logs), span(3, 2, "payments", 30, 80, failed, host("x")),
			span(4, 3, "payments", 35, 20, host("x")), span(5, 3, "bank", 60, 50, failed, host("x")), span(6, 2, "mail", 100, 90), span(7, 99, "orphan", 20, 3)},
			[]Log{{TraceID: traceA, Service: "cron", Host: "h", SpanLog: event.SpanLog{Time: at(3), Message: "a line of nobody's"}}}),
		"skew":    Assemble([]event.Span{span(1, 0, "gate", 0, 100), span(2, 1, "checkout", -400, 80, host("db-1"))}, nil),
		"hostile": Assemble([]event.Span{span(1, 0, "gate", 0, 0.5), span(2, 1, "x", 0.1, 0.2, failed, hostile)}, nil),
		"empty":   {ID: traceA, Logs: []Log{{SpanLog: event.SpanLog{Time: at(0), Message: "only this"}}}},
	}
}

// TestDraw compares drawings with golden files, which were checked by hand.
func TestDraw(t *testing.T) {
	for name, tr := range goldenTraces() {
		for _, how := range []Drawing{{Width: 60, Logs: true}, {Width: 100}, {Width: 100, Color: true}} {
			file := filepath.Join("testdata", name+map[bool]string{true: "-color", false: ""}[how.Color]+map[int]string{60: "-60", 100: "-100"}[how.Width]+".txt")
			got := Draw(tr, how)
			if !how.Color {
				checkDrawing(t, got, how.Width)
			}
			golden(t, file, got)
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s:\n%s\nwant\n%s", file, got, want)
	}
}

// TestColorSaysNothing: without its colours a coloured drawing is the plain one.
func TestColorSaysNothing(t *testing.T) {
	strip := strings.NewReplacer("\x1b[31m", "", "\x1b[33m", "", "\x1b[2m", "", "\x1b[1m", "", "\x1b[0m", "")
	for name, tr := range goldenTraces() {
		if got, want := strip.Replace(Draw(tr, Drawing{Width: 80, Color: true, Logs: true})), Draw(tr, Drawing{Width: 80, Logs: true}); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestEveryWidthFits draws random traces at all widths.
func TestEveryWidthFits(t *testing.T) {
	for width := 20; width < 200; width += 7 {
		tr := Assemble(randomTree(uint64(width), true, "a", "b").spans, nil)
		checkDrawing(t, Draw(tr, Drawing{Width: width, Logs: true}), max(width, minWidth))
		var s Stats
		s.Add(tr)
		checkDrawing(t, s.Draw(Drawing{Width: max(width, 100)}, time.Minute), max(width, 100))
	}
}

func TestFormatDuration(t *testing.T) {
	for ns, want := range map[int64]string{0: "0", 1: "1ns", 999: "999ns", 1000: "1µs", 1234: "1.23µs", 12345: "12.3µs", 123456: "123µs", 999_999: "1ms", 999_400: "999µs",
		1_000_000: "1ms", 99_949_000: "99.9ms", 99_950_000: "100ms", 1_500_000_000: "1.5s", 59_999_999_999: "1min", 59_900_000_000: "59.9s", 60_000_000_000: "1min",
		5_400_000_000_000: "1.5h", maxDuration: "8760h", -1500: "-1.5µs"} {
		if got := FormatDuration(ns); got != want {
			t.Errorf("%d: %s, want %s", ns, got, want)
		}
	}
}

func TestGraphs(t *testing.T) {
	var s Stats
	evil := func(sp *event.Span) { sp.Service = `a"b\n"]; x -->|<b>|` }
	s.Add(Assemble([]event.Span{span(1, 0, "gate", 0, 100), span(2, 1, "shop", 10, 80, failed), span(3, 2, "x", 20, 10, evil),
		span(4, 2, "shop", 40, 10, func(sp *event.Span) {
			sp.Kind = event.KindClient
			sp.Attributes = []event.Attribute{{Name: "db.system.name", Value: "mysql"}}
		})}, nil))
	golden(t, filepath.Join("testdata", "map.dot"), s.DOT(10*time.Second))
	golden(t, filepath.Join("testdata", "map.mermaid"), s.Mermaid(10*time.Second))
	golden(t, filepath.Join("testdata", "bottleneck.txt"), s.Draw(Drawing{Width: 100}, 10*time.Second))
}

func TestReport(t *testing.T) {
	var now, before []*Trace
	for i := range 10 {
		slow := float64(i)
		one := func(took float64, change ...func(*event.Span)) *Trace {
			s := span(1, 0, "gate", slow*1000, took, change...)
			s.TraceID = strings.Repeat(string(rune('a'+i%6)), 32)
			return Assemble([]event.Span{s}, nil)
		}
		before = append(before, one(100))
		if i == 3 {
			now = append(now, one(200, failed))
		} else {
			now = append(now, one(150+slow))
		}
	}
	golden(t, filepath.Join("testdata", "traces-slow.txt"), NewReport(now, before, Choice{Slow: true, Limit: 3}).Draw(Drawing{Width: 100}))
	if r := NewReport(now, before, Choice{Failed: true, Limit: 3}); r.Traces != 1 || len(r.List) != 1 || r.List[0].Change != 2 || r.List[0].Cause != "gate op1" {
		t.Errorf("%+v", r)
	}
	if r := NewReport(now, before[:4], Choice{Service: "gate", Limit: 3}); r.Operations[0].Change != 0 || r.Operations[0].P95 != 200e6 || r.Operations[0].P50 != 155e6 {
		t.Errorf("%+v", r.Operations)
	}
	if r := NewReport(now, before, Choice{Service: "other", Limit: 3}); r.Traces != 0 {
		t.Errorf("%+v", r)
	}
}

func TestQuantile(t *testing.T) {
	sorted := []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for p, want := range map[int]int64{0: 1, 10: 1, 11: 2, 50: 5, 95: 10, 99: 10, 100: 10} {
		if got := Quantile(sorted, p); got != want {
			t.Errorf("p%d: %d, want %d", p, got, want)
		}
	}
	if Quantile(nil, 50) != 0 {
		t.Error("of nothing")
	}
}
