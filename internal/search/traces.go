package search

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
)

// MaxSpans bounds what is read of many traces.
const MaxSpans = 1_000_000

// errTooMany ends reading when MaxSpans are there.
var errTooMany = errors.New("too many spans")

// Visit is shown a document with its _id. Its error ends the reading.
type Visit = func(id string, document []byte) error

// traces puts documents together to traces. It belongs to one goroutine.
type traces struct {
	reader trace.Reader
	joiner *trace.Joiner
	spans  map[string][]event.Span // by trace
	logs   map[string][]trace.Log
	count  int
}

func newTraces() *traces {
	return &traces{joiner: trace.NewJoiner(trace.Limits{}), spans: map[string][]event.Span{}, logs: map[string][]trace.Log{}}
}

func (t *traces) emit(s event.Span) { t.spans[s.TraceID] = append(t.spans[s.TraceID], s) }

func (t *traces) loose(l trace.Log) { t.logs[l.TraceID] = append(t.logs[l.TraceID], l) }

// ReadTrace puts one trace together of documents that read shows, those of other traces among them; nil when none names it.
func ReadTrace(id string, read func(Visit) error) (*trace.Trace, error) {
	t := newTraces()
	err := read(func(docID string, document []byte) error {
		rec, ok, err := t.reader.Read(docID, document)
		if err == nil && ok && rec.Span.TraceID == id {
			t.joiner.Add(time.Time{}, rec, t.emit)
		}
		return err
	})
	t.joiner.Flush(t.emit, t.loose)
	if len(t.spans[id])+len(t.logs[id]) == 0 {
		return nil, err
	}
	found := trace.Assemble(t.spans[id], t.logs[id])
	found.ID = id
	return found, err
}

// ReadTraces puts the traces of a range of time together of documents that read shows, in order of their start; the zero from is the
// beginning of all. They are without attributes and lines, which would be many. complete is false when there were more than
// MaxSpans lines of spans.
func ReadTraces(from, to time.Time, read func(Visit) error) (all []*trace.Trace, complete bool, err error) {
	t := newTraces()
	err = read(func(docID string, document []byte) error {
		rec, ok, err := t.reader.Read(docID, document)
		if err != nil || !ok || !from.IsZero() && rec.Time() < from.UnixNano() || rec.Time() >= to.UnixNano() {
			return err
		}
		if t.count++; t.count > MaxSpans {
			return errTooMany
		}
		rec.Slim()
		t.joiner.Add(time.Time{}, rec, t.emit)
		return nil
	})
	t.joiner.Flush(t.emit, nil)
	complete = !errors.Is(err, errTooMany)
	if !complete {
		err = nil
	}
	for _, spans := range t.spans {
		all = append(all, trace.Assemble(spans, nil))
	}
	slices.SortFunc(all, func(a, b *trace.Trace) int { return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID)) })
	return all, complete, err
}
