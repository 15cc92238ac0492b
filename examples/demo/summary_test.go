package main

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// made is a document that ended so many milliseconds after a fixed moment and took so many.
func made(service, trace string, end, took int, failed bool) *document {
	return &document{service: service, trace: trace, time: time.Unix(1_800_000_000, 0).Add(time.Duration(end) * time.Millisecond),
		duration: time.Duration(took) * time.Millisecond, timed: took > 0, failed: failed, path: service, text: service,
		offset: trace + time.Duration(end).String()}
}

func TestRows(t *testing.T) {
	ms := time.Millisecond
	var s summary
	for i := 1; i <= 100; i++ {
		s.add(made("edge", "", i, i, i > 98))
	}
	s.add(made("other", "", 1, 0, false))
	s.add(made("checkout", "", 1, 7, true))
	want := []serviceRow{
		{"edge", 100, 2, 50 * ms, 95 * ms, 100 * ms},
		{"checkout", 1, 1, 7 * ms, 7 * ms, 7 * ms},
		{"payments", 0, 0, 0, 0, 0},
		{"other", 1, 0, 0, 0, 0},
	}
	if diff := cmp.Diff(want, s.rows(services), cmp.AllowUnexported(serviceRow{})); diff != "" {
		t.Error(diff)
	}
}

func TestPercentile(t *testing.T) {
	for _, test := range []struct {
		values []time.Duration
		p      int
		want   time.Duration
	}{
		{nil, 50, 0}, {[]time.Duration{3}, 50, 3}, {[]time.Duration{1, 2}, 50, 1}, {[]time.Duration{1, 2}, 51, 2},
		{[]time.Duration{1, 2, 3, 4}, 95, 4}, {[]time.Duration{1, 2, 3}, 0, 1}, {[]time.Duration{1, 2, 3}, 100, 3},
	} {
		if got := percentile(test.values, test.p); got != test.want {
			t.Errorf("%v, %d: %v, want %v", test.values, test.p, got, test.want)
		}
	}
}

func TestSlowest(t *testing.T) {
	var s summary
	if s.slowest() != nil {
		t.Error("a trace out of nothing")
	}
	s.add(made("alone", "", 9000, 9000, false)) // no id: no trace
	s.add(made("note", "b", 480, 0, false))     // no duration, yet a line of the trace
	s.add(made("payments", "b", 490, 400, true))
	s.add(made("edge", "a", 300, 300, false))
	s.add(made("bank", "b", 400, 310, false)) // began with payments
	s.add(made("checkout", "b", 495, 450, false))
	s.add(made("edge", "b", 500, 500, false))
	var order []string
	for _, d := range s.slowest() {
		order = append(order, d.service)
	}
	if got := strings.Join(order, " "); got != "edge checkout payments bank note" {
		t.Error(got)
	}
}

func TestLineTwice(t *testing.T) {
	var s summary
	s.add(made("edge", "a", 1, 1, false))
	s.add(made("edge", "a", 2, 1, false))
	s.add(made("edge", "a", 1, 1, false))
	if s.twice != 1 || len(s.documents) != 3 {
		t.Error(s.twice, len(s.documents))
	}
}
