package parse

import (
	"github.com/tailspan/tailspan/pkg/event"
)

// Explanation says what a Parser made of a line, and why.
type Explanation struct {
	Formats  []Chosen // in which the line was taken apart, envelopes first
	Time     Origin   // of @timestamp
	Level    Origin   // of log.level
	IDs      []Origin // of trace.id, span.id and parent.id together
	Duration Origin   // of event.duration
}

// Chosen is one format of a line.
type Chosen struct {
	Name string // a word for the key format; auto where only auto knows it, none for text without a format
	Head string // how the line begins, where that told the format
	Auto bool   // it was found rather than configured
}

// Origin is where in a line something was found.
type Origin struct {
	Field string // the full name of the field; empty for free text
	Text  string // what stood there
	Found bool
}

// Explain says what the last Parse made of ev. It is not for every line: p should be a new Parser, since one that has seen
// lines of the same shape before does not look at all members of them.
func (p *Parser) Explain(ev *event.Event) Explanation {
	var e Explanation
	for i, f := range p.chain {
		if a, ok := f.(*auto); ok {
			e.Formats = a.explain(e.Formats)
			break
		}
		name := "auto"
		if i < len(p.cfg.Format) {
			name = p.cfg.Format[i]
		}
		c := Chosen{Name: name}
		if h, ok := f.(*headsFormat); ok && ev.Failure == nil {
			c.Head = h.reader.head.text
		}
		e.Formats = append(e.Formats, c)
	}
	e.Time = p.origin(ev, p.found.time, p.want.timeField.name, ev.Time.Set)
	if e.Time.Found && e.Time.Field == "" {
		if _, start, end, ok := p.times.find(p.found.free); ok {
			e.Time.Text = string(p.found.free[start:end])
		}
	}
	e.Level = p.origin(ev, p.found.level, nil, ev.Level != nil)
	e.Duration = p.origin(ev, p.found.duration, p.want.durationField.name, ev.HasDuration)
	for _, id := range p.ids {
		e.IDs = append(e.IDs, p.origin(ev, best{field: id.field, rank: 1}, nil, true))
	}
	if len(e.IDs) == 0 && ev.TraceID != nil {
		e.IDs = []Origin{{Found: true}}
	}
	return e
}

// origin is where what was found came from: the best field, else the configured one, else free text.
func (p *Parser) origin(ev *event.Event, b best, configured []byte, found bool) Origin {
	if !found || b.rank == 0 {
		return Origin{Field: string(configured), Found: found}
	}
	f := &ev.Fields[b.field]
	text, _ := p.textOf(f)
	return Origin{Field: string(event.AppendPath(nil, ev.Fields, int32(b.field))), Text: string(text), Found: true}
}

// explain appends the format that fitted, and the one inside it.
func (a *auto) explain(dst []Chosen) []Chosen {
	if a.fit == 0 {
		return append(dst, Chosen{Name: "none", Auto: true})
	}
	k := a.known[a.fit-1]
	c := Chosen{Name: k.name, Auto: true}
	if k.format == format(a.heads) {
		head := a.heads.reader.head
		c.Name, c.Head = head.format, head.text
		if c.Name == "" {
			c.Name = "auto"
		}
	}
	dst = append(dst, c)
	if k.envelope {
		return a.inside.explain(dst)
	}
	return dst
}
