//go:build faults && linux

package faults_test

import (
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// writer appends lines to a log file, half of them JSON and half of them text. In each stands a token, NAME|NUMBER|SUM|PAD, by
// which the oracle knows whose line it is and that nothing of it has changed.
type writer struct {
	name string

	mu    sync.Mutex
	path  string
	fd    *os.File
	next  int // number of the next line
	wide  int // bytes more in each line
	stops []func()

	teller int // 1 or 2: which of a pair it is, whose lines are of traces; 0: of none
}

// tokenForm is a token as it stands in a line. The name ends where the number begins.
var tokenForm = regexp.MustCompile(`([a-z0-9.-]+)\|(\d+)\|([0-9a-f]{8})\|([a-zäß]*)`)

const letters = "abcdefghijklmnopqrstuvwxyzäß"

// pad is the text behind a token; it depends on the number alone.
func pad(number, wide int) string {
	all := []rune(letters)
	out := make([]rune, 10+number*7%90+wide)
	for i := range out {
		out[i] = all[(number+i*i)%len(all)]
	}
	return string(out)
}

func token(name string, number, wide int) string {
	p := pad(number, wide)
	return fmt.Sprintf("%s|%d|%08x|%s", name, number, sum(name, number, p), p)
}

func sum(name string, number int, pad string) uint32 {
	return crc32.ChecksumIEEE([]byte(name + "|" + strconv.Itoa(number) + "|" + pad))
}

func (w *writer) line(number int) []byte {
	if w.teller > 0 {
		return append([]byte(w.tracedLine(number)), '\n')
	}
	if number%2 == 0 {
		return append([]byte(jsonLine(token(w.name, number, w.wide), number)), '\n')
	}
	return append([]byte(token(w.name, number, w.wide)), '\n')
}

func jsonLine(token string, number int) string {
	return fmt.Sprintf(`{"message":"%s","level":"info","n":%d}`, token, number)
}

// writer makes a writer for the file of that name in the folder of logs.
func (s *scene) writer(name string) *writer { return s.writerAt(filepath.Join(s.logs, name)) }

// writerAt makes a writer for the file at path. Its lines are told by a name no other writer of the scene has.
func (s *scene) writerAt(path string) *writer {
	s.t.Helper()
	w := &writer{name: fmt.Sprintf("w%d.%s", len(s.writers), nameForm.ReplaceAllString(filepath.Base(path), "-")), path: path}
	s.must(w.reopen(path))
	s.writers = append(s.writers, w)
	s.t.Cleanup(func() {
		w.rest()
		_ = w.fd.Close() // whatever became of it
	})
	return w
}

var nameForm = regexp.MustCompile(`[^a-z0-9.-]`)

// reopen goes on in the file at path, as a service does after its log was rotated.
func (w *writer) reopen(path string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	fd, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	if w.fd != nil {
		_ = w.fd.Close() // each write has been looked at
	}
	w.fd, w.path = fd, path
	return nil
}

// write appends n lines.
func (w *writer) write(n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []byte
	for range n {
		out = append(out, w.line(w.next)...)
		w.next++
		if len(out) > 256<<10 {
			w.put(out)
			out = out[:0]
		}
	}
	w.put(out)
}

func (w *writer) put(b []byte) {
	if _, err := w.fd.Write(b); err != nil {
		panic(err) // the disk is full, or the row has closed the file
	}
}

// raw appends bytes that are nobody's line.
func (w *writer) raw(b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.put(b)
}

// begin appends the first half of the next line; the returned function appends the rest.
func (w *writer) begin() (finish func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := w.line(w.next)
	w.put(line[:len(line)/2])
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.put(line[len(line)/2:])
		w.next++
	}
}

// written is how many lines it has written.
func (w *writer) written() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next
}

// flow appends so many lines a second until rest is called.
func (w *writer) flow(perSecond int) {
	const beat = 10 * time.Millisecond
	stop, done := make(chan struct{}), make(chan struct{})
	w.stops = append(w.stops, func() {
		close(stop)
		<-done
	})
	go func() {
		defer close(done)
		tick := time.NewTicker(beat)
		defer tick.Stop()
		start, made := time.Now(), 0
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
			}
			due := int(time.Since(start).Seconds() * float64(perSecond))
			w.write(due - made)
			made = due
		}
	}()
}

// rest ends flow.
func (w *writer) rest() {
	for _, stop := range w.stops {
		stop()
	}
	w.stops = nil
}
