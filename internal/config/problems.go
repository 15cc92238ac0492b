package config

import (
	"errors"
	"fmt"
	"slices"
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
	src  *source
	list []*Error
	keys map[string]bool // that have a problem
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
