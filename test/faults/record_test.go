//go:build faults && linux

package faults_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

// store is where the documents of a scene end up: the stand-in, or a real Elasticsearch. What a poll asks it is answered by
// what was known last when it cannot be reached.
type store interface {
	tally() tally
	// read brings the record up to date and returns it; its lock guards it.
	read() *record
}

// tally is what a store has counted: documents that it took, and those that it had already.
type tally struct{ created, conflicts int }

// record is what a store has kept, as the oracle sees it.
type record struct {
	mu      sync.Mutex
	lines   map[lineKey]int // how often each line was kept
	others  []kept          // documents without a token of any writer, in the order they came
	odd     []string        // lines without a token that the row writes
	foreign []string        // what is nobody's line, and no line that the row expects
	look    func(kept)      // sees each document that is kept
}

// lineKey is a writer's line.
type lineKey struct {
	writer string
	number int
}

// kept is a document.
type kept struct {
	index, id string
	source    map[string]any
	raw       string
}

func newRecord() record { return record{lines: map[lineKey]int{}} }

// keyOf is the line of a token that matched tokenForm.
func keyOf(m [][]byte) lineKey {
	number, _ := strconv.Atoi(string(m[2])) // the form holds digits only
	return lineKey{string(m[1]), number}
}

// kept is how many lines of the writer are there.
func (r *record) kept(writer string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := 0
	for key := range r.lines {
		if key.writer == writer {
			n++
		}
	}
	return n
}

func (r *record) has(key lineKey) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines[key] > 0
}

// strangers are the documents without a token.
func (r *record) strangers() []kept {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]kept(nil), r.others...)
}

// take takes a document down; the caller holds mu.
func (r *record) take(doc kept) {
	if r.look != nil {
		r.look(doc)
	}
	if why := r.judge(&doc); why != "" {
		r.foreign = append(r.foreign, why+": "+clip(doc.raw, 300))
	}
}

// judge takes down whose line a document is; why says what is wrong with it.
func (r *record) judge(doc *kept) (why string) {
	decoder := json.NewDecoder(strings.NewReader(doc.raw))
	decoder.UseNumber() // 1e400 is a good number in JSON
	if err := decoder.Decode(&doc.source); err != nil {
		return err.Error()
	}
	message, _ := doc.source["message"].(string) // none: no token
	if strings.HasPrefix(message, "#") || message == "" || r.expected(message) {
		r.others = append(r.others, *doc)
		return ""
	}
	m := tokenForm.FindSubmatch([]byte(message))
	if m == nil {
		return "no token"
	}
	key := keyOf(m)
	want := fmt.Sprintf("%08x", sum(key.writer, key.number, string(m[4])))
	whole := message == string(m[0]) || message == jsonLine(string(m[0]), key.number) // of a line read as text
	if string(m[3]) != want || !whole {
		return "altered"
	}
	r.lines[key]++
	return ""
}

// expected reports whether a message is a line that the row writes, or what is left of one too long.
func (r *record) expected(message string) bool {
	for _, line := range r.odd {
		if message == line || len(message) >= 1<<20 && strings.HasPrefix(line, message) {
			return true
		}
	}
	return false
}
