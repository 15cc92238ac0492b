package config

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
)

// Error is one mistake and where it stands.
type Error struct {
	File  string         // as it was given to Load; empty when the Config was not loaded
	Line  int            // from 1; 0: the file as a whole
	Cause *confkey.Error // its key is the path from the file's top, empty for the file as a whole
}

// Error prints FILE:LINE: key: what is wrong, without the parts that are not known.
func (e *Error) Error() string {
	var b strings.Builder
	if e.File != "" {
		b.WriteString(e.File)
		if e.Line > 0 {
			fmt.Fprintf(&b, ":%d", e.Line)
		}
		b.WriteString(": ")
	}
	if e.Cause.Key != "" {
		b.WriteString(e.Cause.Key + ": ")
	}
	return b.String() + e.Cause.Msg
}

// Unwrap gives the confkey error, so that a located error can be located again.
func (e *Error) Unwrap() error { return e.Cause }

// source knows on which line of which file each key stands.
type source struct {
	file  string
	lines map[string]int // by key path
}

// line is that of the key, or of its nearest parent in the file; 0 for the file as a whole.
func (s *source) line(key string) int {
	if s == nil || key == "" {
		return 0
	}
	for ; key != ""; key = parent(key) {
		if line, ok := s.lines[key]; ok {
			return line
		}
	}
	return 1
}

// has says whether the key is in the file.
func (s *source) has(key string) bool {
	_, ok := s.lines[key]
	return ok
}

// name is the file's; empty when there is none.
func (s *source) name() string {
	if s == nil {
		return ""
	}
	return s.file
}

// parent is the key path without its last part: "a[0].b" is below "a[0]", which is below "a".
func parent(key string) string {
	return key[:max(strings.LastIndexAny(key, ".["), 0)]
}

// problems gathers all that is wrong with one file.
type problems struct {
	src    *source
	list   []*Error
	keys   map[string]bool // that have a problem
	hidden []hidden
}

// hidden is a value that came from a file or the environment, where secrets come from: messages about its key show what stands in the
// configuration instead.
type hidden struct{ key, value, form string }

// hide replaces the values of a key, and of those above and below it, in a message about it.
func (p *problems) hide(key, msg string) string {
	for _, h := range p.hidden {
		if !strings.HasPrefix(h.key, key) && !strings.HasPrefix(key, h.key) {
			continue
		}
		msg = strings.ReplaceAll(msg, quote(h.value), quote(h.form))
		if len(h.value) > 3 { // shorter ones are no secrets, and may be anywhere in a message
			quoted := strconv.Quote(h.value)
			msg = replaceCut(replaceCut(msg, h.value, h.form), quoted[1:len(quoted)-1], h.form)
		}
	}
	return msg
}

// replaceCut replaces a value in a message, also where only the beginning of a long one stands.
func replaceCut(msg, value, form string) string {
	var b strings.Builder
	begins := value[:min(len(value), 12)]
	for {
		before, after, found := strings.Cut(msg, begins)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		rest := value[len(begins):]
		for rest != "" && after != "" && rest[0] == after[0] {
			rest, after = rest[1:], after[1:]
		}
		b.WriteString(form)
		msg = after
	}
}

// addf adds a problem at the key's own line. The dot at the end of a key comes from confkey.Below, around an error
// without a key.
func (p *problems) addf(key, format string, args ...any) {
	key = strings.TrimSuffix(key, ".")
	p.addAt(p.src.line(key), key, fmt.Sprintf(format, args...))
}

// addAt adds a problem at a line.
func (p *problems) addAt(line int, key, msg string) {
	if p.keys == nil {
		p.keys = map[string]bool{}
	}
	p.keys[key] = true
	msg = p.hide(key, msg)
	p.list = append(p.list, &Error{File: p.src.name(), Line: line, Cause: &confkey.Error{Key: key, Msg: msg}})
}

// checkf adds a problem unless the key or one above it has one already: a value that could not be read is not also
// reported as missing.
func (p *problems) checkf(key, format string, args ...any) {
	for above := key; above != ""; above = parent(above) {
		if p.keys[above] {
			return
		}
	}
	p.addf(key, format, args...)
}

// err joins the problems in the order of their lines; nil when there are none.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b *Error) int { return a.Line - b.Line })
	errs := make([]error, len(p.list))
	for i, e := range p.list {
		errs[i] = e
	}
	return errors.Join(errs...)
}
