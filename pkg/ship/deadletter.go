package ship

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/durable"
)

// DeadLetter is a document that an output refused for good, with everything that is needed to understand it and to send
// it again.
type DeadLetter struct {
	Time       time.Time       `json:"time"` // when it was refused
	Output     string          `json:"output"`
	Status     int             `json:"status"` // of the answer
	Type       string          `json:"type"`   // the kind of error, as the output names it
	Reason     string          `json:"reason"`
	Pipeline   string          `json:"pipeline"`
	Source     string          `json:"source"` // id of the file's incarnation, hexadecimal
	Generation uint32          `json:"generation"`
	Offset     int64           `json:"offset"`
	Action     json.RawMessage `json:"action"` // the action line of the bulk request: index and _id
	Document   json.RawMessage `json:"document"`
}

// MaxDeadLetters bounds the dead letters of a data directory, in bytes. Beyond, Write refuses, and what should become a
// dead letter is tried again until there is room: nothing is dropped in silence.
const MaxDeadLetters = 1 << 30

// deadLetterFile is where new letters go; those set aside stand beside it, with a number.
const deadLetterFile = "dead-letters.ndjson"

// ErrDeadLettersFull says that there is no room for another dead letter.
var ErrDeadLettersFull = errors.New("the dead letters are full; look at them with 'tailspan dlq list', then replay or purge them")

// DeadLetters appends to the file dead-letters.ndjson of the data directory, a JSON object a line. What Write returned
// for is on disk; a crash in the middle of a write leaves a last line without its end, which readers pass over.
type DeadLetters struct {
	Max int64 // bytes; MaxDeadLetters unless changed before the first Write

	mu   sync.Mutex
	path string
	file *os.File
	size int64 // of all files of letters, as of opening file and what was written since
}

// NewDeadLetters keeps its file in dir. Nothing is created before the first letter.
func NewDeadLetters(dir string) *DeadLetters {
	return &DeadLetters{Max: MaxDeadLetters, path: filepath.Join(dir, deadLetterFile)}
}

// Path is where the letters are.
func (d *DeadLetters) Path() string { return d.path }

// Write appends letters and returns once they are on disk. After an error none, some or all of them may be there, and
// the file is opened anew for the next try.
func (d *DeadLetters) Write(letters []DeadLetter) error {
	var out []byte
	for _, letter := range letters {
		line, err := json.Marshal(letter)
		if err != nil {
			return fmt.Errorf("dead letter: %w", err)
		}
		out = append(append(out, line...), '\n')
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		if err := d.open(); err != nil {
			return err
		}
		d.size = d.measure()
	}
	if d.size+int64(len(out)) > d.Max {
		if d.size = d.measure(); d.size+int64(len(out)) > d.Max {
			return ErrDeadLettersFull
		}
	}
	_, err := d.file.Write(out)
	if err == nil {
		err = d.file.Sync()
	}
	d.size += int64(len(out))
	if err != nil {
		_ = d.file.Close() // a descriptor that failed is not used again
		d.file = nil
	}
	return err
}

// open opens the file for appending, behind the end of what a crash may have left without one.
func (d *DeadLetters) open() error {
	f, err := os.OpenFile(d.path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	if err = endLastLine(f); err == nil {
		err = durable.OS{}.SyncDir(filepath.Dir(d.path)) // the file itself must be found again, too
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	d.file = f
	return nil
}

func endLastLine(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	var last [1]byte
	if _, err = f.ReadAt(last[:], info.Size()-1); err == nil && last[0] != '\n' {
		_, err = f.Write([]byte("\n"))
	}
	return err
}

// measure adds up all files of letters; what cannot be looked at counts nothing.
func (d *DeadLetters) measure() int64 {
	var sum int64
	for _, path := range letterFiles(filepath.Dir(d.path)) {
		if info, err := os.Stat(path); err == nil {
			sum += info.Size()
		}
	}
	return sum
}

// SetAside gives the letters so far a file of their own. The next one begins a new file, so whoever asked may do with
// the old ones as it likes.
func (d *DeadLetters) SetAside() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file != nil {
		_ = d.file.Close() // everything in it was synced
		d.file = nil
	}
	d.size = 0
	return setAside(d.path)
}

// Close lets go of the file.
func (d *DeadLetters) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.file == nil {
		return nil
	}
	err := d.file.Close()
	d.file = nil
	return err
}
