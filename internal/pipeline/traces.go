package pipeline

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/tail"
	"github.com/tailspan/tailspan/pkg/trace"
)

// Traces reads traces from where their documents are. It belongs to one goroutine.
type Traces struct {
	cfg   *config.Config
	files bool // from files instead of Elasticsearch
	log   *slog.Logger

	reader trace.Reader
	joiner *trace.Joiner
	spans  map[string][]event.Span // by trace
	logs   map[string][]trace.Log
	count  int
}

// MaxSpans bounds what is read of many traces.
const MaxSpans = 1_000_000

// errTooMany ends reading when MaxSpans are there.
var errTooMany = errors.New("too many spans")

// NewTraces reads from the files that the globs match or, when there are none, from Elasticsearch. Only for files may cfg
// be nil: then each is parsed with the defaults, and lines without a service have the file's name, up to its first dot.
func NewTraces(cfg *config.Config, globs []string, log *slog.Logger) (*Traces, error) {
	t := &Traces{cfg: cfg, files: len(globs) > 0, log: log}
	if !t.files {
		if cfg.Output.Elasticsearch == nil {
			return nil, errors.New("traces are read from output.elasticsearch, which the configuration lacks; or name files with --files")
		}
		return t, nil
	}
	paths, err := tail.Match(tail.Input{Paths: globs, FollowSymlinks: true})
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("no file matches %s", strings.Join(globs, " "))
	}
	if cfg == nil {
		t.cfg, err = byName(paths)
	} else {
		t.cfg = byPattern(cfg, paths)
	}
	return t, err
}

// byName gives all files of one name a pipeline.
func byName(paths []string) (*config.Config, error) {
	var names []string
	byName := map[string][]string{}
	for _, path := range paths {
		name, _, _ := strings.Cut(strings.TrimLeft(filepath.Base(path), "."), ".")
		if name = strings.ToValidUTF8(name, "_"); name == "" {
			name = "log"
		}
		if byName[name] == nil {
			names = append(names, name)
		}
		byName[name] = append(byName[name], config.Literal(path))
	}
	cfg, err := config.Default(names)
	if err != nil {
		return nil, err
	}
	for i := range cfg.Pipelines {
		cfg.Pipelines[i].Tail.Exclude, cfg.Pipelines[i].Tail.Paths = nil, byName[names[i]]
	}
	return cfg, nil
}

// byPattern lets each pipeline read those of the files that its own patterns match, and the first the others.
func byPattern(cfg *config.Config, paths []string) *config.Config {
	copied := *cfg
	copied.Pipelines = slices.Clone(cfg.Pipelines)
	owner := map[string]int{}
	for i := range slices.Backward(copied.Pipelines) {
		in := &copied.Pipelines[i].Tail
		own, _ := tail.Match(*in) // what cannot be read here was not asked for
		for _, path := range own {
			owner[path] = i
		}
		in.Paths, in.Exclude, in.IgnoreOlder, in.AllowedRoots = nil, nil, 0, nil
		copied.Pipelines[i].Input = nil
	}
	for _, path := range paths {
		in := &copied.Pipelines[owner[path]].Tail
		in.Paths = append(in.Paths, config.Literal(path))
	}
	return &copied
}

// begin forgets what was read before.
func (t *Traces) begin() {
	t.joiner = trace.NewJoiner(trace.Limits{})
	t.spans, t.logs, t.count = map[string][]event.Span{}, map[string][]trace.Log{}, 0
}

func (t *Traces) emit(s event.Span) { t.spans[s.TraceID] = append(t.spans[s.TraceID], s) }

func (t *Traces) loose(l trace.Log) { t.logs[l.TraceID] = append(t.logs[l.TraceID], l) }

// Trace reads one trace; nil when no line names it.
func (t *Traces) Trace(ctx context.Context, id string) (*trace.Trace, error) {
	t.begin()
	query := map[string]any{"bool": map[string]any{"should": []any{
		map[string]any{"term": map[string]any{"trace.id": id}},
		map[string]any{"term": map[string]any{"trace.id.keyword": id}}, // in an index without our template
	}}}
	forms := spellings(id)
	err := t.read(ctx, query, func(docID string, document []byte) error {
		if t.files && !slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(document, form) }) {
			return nil
		}
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

// spellings are the ways in which a line may write a trace id: loggers leave out leading zeros, write upper case or a UUID.
func spellings(id string) [][]byte {
	short := strings.TrimLeft(id, "0")
	uuid := id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	return [][]byte{[]byte(short), []byte(strings.ToUpper(short)), []byte(uuid), []byte(strings.ToUpper(uuid))}
}

// All reads the traces of a range of time, in order of their start; the zero from is the beginning of all. They are without
// attributes and lines, which would be many. complete is false when there were more than MaxSpans lines of spans.
func (t *Traces) All(ctx context.Context, from, to time.Time) (all []*trace.Trace, complete bool, err error) {
	t.begin()
	limits := map[string]any{"lt": to.UTC().Format(time.RFC3339Nano)}
	if !from.IsZero() {
		limits["gte"] = from.UTC().Format(time.RFC3339Nano)
	}
	query := map[string]any{"bool": map[string]any{"filter": []any{
		map[string]any{"exists": map[string]any{"field": "trace.id"}},
		map[string]any{"range": map[string]any{"@timestamp": limits}},
	}}}
	err = t.read(ctx, query, func(docID string, document []byte) error {
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

// read shows the documents to visit: those that match the query, or every line of the files.
func (t *Traces) read(ctx context.Context, query map[string]any, visit func(id string, document []byte) error) error {
	if t.files {
		_, err := ReadFiles(ctx, t.cfg, t.log, visit)
		return err
	}
	targets, _ := Targets(t.cfg)
	var indices []string
	for _, target := range targets {
		indices = append(indices, target.Index.Pattern())
	}
	slices.Sort(indices)
	return elastic.Search(ctx, *t.cfg.Output.Elasticsearch, slices.Compact(indices), query, visit)
}
