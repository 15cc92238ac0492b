package template

import "sync/atomic"

// Template is what the lines of one log statement have in common. It is shared by everybody who matched a line with it,
// and lives as long as anybody refers to it, also after the Miner has forgotten it.
type Template struct {
	id    []byte // 16 lower-case hexadecimal digits
	words atomic.Pointer[words]
	count atomic.Int64
}

// words are those of a template at one moment; they never change.
type words struct {
	list []string
	text []byte // of all of them
}

// ID names the template: 16 lower-case hexadecimal digits, the hash of its first line with what varies masked. So it is
// the same after a restart, and on every host on which that line came first.
func (t *Template) ID() string { return string(t.id) }

// IDBytes is ID without a copy; it must not be changed.
func (t *Template) IDBytes() []byte { return t.id }

// Text is the line with `<*>` for what varies, and with `<num>`, `<ip>` and the like for what does by its form. It becomes wider
// when lines come that need it; the ID stays.
func (t *Template) Text() string { return string(t.TextBytes()) }

// TextBytes is Text without a copy; it must not be changed.
func (t *Template) TextBytes() []byte { return t.words.Load().text }

// Count is how many lines have matched, also before a restart.
func (t *Template) Count() int64 { return t.count.Load() }
