package workload

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Record is what a shipper must find in one line.
type Record struct {
	Seq              int64 // from 0, one more each line
	Time             time.Time
	Duration         time.Duration
	Status           int
	TraceHi, TraceLo uint64
	Span             uint64 // 0: the shape has none
}

// Tally sums records up, so that two sides can compare a million of them in any order. Sums wrap around.
type Tally struct {
	Lines       int64         `json:"lines"`
	SumDuration int64         `json:"sum_duration_ns"`
	SumTime     uint64        `json:"sum_unix_ns,string"` // text: more digits than some JSON readers keep
	ByStatus    map[int]int64 `json:"by_status"`
	XorTraceHi  ID            `json:"xor_trace_hi"`
	XorTraceLo  ID            `json:"xor_trace_lo"`
	XorSpan     ID            `json:"xor_span"`
}

// Add counts one record.
func (t *Tally) Add(r Record) {
	if t.ByStatus == nil {
		t.ByStatus = map[int]int64{}
	}
	t.Lines++
	t.SumDuration += int64(r.Duration)
	t.SumTime += uint64(r.Time.UnixNano())
	t.ByStatus[r.Status]++
	t.XorTraceHi ^= ID(r.TraceHi)
	t.XorTraceLo ^= ID(r.TraceLo)
	t.XorSpan ^= ID(r.Span)
}

// Differences says, one sentence each, in what got is not t.
func (t *Tally) Differences(got *Tally) []string {
	var all []string
	note := func(what string, want, got any) {
		if want != got {
			all = append(all, fmt.Sprintf("%s: want %v, got %v", what, want, got))
		}
	}
	note("lines", t.Lines, got.Lines)
	note("sum of durations (ns)", t.SumDuration, got.SumDuration)
	note("sum of timestamps (ns)", t.SumTime, got.SumTime)
	note("xor of trace ids, first half", t.XorTraceHi, got.XorTraceHi)
	note("xor of trace ids, second half", t.XorTraceLo, got.XorTraceLo)
	note("xor of span ids", t.XorSpan, got.XorSpan)
	for _, status := range statusesOf(t, got) {
		note("status "+strconv.Itoa(status), t.ByStatus[status], got.ByStatus[status])
	}
	return all
}

func statusesOf(a, b *Tally) []int {
	var all []int
	for _, t := range []*Tally{a, b} {
		for status := range t.ByStatus {
			all = append(all, status)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Facts is what a generated file holds.
type Facts struct {
	Shape string `json:"shape"`
	Seed  uint64 `json:"seed"`
	Bytes int64  `json:"bytes"`
	Tally
}

// ID is 64 bits that stand in JSON as 16 hexadecimal digits.
type ID uint64

// String returns the 16 digits.
func (id ID) String() string { return fmt.Sprintf("%016x", uint64(id)) }

// MarshalText implements encoding.TextMarshaler.
func (id ID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (id *ID) UnmarshalText(text []byte) error {
	v, err := strconv.ParseUint(string(text), 16, 64)
	*id = ID(v)
	return err
}
