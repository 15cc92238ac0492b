package page

import (
	"net/http"
	"slices"
	"time"

	"github.com/tailspan/tailspan/pkg/detect"
)

// findingJSON is a finding with its evidence.
type findingJSON struct {
	ID       string         `json:"id"`
	Rule     string         `json:"rule"`
	Service  string         `json:"service"`
	Template string         `json:"template,omitempty"` // what its lines have in common
	Message  string         `json:"message"`
	Since    time.Time      `json:"since"`
	Found    time.Time      `json:"found"`
	Over     *time.Time     `json:"over,omitempty"` // absent: it is not
	Score    float64        `json:"score"`
	Unit     string         `json:"unit"` // of what was before and after: lines/min, share, ns or s
	Before   levelJSON      `json:"before"`
	After    levelJSON      `json:"after"`
	Also     []string       `json:"also"`
	Samples  []evidenceJSON `json:"samples"`
	Trace    string         `json:"trace_id,omitempty"`
}

type levelJSON struct {
	Value   float64 `json:"value"`
	Lines   float64 `json:"lines"`
	Seconds float64 `json:"seconds"`
}

type evidenceJSON struct {
	ID    string    `json:"id"` // of its document
	Trace string    `json:"trace_id,omitempty"`
	Text  string    `json:"text"`
	Time  time.Time `json:"time"`
}

// findings answers /api/findings: what the detectors found last, the newest first, and what is not over before what is.
func (p *page) findings(*http.Request) (any, error) {
	body := struct {
		On       bool          `json:"on"` // detect is
		Findings []findingJSON `json:"findings"`
	}{Findings: []findingJSON{}}
	d := p.Agent.Status().Detection
	if d == nil {
		return body, nil
	}
	body.On = true
	for i := range slices.Backward(d.Recent) {
		body.Findings = append(body.Findings, findingOf(&d.Recent[i]))
	}
	slices.SortStableFunc(body.Findings, func(a, b findingJSON) int {
		switch {
		case (a.Over == nil) == (b.Over == nil):
			return 0
		case a.Over == nil:
			return -1
		}
		return 1
	})
	return body, nil
}

func findingOf(f *detect.Finding) findingJSON {
	one := findingJSON{ID: f.ID, Rule: f.Rule.String(), Service: f.Service, Template: f.Text, Message: f.Message, Since: f.Since, Found: f.Found,
		Score: f.Score, Unit: f.Rule.Unit(), Before: levelJSON(f.Before), After: levelJSON(f.After), Also: append([]string{}, f.Also...), Samples: []evidenceJSON{}, Trace: f.Trace()}
	if !f.Over.IsZero() {
		one.Over = &f.Over
	}
	for _, s := range f.Samples {
		one.Samples = append(one.Samples, evidenceJSON(s))
	}
	return one
}
