// Package workload makes deterministic log lines and knows what a shipper must make of them.
//
// The same shape, seed and number of lines always give the same bytes, whatever the machine, so that figures of
// different days and different shippers are about the same file.
package workload

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

// Shapes are the kinds of lines, in the order in which they are worth reading: structured service logs, access log lines
// for a regular expression, and application text with a mixture of units.
var Shapes = []string{"json", "regex", "mixed"}

// start is shortly before the first line.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Generator makes lines of one shape.
type Generator struct {
	rng    *rand.Rand
	append func(*Generator, []byte, *request) []byte
	now    time.Time
	seq    int64
}

// New returns a generator at its first line.
func New(shape string, seed uint64) (*Generator, error) {
	g := &Generator{rng: rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15)), now: start}
	switch shape {
	case "json":
		g.append = (*Generator).appendJSON
	case "regex":
		g.append = (*Generator).appendAccess
	case "mixed":
		g.append = (*Generator).appendText
	default:
		return nil, fmt.Errorf("unknown shape %q; there are %s", shape, strings.Join(Shapes, ", "))
	}
	return g, nil
}

// request is what a line tells about, before it takes its shape.
type request struct {
	Record
	level, service, method, path string
	id                           int
}

// Append appends the next line with its newline, and returns what must be found in it.
func (g *Generator) Append(dst []byte) ([]byte, Record) {
	r := g.next()
	dst = g.append(g, dst, &r)
	g.seq++
	return dst, r.Record
}

// next draws a request. The order of the draws is part of the format: another order is another file.
func (g *Generator) next() request {
	var r request
	g.now = g.now.Add(time.Duration(g.rng.IntN(2000)) * time.Microsecond)
	r.Seq, r.Time = g.seq, g.now
	r.TraceHi, r.TraceLo, r.Span = g.rng.Uint64(), g.rng.Uint64(), g.rng.Uint64()
	r.Status = pick(g, statuses)
	r.method, r.path = pick(g, methods), pick(g, paths)
	r.service, r.level = pick(g, services), pick(g, levels)
	r.id = g.rng.IntN(1_000_000)
	r.Duration = time.Duration(50+g.rng.IntN(2_000)) * time.Microsecond
	if g.rng.IntN(20) == 0 { // most requests are quick, some are slow
		r.Duration = time.Duration(100_000+g.rng.IntN(4_000_000)) * time.Microsecond
	}
	return r
}

func pick[T any](g *Generator, from []T) T { return from[g.rng.IntN(len(from))] }

// FactsPath is where the facts of a log file stand: beside it.
func FactsPath(log string) string { return log + ".facts.json" }

// WriteFile writes a log file, and its facts beside it.
func WriteFile(path, shape string, lines int64, seed uint64) (*Facts, error) {
	g, err := New(shape, seed)
	if err != nil {
		return nil, err
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	facts := &Facts{Shape: shape, Seed: seed}
	if err := errors.Join(g.write(file, lines, facts), file.Close()); err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(facts, "", "  ")
	if err != nil {
		return nil, err
	}
	return facts, os.WriteFile(FactsPath(path), append(text, '\n'), 0o644)
}

func (g *Generator) write(file *os.File, lines int64, facts *Facts) error {
	w := bufio.NewWriterSize(file, 1<<20)
	line := make([]byte, 0, 1<<10)
	for range lines {
		var r Record
		line, r = g.Append(line[:0])
		facts.Add(r)
		facts.Bytes += int64(len(line))
		if _, err := w.Write(line); err != nil {
			return err
		}
	}
	return w.Flush()
}

// ReadFacts reads a facts file.
func ReadFacts(path string) (*Facts, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	facts := new(Facts)
	if err := json.Unmarshal(text, facts); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return facts, nil
}
