package ship

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
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

// DeadLetters appends to the file dead-letters.ndjson of the data directory, a JSON object a line. What Write returned
// for is on disk; a crash in the middle of a write leaves a last line without its end, which readers pass over.
type DeadLetters struct {
	mu   sync.Mutex
	path string
	file *os.File
}

// NewDeadLetters keeps its file in dir. Nothing is created before the first letter.
func NewDeadLetters(dir string) *DeadLetters {
	return &DeadLetters{path: filepath.Join(dir, "dead-letters.ndjson")}
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
	}
	_, err := d.file.Write(out)
	if err == nil {
		err = d.file.Sync()
	}
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
		err = syncDir(filepath.Dir(d.path)) // the file itself must be found again, too
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

// syncDir makes the names in a directory durable, where the system can: Windows does it by itself.
func syncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
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
