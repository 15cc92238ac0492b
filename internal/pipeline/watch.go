package pipeline

import (
	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/ship"
)

// watch shows the lines of one worker to the detectors, as they are when everything else was done to them: what was dropped or redacted is
// not seen.
type watch struct {
	*detect.Watcher
	pipelines []watched
	line      detect.Line
	document  []byte
}

// watched is how the lines of one pipeline are looked at.
type watched struct {
	own     bool   // tailspan's own: findings are no reason for findings
	hidden  bool   // templates are for the detectors only
	dataset []byte // stands for a service that lines do not name
	encoder *ship.Encoder
}

func newWatch(w *detect.Watcher, cfg *config.Config) *watch {
	all := &watch{Watcher: w}
	for i, dataset := range datasets(cfg) {
		all.pipelines = append(all.pipelines, watched{cfg.Pipelines[i].Own, !cfg.Pipelines[i].Templates, []byte(dataset), ship.NewEncoder(dataset, cfg.Host.Name)})
	}
	return all
}

var (
	serviceName = []byte("service.name")
	messageName = []byte("message")
)

// see shows a line.
func (w *watch) see(b *event.Batch, ev *event.Event) {
	p := &w.pipelines[b.Source.Pipeline]
	if p.own {
		return
	}
	l := &w.line
	l.Time = ev.Time.Sec*1e9 + int64(ev.Time.Nsec)
	if l.Service = plainText(ev, ev.Service, serviceName, event.HasService); len(l.Service) == 0 {
		l.Service = p.dataset
	}
	l.Failed = ev.Failed()
	if l.Duration = -1; ev.HasDuration {
		l.Duration = ev.Duration
	}
	if l.Template, l.Text = "", ""; ev.Template != nil {
		l.Template, l.Text = ev.Template.ID, ev.Template.Text
		if p.hidden {
			ev.Template = nil
		}
	}
	if sample := w.Observe(l); sample != nil {
		w.fill(sample, p, b, ev)
	}
}

// fill copies the line as evidence: what it says, or its document when it has no message.
func (w *watch) fill(s *detect.Sample, p *watched, b *event.Batch, ev *event.Event) {
	s.ID = ship.AppendID(s.ID, b.Source, ev.Offset, ev.Raw)
	s.Trace = append(s.Trace, ev.TraceID...)
	message := ev.Message
	if i := event.Lookup(ev.Fields, messageName); !message.Set && i >= 0 {
		message = event.Value{Bytes: ev.Fields[i].Value, Kind: ev.Fields[i].Kind, Set: true}
	}
	switch b := message.Bytes; {
	case message.Set && message.Kind == event.Text:
		s.Text = append(s.Text, b...)
	case message.Set && len(b) > 2 && b[0] == '"':
		s.Text = jsontext.AppendUnescaped(s.Text, b[1:len(b)-1])
	default:
		w.document = p.encoder.AppendDocument(w.document[:0], ev, "")
		s.Text = append(s.Text, w.document...)
	}
}

// plainText is a value of the event's, or the field of the line that stands for it, without quotes.
func plainText(ev *event.Event, v event.Value, name []byte, known event.Known) []byte {
	b, kind := v.Bytes, v.Kind
	if !v.Set {
		if ev.Known&known == 0 {
			return nil
		}
		i := event.Lookup(ev.Fields, name)
		if i < 0 {
			return nil
		}
		b, kind = ev.Fields[i].Value, ev.Fields[i].Kind
	}
	if kind == event.JSON && len(b) >= 2 && b[0] == '"' {
		return b[1 : len(b)-1] // with its escapes: it tells services apart as well
	}
	return b
}
