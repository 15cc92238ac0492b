package grok

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

// maxFile bounds a file of definitions, in bytes; Logstash's largest has 10,000.
const maxFile = 1 << 20

// ReadDir adds the definitions in the files of a folder, whatever their names, in the order of those; hidden files and
// folders are left out. A name that is there already gets its new text.
func (d Definitions) ReadDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		path := filepath.Join(dir, entry.Name())
		info, err := os.Stat(path) // a link's target
		switch {
		case strings.HasPrefix(entry.Name(), "."):
			continue
		case err != nil:
			return err
		case !info.Mode().IsRegular():
			continue
		case info.Size() > maxFile:
			return fmt.Errorf("%s: %d bytes; a file of definitions may have %d", path, info.Size(), maxFile)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if err := d.read(path, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// read adds the definitions of a file: a name, blanks and a pattern on each line. Blank lines and those that begin with
// # are comments.
func (d Definitions) read(path, text string) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimLeft(strings.TrimRight(line, "\r\n"), " \t")
		if line == "" || line[0] == '#' {
			continue
		}
		i := strings.IndexAny(line, " \t")
		if i < 0 || !utf8.ValidString(line) {
			return fmt.Errorf("%s:%d: %.60q is not a definition; write NAME, a blank and a pattern", path, number, line)
		}
		d[line[:i]] = strings.TrimLeft(line[i:], " \t")
	}
	return nil
}
