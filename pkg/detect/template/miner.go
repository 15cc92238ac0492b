// Package template finds the statements that log lines come from: a streaming parse tree after Drain (He et al., "Drain: An Online
// Log Parsing Approach with Fixed Depth Tree", ICWS 2017).
package template

import (
	"fmt"
	"strings"
	"sync"

	"github.com/cespare/xxhash/v2"
)

// Options bound a Miner. The zero value is the default.
type Options struct {
	Templates int // how many are remembered; 0 is 4096
}

// Miner learns templates from lines. Any number of goroutines may use it.
type Miner struct {
	mu     sync.Mutex
	most   int
	byHead map[string][]*Template
	all    []*Template
}

// New makes a Miner that knows nothing.
func New(o Options) *Miner {
	if o.Templates == 0 {
		o.Templates = 4096
	}
	return &Miner{most: o.Templates, byHead: map[string][]*Template{}}
}

// Match returns the template of a message, which it learns when it is new, and counts the line; nil for a message without
// words and when there is no room for another template.
func (m *Miner) Match(message []byte) *Template {
	list := strings.Fields(string(message))
	if len(list) == 0 {
		return nil
	}
	for i, w := range list {
		if strings.ContainsAny(w, "0123456789") {
			list[i] = "<num>"
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	head := fmt.Sprint(len(list), " ", list[0])
	for _, t := range m.byHead[head] {
		if t.take(list) {
			t.count.Add(1)
			return t
		}
	}
	if len(m.all) == m.most {
		return nil
	}
	text := strings.Join(list, " ")
	t := &Template{id: fmt.Appendf(nil, "%016x", xxhash.Sum64String(text))}
	t.words.Store(&words{list, []byte(text)})
	t.count.Add(1)
	m.byHead[head], m.all = append(m.byHead[head], t), append(m.all, t)
	return t
}

// take reports whether the words are near enough, and widens the template by them.
func (t *Template) take(list []string) bool {
	old := t.words.Load().list
	same := 0
	for i, w := range list {
		if old[i] == w || old[i] == "<*>" {
			same++
		}
	}
	if same == len(list) {
		return true
	}
	if same*2 < len(list) {
		return false
	}
	wide := append([]string(nil), old...)
	for i, w := range list {
		if wide[i] != w {
			wide[i] = "<*>"
		}
	}
	t.words.Store(&words{wide, []byte(strings.Join(wide, " "))})
	return true
}

// Templates are those that are remembered, the oldest first.
func (m *Miner) Templates() []*Template {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]*Template(nil), m.all...)
}
