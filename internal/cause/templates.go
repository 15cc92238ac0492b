package cause

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/pkg/detect/template"
)

const (
	bins         = 60   // of the whole time that is looked at; half of them lie before
	maxTemplates = 4096 // that are counted; lines of further ones are not
	maxMessage   = 2048 // bytes of a message of which a template is made
	errorWeight  = 0.3  // of a new template of errors: it tells what, and spans tell where
	otherWeight  = 0.15 // of any other new one
	leastRatio   = 2    // a template whose rate grew less is not looked at
	fewestLines  = 5    // of a template, to be looked at
	maxWriters   = 50   // hosts of a template that are told apart
)

// statement is a template of a service.
type statement struct{ service, id string }

// written is how often a statement was written.
type written struct {
	statement
	made   *template.Template // nil: the documents say themselves what it is
	text   string
	error  bool
	counts [bins]float64
	lines  [bins]Line // the first of each, to have one of the right time
	hosts  map[string]float64
}

func (w *written) said() string {
	if w.made != nil {
		return w.made.Text()
	}
	return w.text
}

// statements counts lines by template.
type statements struct {
	miner *template.Miner
	all   map[statement]*written
	left  int64 // lines of templates for which there was no room
}

func newStatements() *statements {
	return &statements{miner: template.New(template.Options{}), all: map[statement]*written{}}
}

// add counts a document of a bin; weight is how many it stands for.
func (s *statements) add(d *fields, bin int, weight float64) {
	key := statement{d.service, d.templateID}
	var made *template.Template
	if key.id == "" {
		if made = s.miner.Match([]byte(d.message[:min(len(d.message), maxMessage)])); made == nil {
			s.left++
			return
		}
		key.id = made.ID()
	}
	w := s.all[key]
	if w == nil {
		if len(s.all) == maxTemplates {
			s.left++
			return
		}
		w = &written{statement: key, made: made, text: cmp.Or(d.templateText, d.message), hosts: map[string]float64{}}
		s.all[key] = w
	}
	w.error = w.error || d.failed
	if w.counts[bin] == 0 {
		w.lines[bin] = d.line()
	}
	w.counts[bin] += weight
	if _, known := w.hosts[d.host]; known || len(w.hosts) < maxWriters {
		w.hosts[d.host] += weight
	}
}

// clip is a message short enough for an example.
func clip(message string) string {
	if len(message) > 300 {
		message = message[:300] + "…"
	}
	return strings.ToValidUTF8(message, "\uFFFD")
}

// sums is how many lines there were before and behind the bin split.
func (w *written) sums(split int) (was, is float64) {
	for i, n := range w.counts {
		if i < split {
			was += n
		} else {
			is += n
		}
	}
	return was, is
}

// grown are the templates that are new or of which many more were written than the length of time and the number of requests
// account for: scale is by how much those differ. Documents are known from the bin begin to end.
func (s *statements) grown(begin, split, end int, scale float64, within func(service string) bool, minutes Both[float64]) []*candidate {
	var all []*candidate
	least := beyond(len(s.all))
	for _, w := range s.all {
		was, is := w.sums(split)
		if is < fewestLines || is < leastRatio*was*scale || !within(w.service) {
			continue
		}
		z := surplus(is, was*scale, scale)
		if z < least && was > 0 || z < 2 {
			continue
		}
		weight := otherWeight
		if w.error {
			weight = errorWeight
		}
		c := &candidate{}
		c.Cause = Cause{Kind: Template, Service: w.service, TemplateID: w.id, Score: weight * certainty(z) * (1 - was*scale/is), Traces: []string{}}
		c.Measures = []Measure{{"lines", PerMinute, was / max(minutes.Before, 1e-9), is / max(minutes.After, 1e-9), [2]int{int(was), int(is)}}}
		verb := "is new"
		if was > 0 {
			verb = "is written more often"
		}
		c.Text = fmt.Sprintf("%s: %s → %s lines: %s", verb, whole(was), whole(is), clip(w.said()))
		w.illustrate(c, begin, split, end)
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Service, b.Service), strings.Compare(a.TemplateID, b.TemplateID))
	})
	return all
}

func whole(n float64) string { return strconv.FormatFloat(n, 'f', 0, 64) }

// illustrate adds when it began, and lines.
func (w *written) illustrate(c *candidate, begin, split, end int) {
	var samples []sample
	for i, n := range w.counts[begin:max(begin, end)] {
		samples = append(samples, sample{int64(begin + i), n})
	}
	first := int(onset(samples))
	for i := max(first, split-bins/10); i < bins; i++ {
		if w.counts[i] == 0 {
			continue
		}
		if c.Since.IsZero() {
			c.Since = w.lines[i].Time
		}
		if len(c.Lines) < maxExamples {
			c.Lines = append(c.Lines, w.lines[i])
		}
		if id := w.lines[i].TraceID; id != "" && len(c.Traces) < maxExamples && !slices.Contains(c.Traces, id) {
			c.Traces = append(c.Traces, id)
		}
	}
	top, sum := "", 0.0
	for host, n := range w.hosts {
		sum += n
		if n > w.hosts[top] || n == w.hosts[top] && host < top {
			top = host
		}
	}
	if len(w.hosts) > 1 && w.hosts[top] >= 0.9*sum {
		c.Hosts = []string{top}
		c.Text += fmt.Sprintf(" (%s of them on %s)", percent(w.hosts[top]/sum), top)
	}
}
