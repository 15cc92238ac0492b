// Package template finds the log statements that messages come from: which lines differ only in what was put into them. It learns
// from the lines as they pass, each is looked at once, and memory is bounded.
//
// It is a parse tree after Drain (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017), with more
// weight on what single tokens tell:
//
//   - A message is cut into tokens at blanks and at punctuation. What varies by its form (numbers, addresses, ids, times, paths, …),
//     and what stands where values do (behind '=', in quotes behind it, behind "user", behind prepositions) is masked. Neighbouring
//     ones are one, so that lists of any length are, too.
//   - What is left is hashed together with the number of tokens. That hash is the template's id, and finds it at once: nearly all
//     of the grouping is decided by the line itself, in whatever order lines come, on whatever host.
//   - A line whose hash is not known goes down the tree: to the leaf of its number of tokens and its first word, and to that of
//     its last. When enough templates there differ from it in the same one or two words only, those are values, too, and the oldest
//     of them covers such lines from then on. The others stay as they are, so that no id falls silent.
//
// Drain merges two lines as soon as they are similar enough. Measured on labelled logs that costs more than it brings, once tokens are
// masked well: words that differ are mostly states ("VM started", "VM paused") or things ("memory", "disk") and not values.
//
// Templates are forgotten when they take more memory than they may: first those of single lines, then those without lines for the
// longest time. Lines that come later make them anew, with the same ids.
package template

import (
	"sync"
	"sync/atomic"
)

const defaultMemory = 8 << 20

// Options bound a Miner. The zero value is the default.
type Options struct {
	Memory int // bytes that templates may take, about; 0 is 8 MiB
}

// Miner learns templates from lines. Any number of goroutines may use it.
type Miner struct {
	memory int
	known  table // by key
	taught table // templates that lines have made wider than their key, by leaf
	clock  atomic.Int64

	mu      sync.Mutex
	leaves  map[uint64][]*Template
	all     []*Template // the oldest first
	bytes   int
	gone    int64 // how many were forgotten
	changed bool
	saved   int64 // sum of counts when it was saved last
}

// New makes a Miner that knows nothing.
func New(o Options) *Miner {
	if o.Memory == 0 {
		o.Memory = defaultMemory
	}
	size := max(64, o.Memory/1024)
	return &Miner{memory: o.Memory, known: newTable(size), taught: newTable(size / 8), leaves: map[uint64][]*Template{}}
}

// Match returns the template of a message, which it learns when it is new, and counts the line; nil for a message of nothing
// but blanks. Of a message of several lines, only the first counts, and of a long one the first 4096 bytes and 64 words.
func (m *Miner) Match(message []byte) *Template {
	var l line
	l.read(message)
	if l.blank() {
		return nil
	}
	key := l.key()
	t := m.find(key, &l)
	if t == nil {
		t = m.learn(key, &l)
	} else if !t.shape.Load().holds(&l) {
		m.widen(t, &l)
	}
	if now := m.clock.Load(); t.used.Load() != now {
		t.used.Store(now)
	}
	t.count.Add(1)
	return t
}

// find takes no lock.
func (m *Miner) find(key uint64, l *line) *Template {
	if t := m.known.find(key, l); t != nil {
		return t
	}
	first, last := l.leaves()
	if t := m.taught.find(first, l); t != nil {
		return t
	}
	return m.taught.find(last, l)
}

// widen lets a template also hold a line that it covers.
func (m *Miner) widen(t *Template, l *line) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := t.shape.Load(); !s.holds(l) {
		m.reshape(t, t.widened(l, false))
	}
}

func (m *Miner) reshape(t *Template, s *shape) {
	m.bytes -= t.size()
	t.shape.Store(s)
	m.bytes += t.size()
	m.changed = true
}

// learn makes a template of a line that none covers, or lets another one cover it, too.
func (m *Miner) learn(key uint64, l *line) *Template {
	m.mu.Lock()
	defer m.mu.Unlock()
	if t := m.find(key, l); t != nil { // meanwhile
		return t
	}
	m.changed = true
	if t := m.generalize(l); t != nil {
		return t
	}
	t := newTemplate(l, key)
	m.add(t)
	m.clock.Add(1)
	if m.bytes > m.memory {
		m.forget()
	}
	return t
}

// add makes a template known.
func (m *Miner) add(t *Template) {
	s := t.shape.Load()
	m.known.add(t.key, t)
	m.all = append(m.all, t)
	m.bytes += t.size()
	first, last := s.leaves()
	for _, leaf := range []uint64{first, last} {
		m.leaves[leaf] = append(m.leaves[leaf], t)
	}
	if s.learned {
		m.teach(t)
	}
}

// teach lets a template be found by more lines than those with its key.
func (m *Miner) teach(t *Template) {
	first, last := t.shape.Load().leaves()
	m.taught.add(first, t)
	m.taught.add(last, t)
}

func (m *Miner) unteach(t *Template) {
	first, last := t.shape.Load().leaves()
	m.taught.remove(first, t)
	m.taught.remove(last, t)
}

// Stats say how a Miner does.
type Stats struct {
	Known     int   // templates
	Bytes     int   // of memory that they take, about
	Forgotten int64 // templates that had to make room for others since the start
}

// Stats are those of this moment.
func (m *Miner) Stats() Stats {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Stats{len(m.all), m.bytes, m.gone}
}

// Templates are those that are remembered, the oldest first.
func (m *Miner) Templates() []*Template {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*Template(nil), m.all...)
}
