package propose

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Sample is the beginning of one file.
type Sample struct {
	path  string // absolute; empty for standard input
	lines [][]byte
}

// How much of a file is looked at.
const (
	sampleBytes = 256 << 10
	sampleLines = 2000
)

// Samples reads the beginnings of the files that paths, folders and globs name. Files that cannot be read or are no text are
// left out and told of on errs.
func Samples(names []string, errs io.Writer) ([]Sample, error) {
	paths, err := expand(names)
	if err != nil {
		return nil, err
	}
	var samples []Sample
	for _, path := range paths {
		s, err := sampleOf(path)
		switch {
		case err != nil:
			_, _ = fmt.Fprintf(errs, "%s: left out: %v\n", path, err) // there is nowhere else to say it
		case len(s.lines) > 0:
			samples = append(samples, s)
		}
	}
	if len(samples) == 0 {
		return nil, fmt.Errorf("no file with lines to look at among %q", names)
	}
	return samples, nil
}

// expand turns folders and globs into files, in order and each once.
func expand(names []string) ([]string, error) {
	var paths []string
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			name = filepath.Join(name, "**")
		}
		found, err := doublestar.FilepathGlob(name, doublestar.WithFilesOnly())
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if len(found) == 0 {
			return nil, fmt.Errorf("%s: no such file", name)
		}
		for _, path := range found {
			if path, err = filepath.Abs(path); err != nil {
				return nil, err
			}
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

func sampleOf(path string) (Sample, error) {
	f, err := os.Open(path)
	if err != nil {
		return Sample{}, err
	}
	defer func() { _ = f.Close() }() // was only read
	s, err := Read(f)
	s.path = path
	return s, err
}

// Read reads the lines that in begins with. The last one counts only if it is whole or the only one.
func Read(in io.Reader) (Sample, error) {
	text, err := io.ReadAll(io.LimitReader(in, sampleBytes))
	if err != nil {
		return Sample{}, err
	}
	if strings.IndexByte(string(text), 0) >= 0 {
		return Sample{}, errors.New("it is no text")
	}
	var s Sample
	for line := range strings.Lines(string(text)) {
		whole := strings.HasSuffix(line, "\n")
		if line = strings.TrimRight(line, "\r\n"); line == "" || !whole && len(text) == sampleBytes && len(s.lines) > 0 {
			continue
		}
		if s.lines = append(s.lines, []byte(line)); len(s.lines) == sampleLines {
			break
		}
	}
	if len(s.lines) == 0 {
		return s, errors.New("there is no line in it")
	}
	return s, nil
}
