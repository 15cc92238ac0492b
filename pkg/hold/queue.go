package hold

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

// Line is a line that waits: what it takes to deliver or to drop it, and to acknowledge it then.
type Line struct {
	Source   *event.Source
	From, To int64 // the range of its file that is acknowledged with it
	Offset   int64
	Route    int
	Trace    uint64    // its Key
	Until    time.Time // when its trace is decided; the zero Time: not by time
	Parts    [3][]byte // what its owner wants back as it was; in a Queue they are copies
}

// size is how many bytes its parts have.
func (l *Line) size() (n int64) {
	for _, part := range l.Parts {
		n += int64(len(part))
	}
	return n
}

const (
	chunkText  = 64 << 10 // bytes of parts
	chunkLines = 256
	// lineCost is what a line costs beside its text: a Line, and that the acknowledgement of a file has a gap.
	lineCost  = 192
	chunkCost = chunkText + chunkLines*lineCost
)

// Pool bounds the memory of the queues of one pipeline. Any goroutine may use it.
type Pool struct {
	limit int64
	used  atomic.Int64
	mu    sync.Mutex
	spare []*chunk
}

// NewPool returns a Pool of so many bytes.
func NewPool(bytes int64) *Pool { return &Pool{limit: bytes} }

// Used is how many bytes are taken now.
func (p *Pool) Used() int64 { return p.used.Load() }

// Fits reports whether a line leaves room for others.
func (p *Pool) Fits(l *Line) bool { return l.size() <= p.limit/8 }

// take returns a chunk with room for a line of so many bytes; nil when there is no memory.
func (p *Pool) take(size int) *chunk {
	cost := int64(chunkCost)
	if size > chunkText {
		cost = int64(size) + lineCost
	}
	if p.used.Add(cost) > p.limit {
		p.used.Add(-cost)
		return nil
	}
	if size > chunkText {
		return &chunk{cost: cost, text: make([]byte, 0, size), lines: make([]Line, 0, 1)}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.spare); n > 0 {
		c := p.spare[n-1]
		p.spare = p.spare[:n-1]
		return c
	}
	return &chunk{cost: cost, text: make([]byte, 0, chunkText), lines: make([]Line, 0, chunkLines)}
}

func (p *Pool) put(c *chunk) {
	clear(c.lines)
	c.text, c.lines, c.next = c.text[:0], c.lines[:0], 0
	if c.cost == chunkCost {
		p.mu.Lock()
		p.spare = append(p.spare, c)
		p.mu.Unlock()
	}
	p.used.Add(-c.cost)
}

// chunk is memory for some lines that came one after the other.
type chunk struct {
	cost  int64
	text  []byte // holds all bytes that lines refer to
	lines []Line
	next  int // the first that still waits
}

func (c *chunk) room(size int) bool {
	return len(c.lines) < cap(c.lines) && cap(c.text)-len(c.text) >= size
}

// Queue holds the lines of one worker and pipeline in the order in which they came. It belongs to that worker's goroutine.
type Queue struct {
	pool   *Pool
	chunks []*chunk // in order; the first has the next line
	count  int
}

// NewQueue returns an empty Queue with memory of p.
func NewQueue(p *Pool) *Queue { return &Queue{pool: p} }

// Len is how many lines wait.
func (q *Queue) Len() int { return q.count }

// Push lets a line wait behind the others, and keeps a copy of its parts; false when there is no memory for it.
func (q *Queue) Push(l *Line) bool {
	size := int(l.size())
	last := len(q.chunks) - 1
	if last < 0 || !q.chunks[last].room(size) {
		c := q.pool.take(size)
		if c == nil {
			return false
		}
		q.chunks, last = append(q.chunks, c), last+1
	}
	c := q.chunks[last]
	c.lines = append(c.lines, *l)
	held := &c.lines[len(c.lines)-1]
	for i, part := range l.Parts {
		start := len(c.text)
		c.text = append(c.text, part...)
		held.Parts[i] = c.text[start:len(c.text):len(c.text)]
	}
	q.count++
	return true
}

// Oldest is the line that has waited longest; nil when none waits. It is valid until the next Pop.
func (q *Queue) Oldest() *Line {
	if q.count == 0 {
		return nil
	}
	c := q.chunks[0]
	return &c.lines[c.next]
}

// Pop takes the oldest line out, and reports whether that made memory free.
func (q *Queue) Pop() (freed bool) {
	c := q.chunks[0]
	c.next++
	q.count--
	if c.next < len(c.lines) {
		return false
	}
	copy(q.chunks, q.chunks[1:])
	q.chunks[len(q.chunks)-1] = nil
	q.chunks = q.chunks[:len(q.chunks)-1]
	q.pool.put(c)
	return true
}
