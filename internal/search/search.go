// Package search asks for documents and traces where they are: in the embedded store or in Elasticsearch, the same questions with the
// same answers. The command line and the page ask through it and do not know which of the two answers.
package search

import (
	"context"
	"encoding/json"
	"time"

	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/pkg/trace"
)

// Source is what can be asked: the embedded store or Elasticsearch. Any goroutine may ask, also while documents are written. An answer
// that lacks something, a day that cannot be read, comes together with an error that says so.
type Source interface {
	Name() string // of the output: local or elasticsearch
	// Search returns documents, the newest first.
	Search(ctx context.Context, r Request) (Page, error)
	// Histogram counts the documents of the selection over time, by level.
	Histogram(ctx context.Context, s Selection, step time.Duration) ([]Bar, error)
	// Top counts the values of a field in the documents of the selection; the most frequent first, limit of them at most.
	Top(ctx context.Context, s Selection, field string, limit int) (Top, error)
	// Document returns one document by its _id; ok is false when it is not there.
	Document(ctx context.Context, id string) (hit Hit, ok bool, err error)
	// Trace returns a trace by its id of 32 digits (trace.NormalID); nil when no line names it.
	Trace(ctx context.Context, id string) (*trace.Trace, error)
	// Traces returns the traces that began in [from,to), in order of their start, without attributes and lines; complete is
	// false when there were more lines than can be held. trace.NewReport lists the slowest and the failed of them, and trace.Stats
	// draws the service map.
	Traces(ctx context.Context, from, to time.Time) (all []*trace.Trace, complete bool, err error)
	// Services tells for each service how many documents it wrote, how many of them were errors, and how long what it did took, over time.
	// Services are in the order of their names.
	Services(ctx context.Context, s Selection, step time.Duration) ([]Service, error)
	Close() error
}

// Selection says which documents are asked for.
type Selection struct {
	Query *query.Query // nil: all
	From  time.Time    // the earliest; zero: from the beginning
	To    time.Time    // behind the latest; zero: to the end
}

// Request asks for one page of documents.
type Request struct {
	Selection
	Limit int     // documents of the page; at least 1, at most MaxLimit
	After *Cursor // the page behind this place; nil: the first page
}

// MaxLimit bounds a page.
const MaxLimit = 10_000

// Cursor is a place in the order of documents: by time, the newest first, then by file, offset and host. The zero value is no place.
type Cursor struct {
	Time   int64  `json:"time"` // nanoseconds since 1970
	Path   string `json:"path"`
	Offset int64  `json:"offset"`
	Host   string `json:"host"`
}

// Page is documents in order.
type Page struct {
	Hits []Hit
	Next *Cursor // where the next page begins; nil: there is none
}

// Hit is one document.
type Hit struct {
	ID       string          `json:"_id"`
	Time     int64           `json:"-"` // nanoseconds since 1970
	Document json.RawMessage `json:"_source"`
}

// Bar is one column of a histogram.
type Bar struct {
	From   time.Time        // of the column; columns are step wide, aligned to 1970, and those without documents are left out
	Count  int64            // documents
	Levels map[string]int64 // by log.level; "" for those without
}

// Top is the values of a field.
type Top struct {
	Values  []Count
	Others  int64 // documents whose value is not among Values; of several values of one document each counts
	Missing int64 // documents without the field
}

// Count is a value and how many documents have it.
type Count struct {
	Value string // as JSON has it: a number's or boolean's text, and text without quotes
	Count int64
}

// Service is what a service did over time.
type Service struct {
	Name   string // "" for documents without service.name
	Points []Point
}

// Point is a step of time. Percentiles are of event.duration in nanoseconds; 0 when no document has one.
type Point struct {
	From          time.Time // as in Bar
	Count         int64     // documents
	Timed         int64     // of them, with event.duration
	Errors        int64     // of them, with log.level error or worse, event.outcome failure, or an HTTP status of 500 or more
	P50, P95, P99 int64
}
