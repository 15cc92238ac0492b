package pipeline

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/cause"
	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/tail"
	"github.com/tailspan/tailspan/pkg/trace"
)

// Traces reads traces from where their documents are. It belongs to one goroutine.
type Traces struct {
	cfg    *config.Config
	source search.Source // nil: files
	log    *slog.Logger
}

// NewTraces reads from the files that the globs match or, when there are none, from the output called name, as search.Open does. Only for files may cfg
// be nil: then each is parsed with the defaults, and lines without a service have the file's name, up to its first dot.
func NewTraces(cfg *config.Config, name string, globs []string, log *slog.Logger) (*Traces, error) {
	t := &Traces{cfg: cfg, log: log}
	if len(globs) == 0 {
		source, err := search.Open(cfg, name)
		if err != nil {
			return nil, fmt.Errorf("%w; or name files with --files", err)
		}
		t.source = source
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

// Trace reads one trace; nil when no line names it.
func (t *Traces) Trace(ctx context.Context, id string) (*trace.Trace, error) {
	if t.source != nil {
		return t.source.Trace(ctx, id)
	}
	forms := spellings(id)
	return search.ReadTrace(id, func(visit search.Visit) error {
		_, err := ReadFiles(ctx, t.cfg, t.log, func(docID string, document []byte) error {
			if !slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(document, form) }) {
				return nil
			}
			return visit(docID, document)
		})
		return err
	})
}

// spellings are the ways in which a line may write a trace id: loggers leave out leading zeros, write upper case or a UUID.
func spellings(id string) [][]byte {
	short := strings.TrimLeft(id, "0")
	uuid := id[:8] + "-" + id[8:12] + "-" + id[12:16] + "-" + id[16:20] + "-" + id[20:]
	return [][]byte{[]byte(short), []byte(strings.ToUpper(short)), []byte(uuid), []byte(strings.ToUpper(uuid))}
}

// All reads the traces of a range of time, in order of their start; the zero from is the beginning of all. They are without
// attributes and lines, which would be many. complete is false when there were more than search.MaxSpans lines of spans.
func (t *Traces) All(ctx context.Context, from, to time.Time) (all []*trace.Trace, complete bool, err error) {
	if t.source != nil {
		return t.source.Traces(ctx, from, to)
	}
	return search.ReadTraces(from, to, func(visit search.Visit) error {
		_, err := ReadFiles(ctx, t.cfg, t.log, visit)
		return err
	})
}

// Study shows all documents and traces of its time to a study. Files are read once.
func (t *Traces) Study(ctx context.Context, s *cause.Study) error {
	if t.source != nil {
		return s.Read(ctx, t.source)
	}
	all, complete, err := search.ReadTraces(s.From(), s.To(), func(visit search.Visit) error {
		_, err := ReadFiles(ctx, t.cfg, t.log, func(id string, document []byte) error {
			s.Document(id, document, 1)
			return visit(id, document)
		})
		return err
	})
	s.Traces(all, complete)
	return err
}

// Close lets go of what was opened.
func (t *Traces) Close() error {
	if t.source == nil {
		return nil
	}
	return t.source.Close()
}
