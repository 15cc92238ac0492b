package pipeline

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/detect/template"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship"
	"github.com/tailspan/tailspan/pkg/tail"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// Trial makes documents of lines through the same code as the agent, without files and outputs. It belongs to one
// goroutine.
type Trial struct {
	stream  *tail.Stream
	parser  *parse.Parser
	encoder *ship.Encoder
	tagger  *template.Tagger // nil for none; it knows nothing of what a running agent has learned
	ev      event.Event
	last    event.Time
	maxLine int
	hold    *hold.Config // nil for a pipeline that does not hold
}

// NewTrial makes a Trial of one pipeline.
func NewTrial(cfg *config.Config, index int) (*Trial, error) {
	p := &cfg.Pipelines[index]
	alone := p.Parse
	alone.Shared = nil
	parser, err := parse.New(alone)
	if err != nil {
		return nil, cfg.Locate(confkey.Below(fmt.Sprintf("pipelines[%d]", index), err))
	}
	stream, err := tail.NewStream(p.Tail)
	if err != nil {
		return nil, cfg.Locate(confkey.Below(fmt.Sprintf("pipelines[%d]", index), err))
	}
	targets, _ := Targets(cfg)
	return &Trial{stream: stream, parser: parser, tagger: newStatements(cfg, false, nil).taggers()[index],
		encoder: ship.NewEncoder(targets[index].Dataset, cfg.Host.Name), maxLine: p.Tail.MaxLine, hold: p.Hold}, nil
}

const trialPath = "-" // log.file.path of what no file has

// AppendEvent appends the document of a text that is an event as it is, read at offset of its input at the time now; nothing
// when a rule of the user's drops the line.
func (t *Trial) AppendEvent(dst, text []byte, offset int64, now time.Time) []byte {
	return t.appendDocument(dst, text[:min(len(text), t.maxLine)], offset, len(text) > t.maxLine, now)
}

// Explain makes the document of a text that is an event as it is, read at the time now, and says what made it so. It is
// right for the first event of a Trial. The document is nil when a rule of the user's drops the line.
func (t *Trial) Explain(text []byte, now time.Time) ([]byte, parse.Explanation) {
	t.parse(text[:min(len(text), t.maxLine)], 0, len(text) > t.maxLine)
	e := t.parser.Explain(&t.ev)
	if !t.finish(now) {
		return nil, e
	}
	return t.encoder.AppendDocument(nil, &t.ev, trialPath), e
}

// Held says what becomes of the line that was explained last in a pipeline that holds lines, and has seen nothing else of its trace; nothing for
// a pipeline that does not.
func (t *Trial) Held() string {
	if t.hold == nil {
		return ""
	}
	keep := t.hold.Keep
	rule := hold.NewRule(keep)
	switch {
	case t.ev.TraceID == nil:
		return "passes at once: it is of no trace"
	case rule.Tells(&t.ev):
		return "passes at once, and its trace is kept: it tells of a failure or was slow"
	case rule.Sampled(t.ev.TraceID):
		return fmt.Sprintf("passes at once: its trace is in the share of %g%%", keep.Sample*100)
	}
	var when []string
	if keep.Errors {
		when = append(when, "tells of a failure")
	}
	if keep.SlowerThan > 0 {
		when = append(when, fmt.Sprintf("took %v or longer", keep.SlowerThan))
	}
	if len(when) == 0 {
		when = []string{"makes it one that is kept in another pipeline"}
	}
	return fmt.Sprintf("waits for %v; kept when a line of its trace %s", t.hold.For, strings.Join(when, " or "))
}

func (t *Trial) parse(raw []byte, offset int64, cut bool) {
	t.ev.Raw, t.ev.Offset, t.ev.Cut = raw, offset, cut
	t.parser.Parse(&t.ev)
}

// finish runs what follows parsing, and reports whether there is to be a document.
func (t *Trial) finish(now time.Time) bool {
	withTime(&t.ev, &t.last, now)
	if t.parser.Process(&t.ev, []byte(trialPath)); t.ev.Dropped {
		return false
	}
	if t.tagger != nil {
		t.tagger.Tag(&t.ev)
	}
	return true
}

func (t *Trial) appendDocument(dst, raw []byte, offset int64, cut bool, now time.Time) []byte {
	t.parse(raw, offset, cut)
	if !t.finish(now) {
		return dst
	}
	return append(t.encoder.AppendDocument(dst, &t.ev, trialPath), '\n')
}

// Run frames in as a file would be, and writes the document of each event to out as soon as the event is whole. Whoever
// types does not wait for more: an event that may go on is whole when nothing came for the timeout of multiline.
func (t *Trial) Run(in io.Reader, out io.Writer) error {
	var docs []byte
	write := func(b *event.Batch) error {
		docs = docs[:0]
		now := time.Now()
		for _, l := range b.Lines {
			docs = t.appendDocument(docs, b.Data[l.Start:l.End], l.Offset, l.Cut, now)
		}
		_, err := out.Write(docs)
		return err
	}
	input := pump(in)
	defer input.stop()
	quiet := time.NewTimer(t.stream.Timeout())
	for {
		select {
		case read := <-input.chunks:
			end := frame.Open
			if read.err == io.EOF {
				end = frame.Done
			} else if read.err != nil {
				return read.err
			}
			if err := t.stream.Write(read.data, end, write); err != nil || end == frame.Done {
				return err
			}
			input.free <- read.data[:cap(read.data)]
			quiet.Reset(t.stream.Timeout())
		case <-quiet.C:
			if err := t.stream.Write(nil, frame.Quiet, write); err != nil {
				return err
			}
		}
	}
}

// pumped is what a reader gives, read in a goroutine of its own so that nobody waits for it.
type pumped struct {
	chunks chan chunk
	free   chan []byte // memory for the next chunks
	done   chan struct{}
}

type chunk struct {
	data []byte
	err  error // behind the data
}

func pump(in io.Reader) *pumped {
	p := &pumped{chunks: make(chan chunk), free: make(chan []byte, 2), done: make(chan struct{})}
	for range cap(p.free) {
		p.free <- make([]byte, 64<<10)
	}
	go func() {
		for buf := range p.free {
			n, err := in.Read(buf)
			select {
			case p.chunks <- chunk{buf[:n], err}:
			case <-p.done:
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return p
}

// stop lets the goroutine go, once its last Read has returned.
func (p *pumped) stop() {
	close(p.done)
	close(p.free)
}
