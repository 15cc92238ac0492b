package detect

import (
	"bytes"
	"encoding/json"
	"time"
)

// document is a Finding as ECS has it.
type document struct {
	Time     time.Time  `json:"@timestamp"`
	Message  string     `json:"message"`
	Level    string     `json:"log.level"`
	Kind     string     `json:"event.kind"`
	Category []string   `json:"event.category"`
	Type     []string   `json:"event.type"`
	Action   string     `json:"event.action"`
	ID       string     `json:"event.id"`
	Start    time.Time  `json:"event.start"`
	End      *time.Time `json:"event.end,omitempty"`
	Rule     string     `json:"rule.name"`
	RuleID   string     `json:"rule.id"`
	Service  string     `json:"service.name,omitempty"`
	Template string     `json:"log.template.id,omitempty"`
	Text     string     `json:"log.template.text,omitempty"`
	Trace    string     `json:"trace.id,omitempty"`

	Before  float64  `json:"tailspan.finding.before"`
	After   float64  `json:"tailspan.finding.after"`
	Unit    string   `json:"tailspan.finding.unit"`
	Score   float64  `json:"tailspan.finding.score"`
	BLines  int64    `json:"tailspan.finding.lines_before"`
	ALines  int64    `json:"tailspan.finding.lines_after"`
	BSecs   int64    `json:"tailspan.finding.seconds_before"`
	ASecs   int64    `json:"tailspan.finding.seconds_after"`
	Also    []string `json:"tailspan.finding.also,omitempty"`
	Samples []string `json:"tailspan.finding.samples"`
	IDs     []string `json:"tailspan.finding.sample_ids"`
	Traces  []string `json:"tailspan.finding.trace_ids"`
}

// AppendJSON appends the finding as the line of a log, without a newline.
func (f *Finding) AppendJSON(dst []byte) []byte { return appendJSON(dst, f.document()) }

// AppendNotice appends what a webhook is told: the document, and its message once more as text, where chat programs look for it.
func (f *Finding) AppendNotice(dst []byte) []byte {
	return appendJSON(dst, struct {
		Said string `json:"text"`
		document
	}{f.Message, f.document()})
}

func appendJSON(dst []byte, v any) []byte {
	b := bytes.NewBuffer(dst)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // only texts and finite numbers are in it
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

func (f *Finding) document() document {
	d := document{Time: f.Found, Message: f.Message, Level: "warn", Kind: "alert", Category: []string{"process"}, Type: []string{"change"}, Action: "opened",
		ID: f.ID, Start: f.Since, Rule: f.Rule.String(), RuleID: "tailspan." + f.Rule.String(), Service: f.Service, Template: f.Template, Text: f.Text,
		Trace: f.Trace(), Before: f.Before.Value, After: f.After.Value, Unit: f.Rule.Unit(), Score: f.Score,
		BLines: int64(f.Before.Lines), ALines: int64(f.After.Lines), BSecs: int64(f.Before.Seconds), ASecs: int64(f.After.Seconds),
		Also: f.Also, Samples: []string{}, IDs: []string{}, Traces: f.traces()}
	if !f.Over.IsZero() {
		d.Time, d.End, d.Level, d.Action = f.Over, &f.Over, "info", "resolved"
	}
	for _, s := range f.Samples {
		d.Samples, d.IDs = append(d.Samples, s.Text), append(d.IDs, s.ID)
	}
	return d
}
