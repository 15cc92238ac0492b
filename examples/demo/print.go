package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	width = 96 // columns
	shown = 12 // documents shown as they come
	pause = 400 * time.Millisecond
	bar   = 24 // columns of the picture of a trace
)

// printer writes for people. Without colour its codes are left out.
type printer struct {
	out    io.Writer
	colour bool
	count  int             // documents shown
	last   time.Time       // when the last one was
	whose  string          // the service of the last one
	known  map[string]bool // services of which one was shown in full
}

// Codes of a terminal.
const (
	bold, dim, red = "1", "2", "31"
)

var serviceColours = map[string]string{"edge": "36", "checkout": "32", "payments": "35"}

func (p *printer) paint(code, text string) string {
	if !p.colour || code == "" || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (p *printer) printf(format string, args ...any) {
	fmt.Fprintf(p.out, format, args...) // a closed terminal is nobody to tell
}

func (p *printer) heading(text string) { p.printf("\n%s\n", p.paint(bold, text)) }

// document shows some of the documents: the first of each service in full, beside the line that it was made of, later ones
// in brief, not too many at once and not always of one service, an error sooner.
func (p *printer) document(d *document, now time.Time) {
	if p.known == nil {
		p.known = map[string]bool{}
	}
	since := now.Sub(p.last)
	switch {
	case !p.known[d.service]:
		p.known[d.service] = true
		p.full(d)
	case p.count >= shown || len(p.known) < len(services):
		return
	case since >= 3*pause || since >= pause && d.service != p.whose || since >= pause/4 && d.failed && d.service != p.whose:
		if p.count == len(services) {
			p.heading("More, as they come")
		}
		p.brief(d)
	default:
		return
	}
	p.count++
	p.last, p.whose = now, d.service
}

// everywhere are fields of every document that say nothing in a demo.
var everywhere = []string{"host.name", "ecs.version", "log.file.path", "log.offset", "event.dataset"}

func (p *printer) full(d *document) {
	p.heading(filepath.Base(d.path) + ": the line")
	for rest := lineAt(d.path, d.offset); rest != ""; {
		n := min(len(rest), width-2)
		p.printf("  %s\n", p.paint(dim, rest[:n]))
		rest = rest[n:]
	}
	p.printf("%s\n", p.paint(bold, "its document"))
	names := slices.DeleteFunc(slices.Sorted(maps.Keys(d.fields)), func(name string) bool { return slices.Contains(everywhere, name) })
	var words [][2]string
	for _, name := range names {
		words = append(words, [2]string{name, d.fields[name]})
	}
	p.flow("  ", words)
	p.printf("  %s\n", p.paint(dim, "and "+strings.Join(everywhere, ", ")))
}

// flow writes names and values one after the other, as many on a line as fit.
func (p *printer) flow(indent string, words [][2]string) {
	column := 0
	for _, w := range words {
		size := utf8.RuneCountInString(w[0]) + 1 + utf8.RuneCountInString(w[1])
		switch {
		case column == 0:
			p.printf("%s", indent)
			column = len(indent)
		case column+3+size > width:
			p.printf("\n%s", indent)
			column = len(indent)
		default:
			p.printf("   ")
			column += 3
		}
		p.printf("%s %s", p.paint(dim, w[0]), w[1])
		column += size
	}
	p.printf("\n")
}

func (p *printer) brief(d *document) {
	p.printf("  %s  %s  %s  %9s  %s\n", d.time.Format("15:04:05.000"), p.service(d.service), p.text(d, 46), short(d), p.paint(dim, cut(d.trace, 9)))
}

func (p *printer) service(name string) string {
	return p.paint(serviceColours[name], fmt.Sprintf("%-9s", name))
}

// text is what happened, padded to n columns, red when it went wrong.
func (p *printer) text(d *document, n int) string {
	text := cut(d.text, n)
	padding := strings.Repeat(" ", n-utf8.RuneCountInString(text))
	if d.failed {
		text = p.paint(red, text)
	}
	return text + padding
}

// table shows the summary.
func (p *printer) table(rows []serviceRow) {
	p.heading("event.duration by service")
	p.printf("  %s\n", p.paint(dim, fmt.Sprintf("%-9s %7s %7s %10s %10s %10s", "service", "lines", "errors", "p50", "p95", "max")))
	for _, r := range rows {
		errors := fmt.Sprintf("%7d", r.errors)
		if r.errors > 0 {
			errors = p.paint(red, errors)
		}
		p.printf("  %s %7d %s %10s %10s %10s\n", p.service(r.service), r.lines, errors, millis(r.p50), millis(r.p95), millis(r.max))
	}
}

// trace draws the lines of one trace, each with when it began and how long it took.
func (p *printer) trace(lines []*document) {
	if len(lines) == 0 {
		return
	}
	begin, end := lines[0].start(), lines[0].time
	for _, d := range lines {
		if d.time.After(end) {
			end = d.time
		}
	}
	p.heading("The slowest trace, " + lines[0].trace)
	for _, d := range lines {
		from, length := span(d.start().Sub(begin), d.duration, end.Sub(begin), bar)
		picture := strings.Repeat(" ", from) + strings.Repeat("━", length) + strings.Repeat(" ", bar-from-length)
		p.printf("  %s %s %s %9s  %s\n", p.service(d.service), p.paint(serviceColours[d.service], picture),
			p.paint(dim, fmt.Sprintf("%10s", "+"+millis(d.start().Sub(begin)))), millis(d.duration), strings.TrimRight(p.text(d, 38), " "))
	}
}

// span places a duration in a picture of so many columns: at least one, and within.
func span(start, duration, total time.Duration, columns int) (from, length int) {
	if total <= 0 {
		return 0, columns
	}
	from = min(int(int64(start)*int64(columns)/int64(total)), columns-1)
	length = int((int64(duration)*int64(columns) + int64(total)/2) / int64(total))
	return from, min(max(length, 1), columns-from)
}

// millis writes a duration in milliseconds.
func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

func short(d *document) string {
	if !d.timed {
		return ""
	}
	return millis(d.duration)
}

// cut shortens text to n characters.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return string([]rune(text)[:n-1]) + "…"
}

// lineAt reads the line that a document was made of, back from its file; empty when that fails, for it is only shown.
func lineAt(path, offset string) string {
	text, err := os.ReadFile(path)
	at, err2 := strconv.Atoi(offset)
	if err != nil || err2 != nil || at > len(text) {
		return ""
	}
	line, _, _ := strings.Cut(string(text[at:]), "\n")
	return line
}
