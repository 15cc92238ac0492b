// Package spool keeps on disk what came from where nothing is kept: lines of sockets, of standard input, of the journal. What is
// in it is a log file like any other, which pkg/tail follows with its identities, checkpoints and ids; so a line is delivered
// exactly once from the moment it is in the spool, and an output that is away costs nothing but room.
//
// # On disk
//
// A folder of segments, 0000000000000001.log and so on, whose lines are appended in the order of their coming: as they came,
// or as records (see AppendRecord). Only the last segment is written to. A segment before it is removed once all of it
// is acknowledged; the last one stays, so that what was written last can always be told (Last). The sizes of all
// segments together are bounded: then whoever brings lines waits, or is told that there is no room.
//
// # What a crash does
//
// A line is written before Append returns, and synced within a second. The end of the process, by whatever signal, loses
// nothing that Append has taken. After the end of the machine lines of the last second may be missing; such of them as were
// delivered already stay delivered. A record of which only a part was written is cut off by the next Open, which begins a new
// segment and never writes to an old one: so none is joined with another.
package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
)

// ErrFull says that there is no room, and that the lines were not taken.
var ErrFull = errors.New("the spool is full")

const (
	suffix    = ".log"
	syncEvery = time.Second
	retry     = time.Second // after the disk refused a write
	parts     = 8           // so many segments, or more, make a full spool
	largest   = 4 << 20     // bytes of a segment
)

// Spool is one input's. Any goroutine may use it.
type Spool struct {
	dir string
	max int64

	mu       sync.Mutex
	segments []segment // in order; the last one may be open
	file     *os.File  // the last segment; nil: the next line begins another
	next     uint64
	total    int64         // bytes of all segments
	room     chan struct{} // closed when there is more of it
	dirty    bool          // something is not synced
	touched  chan struct{} // Keep has something to do
	failure  error         // of the last write; nil when it went well
}

type segment struct {
	path string
	size int64
}

// Open makes the folder when it is not there, and cuts off what a crash left of unfinished lines. It holds at most so many bytes.
func Open(dir string, most int64) (*Spool, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	s := &Spool{dir: dir, max: most, next: 1, room: make(chan struct{}), touched: make(chan struct{}, 1)}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		var number uint64
		if _, err := fmt.Sscanf(e.Name(), "%016d"+suffix, &number); err != nil || name(number) != e.Name() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		size, err := mend(path)
		if err != nil {
			return nil, err
		}
		s.segments = append(s.segments, segment{path, size})
		s.total += size
		s.next = max(s.next, number+1)
	}
	slices.SortFunc(s.segments, func(a, b segment) int { return bytes.Compare([]byte(a.path), []byte(b.path)) })
	return s, nil
}

func name(number uint64) string { return fmt.Sprintf("%016d%s", number, suffix) }

// mend cuts the file off behind its last newline.
func mend(path string) (size int64, err error) {
	f, err := os.OpenFile(path, os.O_RDWR, 0) // #nosec G304 -- in the data directory
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	end, err := lastNewline(f, info.Size())
	if err == nil && end < info.Size() {
		err = f.Truncate(end)
	}
	return end, err
}

// lastNewline is the offset behind the last newline before size; 0 for none.
func lastNewline(f io.ReaderAt, size int64) (int64, error) {
	buf := make([]byte, 64<<10)
	for end := size; end > 0; {
		start := max(0, end-int64(len(buf)))
		piece := buf[:end-start]
		if _, err := f.ReadAt(piece, start); err != nil {
			return 0, err
		}
		if i := bytes.LastIndexByte(piece, '\n'); i >= 0 {
			return start + int64(i) + 1, nil
		}
		end = start
	}
	return 0, nil
}

// Last returns the last line in the spool, without its newline; nil when there is none. longest bounds it.
func (s *Spool) Last(longest int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, seg := range slices.Backward(s.segments) {
		if seg.size == 0 {
			continue
		}
		f, err := os.Open(seg.path)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // was only read
		end := seg.size - 1
		start, err := lastNewline(f, end)
		if err != nil {
			return nil, err
		}
		line := make([]byte, min(end-start, int64(longest)))
		_, err = f.ReadAt(line, start)
		return line, err
	}
	return nil, nil
}

// Append takes whole lines, each with its newline. With wait it returns when they are written, or with the error of ctx;
// without it ErrFull says that there was no room for them, and any other error that the disk did not take them.
func (s *Spool) Append(ctx context.Context, lines []byte, wait bool) error {
	for {
		pause, err := s.try(lines)
		if err == nil || !wait {
			return err
		}
		var again <-chan time.Time
		if !errors.Is(err, ErrFull) {
			again = time.After(retry)
		}
		select {
		case <-pause:
		case <-again:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// try writes the lines if there is room; else more is closed when there may be.
func (s *Spool) try(lines []byte) (more <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.total > 0 && s.total+int64(len(lines)) > s.max {
		return s.room, ErrFull
	}
	err = s.write(lines)
	s.failure = err
	return s.room, err
}

// write appends to the last segment. When the disk takes a part of it only, that is taken back: nobody reads a line without its
// newline. If it cannot be, nothing is ever written behind it.
func (s *Spool) write(lines []byte) error {
	if s.file != nil && s.last().size > 0 && s.last().size+int64(len(lines)) > min(largest, s.max/parts) {
		if err := s.seal(); err != nil {
			return err
		}
	}
	if s.file == nil {
		if err := s.begin(); err != nil {
			return err
		}
	}
	seg := s.last()
	n, err := s.file.Write(lines)
	if err == nil {
		seg.size += int64(n)
		s.total += int64(n)
		s.dirty = true
		s.touch()
		return nil
	}
	if n > 0 && s.file.Truncate(seg.size) != nil {
		whole := int64(bytes.LastIndexByte(lines[:n], '\n') + 1) // these will be read, and come again
		seg.size, s.total = seg.size+whole, s.total+whole
	}
	if seg.size > 0 { // once it is delivered it makes room on the disk
		err = errors.Join(err, s.seal())
	}
	return err
}

func (s *Spool) last() *segment { return &s.segments[len(s.segments)-1] }

// begin makes the next segment.
func (s *Spool) begin() error {
	path := filepath.Join(s.dir, name(s.next))
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600) // #nosec G304 -- in the data directory
	if err != nil {
		return err
	}
	s.next++
	s.file = f
	s.segments = append(s.segments, segment{path: path})
	return durable.OS{}.SyncDir(s.dir)
}

// seal ends the last segment.
func (s *Spool) seal() error {
	err := errors.Join(s.file.Sync(), s.file.Close())
	s.file, s.dirty = nil, false
	s.touch()
	return err
}

// touch says that there is something to sync or to remove.
func (s *Spool) touch() {
	select {
	case s.touched <- struct{}{}:
	default:
	}
}

// Keep syncs what was written, once a second, and removes what is done with, until ctx is done; while there is nothing of either it
// sleeps. delivered tells up to where a segment is acknowledged; removed is told of each that is not there any more; keep is that
// of Collect.
func (s *Spool) Keep(ctx context.Context, delivered func(path string) int64, removed func(path string), keep bool) {
	s.touch() // for what was there before
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.touched:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(syncEvery):
		}
		s.sync()
		if s.Collect(delivered, removed, keep) > 0 {
			s.touch()
		}
	}
}

// sync makes durable what was written. A descriptor of which that failed is not used again: what it could not write may
// be gone, and only a crash of the machine would show it.
func (s *Spool) sync() {
	s.mu.Lock()
	f, dirty := s.file, s.dirty
	s.dirty = false
	s.mu.Unlock()
	if !dirty || f == nil {
		return
	}
	err := f.Sync() // beside the lock: lines go on coming
	if err == nil || errors.Is(err, os.ErrClosed) {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure = err; s.file == f {
		_ = s.file.Close()
		s.file = nil
	}
}

// Collect removes segments that are acknowledged to their ends, but for the one that is written to, and returns how many are left of
// those that will be removed. With keep the last line stays, too, for Last.
func (s *Spool) Collect(delivered func(path string) int64, removed func(path string), keep bool) (left int) {
	s.mu.Lock()
	old := slices.Clone(s.segments)
	if s.file != nil {
		old = old[:len(old)-1]
	}
	if keep && (s.file == nil || s.last().size == 0) {
		for i, seg := range slices.Backward(old) {
			if seg.size > 0 {
				old = slices.Delete(old, i, i+1)
				break
			}
		}
	}
	s.mu.Unlock()
	for _, seg := range old {
		if delivered(seg.path) < seg.size {
			left++
			continue
		}
		if err := os.Remove(seg.path); err != nil && !errors.Is(err, os.ErrNotExist) {
			s.note(err)
			left++
			continue
		}
		removed(seg.path)
		s.mu.Lock()
		s.segments = slices.DeleteFunc(s.segments, func(other segment) bool { return other.path == seg.path })
		s.total -= seg.size
		close(s.room)
		s.room = make(chan struct{})
		s.mu.Unlock()
	}
	return left
}

func (s *Spool) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure = err
}

// Size is how many bytes are in the spool.
func (s *Spool) Size() int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.total
}

// Failure is why the disk did not take what was given to it last; nil when it did.
func (s *Spool) Failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

// Close lets go of the last segment. Nobody may use the Spool any more.
func (s *Spool) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		return nil
	}
	return s.seal()
}
