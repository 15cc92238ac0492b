package detect

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	future        = int64(time.Minute) // how far ahead of the clock a line's time may be
	leap          = 6                  // windows by which a service's time may jump at one line
	sureAfter     = 8                  // lines that jump further are believed
	stillness     = 720                // windows of silence that are looked at; after more nothing is known
	forgetAfter   = 24 * time.Hour     // a template of which no line came for so long makes room when there is none
	mostServices  = 256
	seriesBytes   = 6 << 10 // what a series takes, when it has durations
	leastSeries   = 256
	mostSeries    = 50_000
	reviewMinutes = 5 // after lines out of order
)

// Options are what an Engine needs beside its Config.
type Options struct {
	Workers int   // that watch
	Memory  int64 // bytes that all series together may take, about
	Log     *slog.Logger
	// Found is told of each finding when it begins and when it is over, in order. It must not wait.
	Found func(*Finding)
}

// Engine learns and detects. What the Watchers saw goes to one goroutine, that of Run, which needs no locks for it.
type Engine struct {
	Config
	Options
	queue chan *chunk
	wall  int64 // the time of the last tick, in Unix nanoseconds

	mu       sync.Mutex // guards what follows, and the lists of series of the services
	services map[string]*service
	series   map[uint64]*series
	most     int // series

	Late      atomic.Int64 // lines older than the windows that are still open; nothing is known of them
	Unwatched atomic.Int64 // lines of templates beyond the bound; they count for their service only

	view view
	told atomic.Bool // of a finding, since what was learned was saved
}

// New returns an Engine that knows nothing.
func New(cfg Config, opts Options) *Engine {
	return &Engine{Config: cfg, Options: opts, queue: make(chan *chunk, 2*chunksOfWatcher*max(opts.Workers, 1)),
		services: map[string]*service{}, series: map[uint64]*series{}, most: int(min(max(opts.Memory/seriesBytes, leastSeries), mostSeries))}
}

// read takes in what a Watcher handed over.
func (e *Engine) read(c *chunk) {
	for i := range c.samples { // before the lines, which may be the reason of a finding
		s, sample := c.of[i], &c.samples[i]
		if s.samples.keep(sample); sample.template != "" && s.id != "" {
			s.text = clip(sample.template, mostText)
		}
	}
	for i := range c.lines {
		e.take(&c.lines[i])
	}
	c.clear()
}

// drain reads all that was handed over.
func (e *Engine) drain() {
	for {
		select {
		case c := <-e.queue:
			e.read(c)
		default:
			return
		}
	}
}

// lookup finds or makes the series of a line. When there is no room for another one it is that of all lines of the
// service; nil when there is none for that either.
func (e *Engine) lookup(key uint64, name []byte, l *Line) *series {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s := e.series[key]; s != nil {
		return s
	}
	svc := e.services[string(name)]
	if svc == nil {
		if len(e.services) >= mostServices {
			return nil
		}
		svc = &service{name: string(name)}
		svc.all = e.add(svc, keyOf(name, ""), "", "")
		e.services[svc.name] = svc
	}
	if l.Template == "" {
		return svc.all
	}
	if len(e.series) >= e.most && !e.makeRoom() {
		e.Unwatched.Add(1)
		return svc.all
	}
	s := e.add(svc, key, l.Template, l.Text)
	svc.series = append(svc.series, s)
	return s
}

func (e *Engine) add(svc *service, key uint64, id, text string) *series {
	s := &series{key: key, service: svc, id: id, text: clip(text, mostText)}
	e.series[key] = s
	return s
}

// makeRoom lets go of templates of which no line came for long.
func (e *Engine) makeRoom() bool {
	before := len(e.series)
	for _, svc := range e.services {
		svc.series = slices.DeleteFunc(svc.series, func(s *series) bool {
			stale := s.last > 0 && svc.head-s.last > int64(forgetAfter) && !svc.concerned(s)
			if stale {
				s.gone.Store(true)
				delete(e.series, s.key)
			}
			return stale
		})
	}
	return len(e.series) < before
}

// take counts a line. A time beyond that of the clock is wrong, and one far ahead of the lines before is believed only when more
// have it: nobody's log can end the watch over a service by a line from the future.
func (e *Engine) take(o *observation) {
	svc := o.series.service
	if e.wall > 0 && o.time > e.wall+future {
		o.time = e.wall
	}
	w := o.time / window
	if !svc.started {
		svc.start(w)
	}
	if w > svc.head/window+leap {
		if svc.ahead++; svc.ahead < sureAfter {
			e.Late.Add(1)
			return
		}
	}
	if o.time > svc.head {
		svc.head = o.time
		e.advance(svc, (svc.head-lateness)/window)
	}
	svc.ahead = 0
	if w <= svc.sealed {
		svc.late++
		e.Late.Add(1)
		return
	}
	if e.wall > 0 && o.time > e.wall-2*future {
		svc.live = true
	}
	o.series.add(o, w)
	if o.series != svc.all && svc.all.add(o, w) {
		o.series.open[w%openWindows].Slow++
	}
}

// tick tells the time, and up to when everything that was written has been read. It ends windows in which nothing came.
func (e *Engine) tick(now, read time.Time) {
	e.wall = now.UnixNano()
	known := min(read.UnixNano(), e.wall)
	e.mu.Lock()
	all := make([]*service, 0, len(e.services))
	for _, svc := range e.services {
		all = append(all, svc)
	}
	e.mu.Unlock()
	for _, svc := range all {
		if until := (known - 2*lateness) / window; svc.live && svc.started && until > svc.sealed {
			if svc.resumed {
				svc.skip(until)
			}
			svc.head = max(svc.head, known-lateness)
			e.advance(svc, until)
		}
	}
}

// advance ends the windows before the one numbered until.
func (e *Engine) advance(svc *service, until int64) {
	if svc.sealed+1 >= until {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if svc.resumed {
		svc.skip(until - 1)
	}
	for quiet := 0; svc.sealed+1 < until; quiet++ {
		if quiet == stillness {
			svc.skip(until - 1)
			break
		}
		e.seal(svc, svc.sealed+1)
	}
}
