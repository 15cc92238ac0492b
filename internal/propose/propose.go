// Package propose looks at log files and says which configuration would suit them, how sure that is, and why. It asks the
// parser what it makes of the lines by itself, so that what is proposed is what the agent would do.
package propose

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Pipeline is a pipeline for files whose lines look alike.
type Pipeline struct {
	name      string
	paths     []string
	format    string
	framing   string // empty for line
	multiline bool

	files, lines, fit, timed, behind int    // how many there are, are of the format, have a time, belong to the line before
	because                          string // what told the format
	document                         []byte // of the first line that is of the format
}

// Pipelines looks at samples and puts those together that need the same pipeline.
func Pipelines(samples []Sample) ([]Pipeline, error) {
	var all []Pipeline
	for i := range samples {
		next, err := look(&samples[i])
		if err != nil {
			return nil, err
		}
		same := slices.IndexFunc(all, func(p Pipeline) bool {
			return p.name == next.name && p.format == next.format && p.framing == next.framing
		})
		if same < 0 {
			all = append(all, next)
			continue
		}
		all[same].join(&next)
	}
	used := map[string]int{}
	for i := range all {
		if used[all[i].name]++; used[all[i].name] > 1 {
			all[i].name += "-" + strconv.Itoa(used[all[i].name])
		}
	}
	return all, nil
}

// join takes over the files of another one.
func (p *Pipeline) join(next *Pipeline) {
	p.paths = append(p.paths, next.paths...)
	p.files, p.lines, p.fit, p.timed, p.behind = p.files+next.files, p.lines+next.lines, p.fit+next.fit, p.timed+next.timed, p.behind+next.behind
	p.multiline = p.multiline || next.multiline
}

// sureShare is the share of lines from which on a format is named rather than left to auto.
const sureShare = 0.95

// look finds out what the lines of one file are.
func look(s *Sample) (Pipeline, error) {
	p := Pipeline{name: nameOf(s.path), format: "auto", files: 1, lines: len(s.lines)}
	if s.path != "" {
		p.paths = []string{s.path}
	}
	parser, err := parse.New(parse.Config{})
	if err != nil {
		return p, err
	}
	kinds := map[string]*seen{}
	for i, line := range s.lines {
		ev := event.Event{Raw: line}
		parser.Parse(&ev)
		e := parser.Explain(&ev)
		kind := kindOf(e)
		if i > 0 && kind == "" && !ev.Time.Set && continued.Match(line) {
			p.behind++
			continue
		}
		if ev.Time.Set {
			p.timed++
		}
		if kinds[kind] == nil {
			kinds[kind] = &seen{first: e, document: ship.NewEncoder(p.name, "").AppendDocument(nil, &ev, s.path)}
		}
		kinds[kind].lines++
	}
	p.multiline = p.behind > 0
	p.choose(kinds)
	return p, nil
}

// seen are the lines of one kind.
type seen struct {
	lines    int
	first    parse.Explanation
	document []byte
}

// choose takes the kind that most lines are of.
func (p *Pipeline) choose(kinds map[string]*seen) {
	best := ""
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if kind != "" && (kinds[best] == nil || best == "" || kinds[kind].lines > kinds[best].lines) {
			best = kind
		}
	}
	most := kinds[best]
	p.fit, p.document = most.lines, most.document
	outer, inside, _ := strings.Cut(best, " ")
	switch {
	case best == "":
		p.because = "no format that has a name fits; auto finds time, level, ids and durations in the text"
	case p.share() < sureShare:
		p.because = "the lines are of several kinds, most of them " + best
	case outer == "cri" || outer == "docker":
		p.framing, p.because = outer, "each line is in the envelope of a container runtime"
	case inside == "":
		p.format, p.because = outer, "auto found nothing else"
	default:
		p.because = "the lines are " + outer + " with " + inside + " in it"
	}
	for _, f := range most.first.Formats {
		if f.Head != "" {
			p.because += "; the first one begins as " + f.Head
		}
	}
}

// share is how many of the lines that begin an event are of the format, from 0 to 1.
func (p *Pipeline) share() float64 { return float64(p.fit) / float64(max(1, p.lines-p.behind)) }

// kindOf names the formats of a line that a configuration can name, the envelope first; empty when there is none.
func kindOf(e parse.Explanation) string {
	var names []string
	for _, f := range e.Formats {
		if f.Name != "none" && f.Name != "auto" {
			names = append(names, f.Name)
		}
	}
	return strings.Join(names, " ")
}

// continued matches what looks as if it belonged to the line before: of a stack trace, or indented.
var continued = regexp.MustCompile(`^(?:\s+\S|Caused by: |Traceback \(|[\w.$]+(?:Exception|Error)\b|\.\.\. \d+ more|[})\]]+$)`)

var (
	notName  = regexp.MustCompile(`[^a-z0-9]+`)
	numbered = regexp.MustCompile(`[\d_-]{2,}$`)
)

// nameOf makes a pipeline's name of a file's: without its extensions, numbers and dates; of its folder's when nothing is left.
func nameOf(path string) string {
	if path == "" {
		return "stdin"
	}
	base, _, _ := strings.Cut(strings.ToLower(filepath.Base(path)), ".")
	for _, text := range []string{base, strings.ToLower(filepath.Base(filepath.Dir(path)))} {
		text = strings.Trim(numbered.ReplaceAllString(text, ""), "-_")
		if text = strings.Trim(notName.ReplaceAllString(text, "-"), "-"); text != "" {
			return text
		}
	}
	return "logs"
}

// Remark says how sure the proposal is, why, and what would become of a line.
func (p *Pipeline) Remark() string {
	sure := "sure"
	switch share := p.share(); {
	case share < 0.5:
		sure = "not sure"
	case share < sureShare:
		sure = "fairly sure"
	}
	return fmt.Sprintf("%s: format %s, %s: %s\n  files: %d, lines: %d, of the format: %d, with a time: %d, that belong to the one before: %d\n  %s\n",
		p.name, p.format, sure, p.because, p.files, p.lines, p.fit, p.timed, p.behind, p.document)
}

// Configuration writes the configuration.
func Configuration(pipelines []Pipeline) string {
	var b strings.Builder
	b.WriteString("data_dir: ./tailspan-data   # checkpoints and dead letters: keep it across restarts\npipelines:\n")
	for _, p := range pipelines {
		fmt.Fprintf(&b, "  - name: %s\n", p.name)
		if len(p.paths) == 0 {
			b.WriteString("    paths: [/var/log/app/*.log]   # the lines came from standard input: say where they are\n")
		} else {
			b.WriteString("    paths:\n")
			for _, path := range p.paths {
				fmt.Fprintf(&b, "      - %s\n", strconv.Quote(globMeta.Replace(path)))
			}
		}
		if p.framing != "" {
			fmt.Fprintf(&b, "    framing: %s\n", p.framing)
		}
		fmt.Fprintf(&b, "    format: %s\n", p.format)
		if p.multiline {
			b.WriteString("    multiline: auto\n")
		}
	}
	b.WriteString("output:\n  elasticsearch:\n    hosts: [\"${ES_URL:-http://127.0.0.1:9200}\"]\n")
	return b.String()
}

// globMeta takes the meaning from what a pattern would understand in a file's name.
var globMeta = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `{`, `\{`)
