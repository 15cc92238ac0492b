package local

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"
)

// File is a file of the store.
type File struct {
	Path string
	Day  string // 2026-11-22, of the documents' time in UTC
	Part int    // from 1 on
}

var fileName = regexp.MustCompile(`^(\d{4}-\d\d-\d\d)\.(\d{3,9})\.db$`)

// List lists the files of a store in order of their days. A store that is not there has none.
func List(dir string) ([]File, error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []File
	for _, e := range entries {
		m := fileName.FindStringSubmatch(e.Name())
		if m == nil {
			continue
		}
		number, err := strconv.Atoi(m[2])
		if err != nil {
			continue
		}
		all = append(all, File{Path: dir + string(os.PathSeparator) + e.Name(), Day: m[1], Part: number})
	}
	slices.SortFunc(all, func(a, b File) int { return cmp.Or(cmp.Compare(a.Day, b.Day), a.Part-b.Part) })
	return all, nil
}

// companions are the files that SQLite keeps beside one.
var companions = []string{"", "-wal", "-shm"}

// sizeOf is how much a file of the store takes with its companions.
func sizeOf(path string) (size int64) {
	for _, end := range companions {
		if info, err := os.Stat(path + end); err == nil {
			size += info.Size()
		}
	}
	return size
}

// written is when a file was last written to.
func (f File) written() (at time.Time) {
	for _, end := range companions[:2] {
		if info, err := os.Stat(f.Path + end); err == nil && info.ModTime().After(at) {
			at = info.ModTime()
		}
	}
	return at
}

// ended is when the day of a file was over.
func (f File) ended() time.Time {
	day, err := time.Parse(dayLayout, f.Day)
	if err != nil {
		return time.Time{}
	}
	return day.AddDate(0, 0, 1)
}

// remove drops a file whole. Its log goes first: a file without its log is an older one, a log without its file is none.
func (f File) remove() error {
	var errs []error
	for _, end := range []string{"-shm", "-wal", ""} {
		if err := os.Remove(f.Path + end); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
