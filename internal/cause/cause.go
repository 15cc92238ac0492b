// Package cause ranks what changed when something went wrong: documents and traces of the time before are the baseline for those
// of the time behind.
//
//	documents, traces → Study → candidates → what explains what → Report
//
// A slow dependency makes all its callers slow, and a failing one makes them fail, so totals name the victims. What is
// compared are therefore self times and the spans at which failures began, and a candidate whose spans have those of another one
// below them is lowered by as much as that one can explain (links.go). What stands first is what changed most deeply, with the
// greatest effect that is beyond chance; it is a correlation in time and along calls, and no text of a Report says more.
//
// Memory is bounded by what is read: search.MaxSpans lines of traces, maxSingles lines with a duration and no trace of each bin,
// counters for maxTemplates templates and maxPlaces services on hosts. Documents themselves are not kept but for a few samples.
package cause

import "time"

// Options say which time is looked at.
type Options struct {
	At      time.Time     // when it went wrong
	Window  time.Duration // how long before and behind At is looked at; more than 0
	Service string        // only what this service has to do with; empty: everything
}

// DefaultWindow is how long before and behind a time is looked at when nobody says.
const DefaultWindow = 15 * time.Minute

// Kind says what sort of change a Cause is.
type Kind string

// The kinds of changes.
const (
	Slow     Kind = "slow"     // an operation takes longer by itself
	Errors   Kind = "errors"   // failures begin at an operation
	Retries  Kind = "retries"  // an operation is called more often within a request, mostly after it failed
	Calls    Kind = "calls"    // an operation is called more often within a request
	Host     Kind = "host"     // a service is slow or fails on some of its hosts only
	Deploy   Kind = "deploy"   // a service was started, or has another version, and got worse then
	Template Kind = "template" // a service writes lines that it did not write, or many more of them
	Load     Kind = "load"     // there are more requests
	Silent   Kind = "silent"   // a service writes next to nothing any more
)

// Report is what changed, the likeliest cause first. Its JSON is what `tailspan why --json` prints.
type Report struct {
	At        time.Time   `json:"at"`    // that was asked about
	From      time.Time   `json:"from"`  // of the baseline
	Split     time.Time   `json:"split"` // where the baseline ends: At, or when the first of Causes began if that is near
	To        time.Time   `json:"to"`
	Service   string      `json:"service,omitempty"`
	Documents Both[int64] `json:"documents"`
	Traces    Both[Side]  `json:"traces"`
	Causes    []Cause     `json:"causes"`
	Alerts    []Alert     `json:"alerts"` // findings of detectors in that time, the latest first
	Warnings  []string    `json:"warnings,omitempty"`
}

// Both is a value of the time before and of the time behind.
type Both[T any] struct {
	Before T `json:"before"`
	After  T `json:"after"`
}

// Side is what traces of one time have in common.
type Side struct {
	Count  int   `json:"count"`
	Failed int   `json:"failed"` // of them, those in which something failed
	P50    int64 `json:"p50_ns"`
	P95    int64 `json:"p95_ns"`
}

// Cause is one change. Everything that it says is a number of the documents and traces that were read.
type Cause struct {
	Kind       Kind      `json:"kind"`
	Service    string    `json:"service"`
	Operation  string    `json:"operation,omitempty"`
	Dependency string    `json:"dependency,omitempty"` // that the operation waits for, when its spans say so
	Hosts      []string  `json:"hosts,omitempty"`
	Version    string    `json:"version,omitempty"`
	Previous   string    `json:"previous_version,omitempty"`
	TemplateID string    `json:"template_id,omitempty"`
	Score      float64   `json:"score"` // 0 to 1: effect × certainty × what no deeper change explains; only for the order
	Since      time.Time `json:"since"` // when it began, about
	Text       string    `json:"text"`
	Measures   []Measure `json:"measures"`
	Traces     []string  `json:"traces"` // examples of the time behind
	Lines      []Line    `json:"lines"`  // examples
}

// Measure is a number before and behind.
type Measure struct {
	Name   string  `json:"name"`
	Unit   Unit    `json:"unit"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
	Of     [2]int  `json:"of"` // how many calls, traces or documents each is of; 0: it is a count itself
}

// Unit is what a Measure is counted in.
type Unit string

// The units of measures.
const (
	Nanoseconds Unit = "ns"
	Share       Unit = "share"  // 0 to 1
	Number      Unit = "number" // of something for each of something else
	PerMinute   Unit = "per_minute"
)

// Line is an example.
type Line struct {
	Time    time.Time `json:"time"`
	Host    string    `json:"host,omitempty"`
	Message string    `json:"message"`
	TraceID string    `json:"trace_id,omitempty"`
}

// Alert is a finding of a detector.
type Alert struct {
	Time    time.Time `json:"time"`
	Rule    string    `json:"rule"`
	Service string    `json:"service"`
	Message string    `json:"message"`
}
