package tail

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

// input is one pipeline's Input made ready.
type input struct {
	Input
	name  string
	index int
	total *event.Ledger
	globs []glob
	bytes atomic.Int64 // handed on

	framer   *frame.Framer      // belongs to the goroutine that reads
	searched bool               // for files that were being read when the agent stopped
	cut      map[string][]*file // found truncated at the first look, by directory; copies of all are looked for at once
	folders  folders

	truncations atomic.Int64
	givenUp     atomic.Int64 // deleted files
	lost        atomic.Int64 // bytes of them that were not read
}

// glob is one pattern: the directory that holds everything it can match, and the rest of it below that.
type glob struct{ base, rest string }

func newInput(index int, in Named) (*input, error) {
	framer, err := frame.New(in.Input.Config)
	if err != nil {
		return nil, err
	}
	i := &input{Input: in.Input, name: in.Name, index: index, total: in.Total, framer: framer, cut: map[string][]*file{}}
	for _, path := range in.Paths {
		base, rest := doublestar.SplitPattern(filepath.ToSlash(filepath.Clean(path)))
		i.globs = append(i.globs, glob{filepath.FromSlash(base), rest})
	}
	return i, nil
}

// matches calls yield with each path that one of the patterns matches, and notes in seen where it looks. The error joins what could
// not be looked at: then a file that was not found may still be there.
func (in *input) matches(seen *view, yield func(path string, entry fs.DirEntry)) error {
	var errs []error
	for _, g := range in.globs {
		tree := &tolerantFS{FS: os.DirFS(g.base), base: g.base, seen: seen}
		opts := []doublestar.GlobOption{doublestar.WithFilesOnly()}
		if !in.FollowSymlinks {
			opts = append(opts, doublestar.WithNoFollow())
		}
		err := doublestar.GlobWalk(tree, g.rest, func(path string, entry fs.DirEntry) error {
			if full := filepath.Join(g.base, filepath.FromSlash(path)); !in.excluded(full) {
				yield(full, entry)
			}
			return nil
		}, opts...)
		errs = append(errs, err, tree.err)
	}
	return errors.Join(errs...)
}

// wants reports whether a pattern matches the path and none of exclude does.
func (in *input) wants(path string) bool {
	return !in.excluded(path) && slices.ContainsFunc(in.globs, func(g glob) bool {
		rel, err := filepath.Rel(g.base, path)
		if err != nil {
			return false
		}
		ok, _ := doublestar.Match(g.rest, filepath.ToSlash(rel)) // patterns were checked with the configuration
		return ok
	})
}

// excluded reports whether a pattern of exclude matches the whole path, or the name when the pattern has no slash.
func (in *input) excluded(path string) bool {
	for _, pattern := range in.Exclude {
		subject := path
		if !strings.ContainsRune(pattern, '/') {
			subject = filepath.Base(path)
		}
		if ok, _ := doublestar.PathMatch(pattern, subject); ok { // patterns were checked with the configuration
			return true
		}
	}
	return false
}

// tooOld reports whether a file never seen before is to be left alone.
func (in *input) tooOld(state fileState, now time.Time) bool {
	return in.IgnoreOlder > 0 && now.Sub(time.Unix(0, state.ModTime)) > in.IgnoreOlder
}

// tolerantFS remembers that something could not be read where doublestar would pass over it in silence, as it does when
// there are no more file descriptors: an incomplete answer must never look like an empty one. What is not there, or is
// not a directory, is a complete answer.
type tolerantFS struct {
	fs.FS
	base string
	seen *view
	err  error
}

func (t *tolerantFS) note(err error) error {
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !isNotDir(err) {
		t.err = err
	}
	return err
}

func (t *tolerantFS) ReadDir(name string) ([]fs.DirEntry, error) {
	t.seen.note(filepath.Join(t.base, filepath.FromSlash(name)))
	entries, err := fs.ReadDir(t.FS, name)
	return entries, t.note(err)
}

func (t *tolerantFS) Stat(name string) (fs.FileInfo, error) {
	path := filepath.Join(t.base, filepath.FromSlash(name))
	t.seen.note(filepath.Dir(path))
	t.seen.name(path)
	info, err := fs.Stat(t.FS, name)
	return info, t.note(err)
}

// Match lists the files that in names and says which of them, or of the folders above them, cannot be read. It looks
// and changes nothing.
func Match(in Input) (paths []string, err error) {
	input, err := newInput(0, Named{Input: in})
	if err != nil {
		return nil, err
	}
	var errs []error
	err = input.matches(nil, func(path string, _ fs.DirEntry) {
		paths = append(paths, path)
		if info, err := os.Stat(path); err != nil || !regular(info) {
			return
		}
		f, err := input.openLog(path)
		if err != nil {
			errs = append(errs, err)
			return
		}
		_ = f.Close() // was not even read
	})
	return paths, errors.Join(append(errs, err)...)
}
