package tail

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/user"
	pathpkg "path"
	"path/filepath"
	"strings"
	"time"

	"github.com/bmatcuk/doublestar/v4"
)

// Examination is what stands between a file and the pipelines that may read it, as the user sees it that the process runs as.
type Examination struct {
	Path       string      `json:"path"`               // absolute
	User       string      `json:"user"`               // that looked
	Real       string      `json:"real"`               // with all links resolved; as Path where there are none
	Obstacle   string      `json:"obstacle,omitempty"` // why it cannot be read, and at which folder of its path that begins
	Missing    bool        `json:"missing,omitempty"`  // the obstacle is that it is not there
	Kind       string      `json:"kind,omitempty"`     // file, or what else it is
	Owner      string      `json:"owner,omitempty"`    // with its mode
	Device     uint64      `json:"device,omitempty"`
	Inode      uint64      `json:"inode,omitempty"`
	Born       time.Time   `json:"born,omitzero"` // where the file system says
	Modified   time.Time   `json:"modified,omitzero"`
	Size       int64       `json:"size"`
	Compressed bool        `json:"compressed,omitempty"`
	Begins     string      `json:"begins,omitempty"` // a fingerprint of its first bytes; never the bytes themselves
	Lines      bool        `json:"lines"`            // it has a newline, or so many bytes that its first line is taken as it is
	Candidates []Candidate `json:"candidates"`       // by pipeline, in their order
}

// Candidate is how one pipeline sees the path.
type Candidate struct {
	Pipeline   string        `json:"pipeline"`
	Globs      []GlobMatch   `json:"globs"`                  // those that match or almost do
	Excluded   string        `json:"excluded,omitempty"`     // the pattern of exclude that matches it
	Outside    bool          `json:"outside,omitempty"`      // its links lead out of allowed_roots
	NotReached string        `json:"not_reached,omitempty"`  // why a matching pattern does not find it
	TooOld     time.Duration `json:"too_old,omitempty"`      // ignore_older, when it has not changed for longer
	FromEnd    bool          `json:"from_the_end,omitempty"` // never seen before, it would be read from its end
}

// GlobMatch is what one pattern makes of the path.
type GlobMatch struct {
	Glob string `json:"glob"`
	But  string `json:"but,omitempty"` // why it does not match; empty when it does
}

// Matches reports whether a pattern matches.
func (c Candidate) Matches() bool {
	for _, g := range c.Globs {
		if g.But == "" {
			return true
		}
	}
	return false
}

// Examine looks at a path as the pipelines would. It changes nothing, and reads no more than the file's beginning.
func Examine(inputs []Named, path string) Examination {
	e := Examination{Path: path, Real: path, User: username()}
	e.look()
	for i, named := range inputs {
		if in, err := newInput(i, named); err == nil { // inputs were checked with the configuration
			e.Candidates = append(e.Candidates, e.candidate(in))
		}
	}
	return e
}

// username is who the process runs as.
func username() string {
	u, err := user.Current()
	if err != nil {
		return fmt.Sprintf("uid %d", os.Getuid())
	}
	return u.Username
}

// look asks the file system about the file, and about every folder above it.
func (e *Examination) look() {
	if e.Obstacle, e.Missing = obstacle(e.Path); e.Obstacle != "" {
		return
	}
	if real, err := filepath.EvalSymlinks(e.Path); err == nil {
		e.Real = real
	}
	info, err := os.Stat(e.Path)
	if err != nil {
		e.Obstacle = err.Error()
		return
	}
	e.Owner, e.Size, e.Modified = ownerOf(info), info.Size(), info.ModTime()
	if e.Kind = kindOf(info.Mode()); e.Kind != "file" {
		return // opening a FIFO would wait, and a device may do anything
	}
	fd, err := os.OpenFile(e.Path, openFlags, 0)
	if err != nil {
		e.Obstacle = fmt.Sprintf("%s cannot be read: %v; it belongs to %s", e.Path, reasonOf(err), e.Owner)
		return
	}
	defer func() { _ = fd.Close() }() // was only read
	e.identify(fd)
}

func (e *Examination) identify(fd *os.File) {
	state, err := stateOf(fd)
	if err != nil {
		e.Obstacle = err.Error()
		return
	}
	e.Device, e.Inode = state.Dev, state.Ino
	if state.Birth != 0 {
		e.Born = time.Unix(0, state.Birth)
	}
	first := make([]byte, firstLineSize)
	n, err := fd.ReadAt(first, 0)
	if err != nil && err != io.EOF {
		e.Obstacle = fmt.Sprintf("%s cannot be read: %v", e.Path, reasonOf(err))
		return
	}
	h := headOf(first[:n])
	e.Begins = fmt.Sprintf("%016x over %d bytes", h.Hash, h.Len)
	e.Compressed = compressed(fd)
	e.Lines = e.Compressed || n == len(first) || bytes.IndexByte(first[:n], '\n') >= 0
}

// obstacle finds the first part of the path that is not there or may not be passed; "" when there is none.
func obstacle(path string) (text string, missing bool) {
	if _, err := os.Stat(path); err == nil {
		return "", false
	}
	for _, part := range ancestors(path) {
		_, err := os.Stat(part)
		switch {
		case err == nil:
			continue
		case errors.Is(err, fs.ErrNotExist):
			if to, failed := os.Readlink(part); failed == nil {
				return fmt.Sprintf("%s is a link to %s, which does not exist", part, to), true
			}
			return part + " does not exist", true
		case errors.Is(err, fs.ErrPermission):
			above := filepath.Dir(part)
			owner := ""
			if info, err := os.Stat(above); err == nil {
				owner = "; it belongs to " + ownerOf(info)
			}
			return fmt.Sprintf("the folder %s may not be passed%s", above, owner), false
		default:
			return fmt.Sprintf("%s: %v", part, reasonOf(err)), isNotDir(err)
		}
	}
	return "", false // it is there by now
}

// ancestors are the folders above the path, the uppermost first, and the path itself.
func ancestors(path string) (all []string) {
	for part := path; ; part = filepath.Dir(part) {
		all = append([]string{part}, all...)
		if filepath.Dir(part) == part {
			return all
		}
	}
}

// reasonOf is an error of the file system without the path.
func reasonOf(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

func kindOf(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "file"
	case mode.IsDir():
		return "folder"
	case mode&fs.ModeNamedPipe != 0:
		return "named pipe"
	case mode&fs.ModeSocket != 0:
		return "socket"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "special file"
}

// candidate looks at the path as one pipeline does.
func (e *Examination) candidate(in *input) Candidate {
	c := Candidate{Pipeline: in.name, FromEnd: in.StartAt == "end"}
	for i, g := range in.globs {
		if but, near := g.but(e.Path); near {
			c.Globs = append(c.Globs, GlobMatch{in.Paths[i], but})
		}
	}
	for _, pattern := range in.Exclude {
		only := input{Input: Input{Exclude: []string{pattern}}}
		if c.Excluded == "" && only.excluded(e.Path) {
			c.Excluded = pattern
		}
	}
	if e.Obstacle != "" || e.Kind != "file" || !c.Matches() {
		return c
	}
	_, _, err := in.bound(e.Path)
	c.Outside = errors.Is(err, errOutside)
	if in.tooOld(fileState{ModTime: e.Modified.UnixNano()}, time.Now()) {
		c.TooOld = in.IgnoreOlder
	}
	if c.Excluded == "" {
		c.NotReached = in.notReached(e.Path)
	}
	return c
}

// notReached says why looking for files does not come by the path, although a pattern matches it; "" when it does.
func (in *input) notReached(path string) string {
	found := false
	err := in.matches(nil, func(match string, _ fs.DirEntry) { found = found || match == path })
	switch {
	case found:
		return ""
	case err != nil:
		return err.Error()
	case !in.FollowSymlinks:
		return "a link is on the way, and follow_symlinks is false"
	}
	return "a folder on the way is a link, which ** does not go through"
}

// but says why the glob does not match the path, "" when it does; near is false when it is about other files altogether.
func (g glob) but(path string) (but string, near bool) {
	rel, err := filepath.Rel(g.base, path)
	if err != nil {
		return "", false
	}
	rel = filepath.ToSlash(rel)
	if ok, _ := doublestar.Match(g.rest, rel); ok {
		return "", true
	}
	folded, err := filepath.Rel(strings.ToLower(g.base), strings.ToLower(path))
	if err == nil {
		if ok, _ := doublestar.Match(strings.ToLower(g.rest), filepath.ToSlash(folded)); ok {
			return "upper and lower case differ", true
		}
	}
	if !filepath.IsLocal(filepath.FromSlash(rel)) {
		return "", false
	}
	if named, _ := doublestar.Match(pathpkg.Base(g.rest), pathpkg.Base(rel)); named && strings.Count(rel, "/") > strings.Count(g.rest, "/") {
		return fmt.Sprintf("the file is in a folder below; ** is for any depth, as in %s", filepath.Join(g.base, "**", pathpkg.Base(g.rest))), true
	}
	beside, _ := doublestar.Match(pathpkg.Dir(g.rest), pathpkg.Dir(rel))
	return "the name is another", beside
}

// Known lists what the checkpoints in dir say of every file, whoever writes them just now; they stay as they are.
func Known(dir string, log *slog.Logger) ([]FileStatus, error) {
	s, err := peekStore(dir, log)
	if err != nil {
		return nil, err
	}
	return s.statuses(), nil
}
