package ship

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// letterFiles lists the files of dead letters in dir, the one being written last.
func letterFiles(dir string) []string {
	all, _ := filepath.Glob(filepath.Join(dir, "dead-letters*.ndjson")) // the pattern is a constant
	// Names with a number sort by age, and before the plain one: '-' is less than '.'.
	slices.Sort(all)
	return all
}

// setAside renames the file that letters are written to; without one there is nothing to do.
func setAside(path string) error {
	to := fmt.Sprintf("%s-%d.ndjson", strings.TrimSuffix(path, ".ndjson"), time.Now().UnixNano())
	if err := os.Rename(path, to); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Letterbox reads the dead letters of a data directory that no agent writes to, or those that were set aside.
type Letterbox struct{ dir string }

// OpenLetterbox looks at the letters in dir.
func OpenLetterbox(dir string) Letterbox { return Letterbox{dir} }

// SetAside is DeadLetters.SetAside for when no agent runs.
func (l Letterbox) SetAside() error { return setAside(filepath.Join(l.dir, deadLetterFile)) }

// All calls yield with each letter, oldest first, until it returns false. A line that is torn or is no letter is passed over.
func (l Letterbox) All(yield func(file string, letter DeadLetter) bool) error {
	for _, path := range letterFiles(l.dir) {
		goOn, err := eachLetter(path, yield)
		if err != nil || !goOn {
			return err
		}
	}
	return nil
}

// maxLetter bounds one line: a document of the largest size Elasticsearch takes by default, twice.
const maxLetter = 256 << 20

func eachLetter(path string, yield func(file string, letter DeadLetter) bool) (goOn bool, err error) {
	f, err := os.Open(path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) { // replayed or purged meanwhile
			return true, nil
		}
		return false, err
	}
	defer func() { _ = f.Close() }()
	scan := bufio.NewScanner(f)
	scan.Buffer(nil, maxLetter)
	for scan.Scan() {
		var letter DeadLetter
		if json.Unmarshal(scan.Bytes(), &letter) != nil || letter.Document == nil {
			continue
		}
		if !yield(path, letter) {
			return false, nil
		}
	}
	return true, scan.Err()
}

// Purge removes every letter that was set aside and tells how many there were.
func (l Letterbox) Purge() (letters int, err error) {
	return l.Take(func([]DeadLetter) ([]DeadLetter, error) { return nil, nil })
}

// Take hands each file of letters that was set aside to deal, which returns the letters to keep. A file is replaced only
// when deal has returned without an error. It tells how many letters are gone.
func (l Letterbox) Take(deal func([]DeadLetter) (keep []DeadLetter, err error)) (gone int, err error) {
	current := filepath.Join(l.dir, deadLetterFile)
	for _, path := range letterFiles(l.dir) {
		if path == current {
			continue
		}
		var letters []DeadLetter
		if _, err := eachLetter(path, func(_ string, letter DeadLetter) bool {
			letters = append(letters, letter)
			return true
		}); err != nil {
			return gone, err
		}
		keep, err := deal(letters)
		if err != nil {
			return gone, err
		}
		if err := replaceLetters(path, keep); err != nil {
			return gone, err
		}
		gone += len(letters) - len(keep)
	}
	return gone, nil
}

// replaceLetters leaves just the letters to keep in the file; without any the file is removed.
func replaceLetters(path string, keep []DeadLetter) error {
	if len(keep) == 0 {
		return os.Remove(path)
	}
	temporary := path + ".new"
	if err := os.Remove(temporary); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d := &DeadLetters{Max: 1 << 62, path: temporary}
	if err := errors.Join(d.Write(keep), d.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}
