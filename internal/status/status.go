// Package status is what a running agent says of itself at one moment. /metrics, top and the support bundle show the same.
package status

import (
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
)

// Status is the agent at one moment. Totals are since its start, whatever configurations it has had since then.
type Status struct {
	Time      time.Time  `json:"time"`
	Reload    Reload     `json:"reload"`
	Pipelines []Pipeline `json:"pipelines"`
	Outputs   []Output   `json:"outputs"` // the primary one first
	Files     []File     `json:"files"`   // those being followed, in no order

	Detection  *Detection        `json:"detection,omitempty"`  // what was found unusual; nil when nothing is detected
	Operations *metrics.Snapshot `json:"operations,omitempty"` // what output.metrics has counted; nil without it
}

// Reload is what became of the configuration that was read last.
type Reload struct {
	Good bool      `json:"good"` // it was taken over, and not refused
	At   time.Time `json:"at"`   // when one was taken over
}

// Pipeline is all files of one pipeline.
type Pipeline struct {
	Name      string       `json:"name"`
	Lines     event.Counts `json:"lines"`     // by verdict
	Bytes     int64        `json:"bytes"`     // read
	Size      int64        `json:"size"`      // of its files
	Committed int64        `json:"committed"` // bytes of them that are acknowledged
	Lag       int64        `json:"lag"`       // bytes in its files that are not acknowledged
	Age       float64      `json:"age"`       // seconds since the oldest of those was seen
	Files     int          `json:"files"`     // being followed
	Truncated int64        `json:"truncated"`
	GivenUp   int64        `json:"given_up"` // deleted files, before they were read to their ends
	Lost      int64        `json:"lost"`     // bytes of those

	Refused   map[string]int64 `json:"refused,omitempty"`   // of an input that is no files: what did not come in whole, by reason; nil for files
	Guarded   map[string]int64 `json:"guarded,omitempty"`   // fields that the mapping guard moved aside or cut, by the key that asked for it; nil without one
	Templates *Templates       `json:"templates,omitempty"` // nil when they are off
	Held      *Held            `json:"held,omitempty"`      // nil for a pipeline that holds no lines
}

// Held is what became of the lines of a pipeline that are of a trace, and of those traces.
type Held struct {
	Waiting int64 `json:"waiting"` // lines now
	Bytes   int64 `json:"bytes"`   // memory for them
	Kept    int64 `json:"kept"`    // lines of traces that failed or were slow
	Sampled int64 `json:"sampled"` // lines of traces in the share
	Early   int64 `json:"early"`   // lines let through because memory was spent
	Dropped int64 `json:"dropped"` // lines
	Late    int64 `json:"late"`    // traces that failed or were slow after they had been dropped
}

// Templates are the log statements that a pipeline knows.
type Templates struct {
	Known     int   `json:"known"`
	Bytes     int   `json:"bytes"`     // of memory that they take, about
	Forgotten int64 `json:"forgotten"` // that had to make room for others since the start
}

// Output is one output.
type Output struct {
	Name     string       `json:"name"`
	Up       bool         `json:"up"`                 // its last request was answered
	Lines    event.Counts `json:"lines"`              // by verdict
	Requests *Requests    `json:"requests,omitempty"` // nil for an output that makes none
}

// Requests are those of an output that makes any.
type Requests struct {
	Sent      int64        `json:"sent"`
	Failed    int64        `json:"failed"`  // no answer, or one that refused the whole
	Retried   int64        `json:"retried"` // documents that had to be sent again
	Mended    int64        `json:"mended"`  // documents kept by moving a field aside
	Bytes     int64        `json:"bytes"`   // before compression
	WireBytes int64        `json:"wire_bytes"`
	InFlight  int64        `json:"in_flight"`
	Latency   ship.Latency `json:"latency"`
}

// File is one file being followed for one pipeline.
type File struct {
	Pipeline  string       `json:"pipeline"`
	Path      string       `json:"path"`
	Size      int64        `json:"size"`
	Committed int64        `json:"committed"` // bytes acknowledged
	Lag       int64        `json:"lag"`       // bytes that are not; 0 for a compressed file, of which nobody knows
	Age       float64      `json:"age"`       // seconds since the oldest of those was seen
	Lines     event.Counts `json:"lines"`     // by verdict
}
