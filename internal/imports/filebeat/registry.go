package filebeat

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// State is how far Filebeat has read one file.
type State struct {
	Key    string // of the registry
	Path   string
	Inode  uint64 // 0: the registry knows the file by other means
	Offset int64
}

// ReadRegistry reads a registry of Filebeat: its folder, as it has been since version 7.9, or the single file of before.
//
// The folder holds a state, an array of entries in a file that active.dat names, and log.json, in which stands what was done
// since: for each operation a line that says which, {"op":"set","id":1}, and a line that says with what,
// {"k":KEY,"v":{...}}. An operation that was not written whole ends the log, as it does for Filebeat.
func ReadRegistry(path string) ([]State, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return readStates(path)
	}
	for _, dir := range []string{path, filepath.Join(path, "filebeat"), filepath.Join(path, "registry", "filebeat")} {
		if states, err := readFolder(dir); !errors.Is(err, errNoRegistry) {
			return states, err
		}
	}
	return nil, fmt.Errorf("%s: %w", path, errNoRegistry)
}

var errNoRegistry = errors.New("holds no registry of Filebeat: neither log.json nor data.json nor a state that active.dat names")

// jsonText is a value as it is written.
type jsonText = json.RawMessage

// readFolder reads a folder with a state and a log.
func readFolder(dir string) ([]State, error) {
	entries := map[string]jsonText{}
	checkpoint, err := activeState(dir)
	if err != nil {
		return nil, err
	}
	if checkpoint != "" {
		if err := readCheckpoint(checkpoint, entries); err != nil {
			return nil, err
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "log.json"))
	switch {
	case err == nil:
		replay(log, entries)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	case checkpoint == "":
		old := filepath.Join(dir, "data.json") // before 7.9
		if _, err := os.Stat(old); err != nil {
			return nil, errNoRegistry
		}
		return readStates(old)
	}
	return states(entries), nil
}

// activeState is the file of the state, empty when there is none yet: what active.dat names, in this folder, wherever the
// registry was when it was written; without it the one with the greatest number.
func activeState(dir string) (string, error) {
	named, err := os.ReadFile(filepath.Join(dir, "active.dat"))
	if err == nil {
		name := strings.TrimSpace(string(named))
		return filepath.Join(dir, filepath.Base(strings.ReplaceAll(name, `\`, "/"))), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(dir, "[0-9]*.json"))
	if err != nil {
		return "", err
	}
	number := func(path string) uint64 {
		n, _ := strconv.ParseUint(strings.TrimSuffix(filepath.Base(path), ".json"), 10, 64)
		return n
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Compare(number(a), number(b)) })
	if len(files) == 0 {
		return "", nil
	}
	return files[len(files)-1], nil
}

// readCheckpoint reads an array of entries that have their key as _key.
func readCheckpoint(path string, entries map[string]jsonText) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, text := range list {
		var entry struct {
			Key string `json:"_key"`
		}
		if err := json.Unmarshal(text, &entry); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		entries[entry.Key] = text
	}
	return nil
}

// replay applies a log to the entries, up to the first operation that is not whole.
func replay(log []byte, entries map[string]jsonText) {
	for len(log) > 0 {
		first, rest, _ := bytes.Cut(log, []byte("\n"))
		second, rest, whole := bytes.Cut(rest, []byte("\n"))
		var op struct {
			Op string `json:"op"`
		}
		var entry struct {
			Key   string          `json:"k"`
			Value json.RawMessage `json:"v"`
		}
		if json.Unmarshal(first, &op) != nil || json.Unmarshal(second, &entry) != nil || !whole && len(second) == 0 {
			return
		}
		switch op.Op {
		case "set":
			entries[entry.Key] = entry.Value
		case "remove":
			delete(entries, entry.Key)
		}
		log = rest
	}
}

// value is an entry: of a filestream, or of the inputs log and container.
type value struct {
	Cursor *struct {
		Offset int64 `json:"offset"`
	} `json:"cursor"`
	Meta struct {
		Source string `json:"source"`
	} `json:"meta"`

	Source string `json:"source"`
	Offset int64  `json:"offset"`
	OS     struct {
		Inode uint64 `json:"inode"`
	} `json:"FileStateOS"`
}

// states are the entries that are about files. Of several about one file, as of a filestream and the input log it took over
// from, the one that is furthest counts.
func states(entries map[string]jsonText) (all []State) {
	for key, text := range entries {
		var v value
		if json.Unmarshal(text, &v) != nil {
			continue // of an input that reads no files
		}
		if s, ok := v.state(key); ok {
			all = append(all, s)
		}
	}
	return furthest(all)
}

// state is what the entry says of a file.
func (v *value) state(key string) (State, bool) {
	s := State{Key: key}
	switch {
	case v.Cursor != nil && v.Meta.Source != "":
		s.Path, s.Offset, s.Inode = v.Meta.Source, v.Cursor.Offset, inodeOf(key)
	case v.Source != "":
		s.Path, s.Offset, s.Inode = v.Source, v.Offset, v.OS.Inode
	default:
		return s, false
	}
	return s, s.Offset > 0
}

// inodeOf is the inode in the key filestream::ID::native::INODE-DEVICE; 0 in others.
func inodeOf(key string) uint64 {
	_, identity, native := strings.Cut(key, "::native::")
	inode, _, _ := strings.Cut(identity, "-")
	n, err := strconv.ParseUint(inode, 10, 64)
	if !native || err != nil {
		return 0
	}
	return n
}

// furthest keeps of the states of one file the one with the greatest offset, in the order of paths.
func furthest(all []State) []State {
	slices.SortFunc(all, func(a, b State) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Inode, b.Inode), cmp.Compare(b.Offset, a.Offset))
	})
	type file struct {
		path  string
		inode uint64
	}
	seen := map[file]bool{}
	return slices.DeleteFunc(all, func(s State) bool {
		known := seen[file{s.Path, s.Inode}]
		seen[file{s.Path, s.Inode}] = true
		return known
	})
}

// readStates reads the array of states that the registry was before version 7.9.
func readStates(path string) ([]State, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []value
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("%s: is no registry of Filebeat: %w", path, err)
	}
	var all []State
	for i := range list {
		if s, ok := list[i].state(strconv.Itoa(i)); ok {
			all = append(all, s)
		}
	}
	return furthest(all), nil
}
