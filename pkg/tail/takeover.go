package tail

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"
)

// Foreign is how far another shipper has delivered a file.
type Foreign struct {
	Path   string // where it saw the file last; a file renamed since is looked for by its inode in the same folder
	Inode  uint64 // 0: not known; then the file at the path is the one
	Offset int64  // everything before it is delivered
}

// TakenOver is where reading of a file goes on for one pipeline.
type TakenOver struct {
	Pipeline string
	Path     string // where the file is now
	Offset   int64  // the beginning of the line that the other shipper was in
}

// Why a position cannot be taken over.
var (
	ErrNoPipeline = errors.New("no pipeline reads it")
	ErrGone       = errors.New("it is not there any more")
	ErrTruncated  = errors.New("it is shorter than what was delivered of it: it was truncated, and is read from its beginning")
	ErrKnown      = errors.New("its position is known already; 'tailspan files forget' drops it")
	ErrCompressed = errors.New("it is compressed, and positions in what it unpacks to are not those of the file")
)

// TakeOver makes every pipeline whose patterns match the file's path go on where another shipper has stopped. The position
// is in the checkpoints at the next Save, or at Close. It must not be called while Run runs.
func (t *Tailer) TakeOver(from Foreign) (taken []TakenOver, err error) {
	found := false
	for _, in := range t.inputs {
		if !in.wants(from.Path) {
			continue
		}
		found = true
		one, failed := t.takeOver(in, from)
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("pipeline %s: %w", in.name, failed))
			continue
		}
		taken = append(taken, one)
	}
	if !found {
		return nil, ErrNoPipeline
	}
	return taken, err
}

func (t *Tailer) takeOver(in *input, from Foreign) (TakenOver, error) {
	path := t.whereIs(from)
	if path == "" {
		return TakenOver{}, ErrGone
	}
	f, state, err := openFile(in, path)
	if errors.Is(err, fs.ErrNotExist) || err == nil && f == nil {
		return TakenOver{}, ErrGone
	} else if err != nil {
		return TakenOver{}, err
	}
	defer func() { _ = f.fd.Close() }() // was only read
	switch {
	case f.zip != nil:
		return TakenOver{}, ErrCompressed
	case from.Offset > state.Size:
		return TakenOver{}, ErrTruncated
	case t.store.find(in.name, state.identity) != nil:
		return TakenOver{}, ErrKnown
	}
	r, err := t.recordAt(f, state, from.Offset)
	if err != nil {
		return TakenOver{}, err
	}
	t.store.put(r, func(*record) {})
	return TakenOver{in.name, path, r.Offset}, nil
}

// whereIs is the path of the file now, empty when it is not found.
func (t *Tailer) whereIs(from Foreign) string {
	state, err := stateAt(from.Path)
	if err == nil && (from.Inode == 0 || state.Ino == from.Inode) {
		return from.Path
	}
	if from.Inode == 0 {
		return ""
	}
	for c := range t.filesIn(filepath.Dir(from.Path)) {
		if c.state.Ino == from.Inode {
			return c.path
		}
	}
	return ""
}

// recordAt is what would be remembered of the file had it been delivered up to the line that the offset is in.
func (t *Tailer) recordAt(f *file, state fileState, offset int64) (*record, error) {
	r := &record{Pipeline: f.input.name, Path: f.path, identity: state.identity, Seen: time.Now().Unix()}
	if err := f.skipToEnd(offset); err != nil {
		return nil, err
	}
	if err := f.seek(f.read); err != nil {
		return nil, err
	}
	if first, whole, err := firstLine(f, false); err != nil {
		return nil, err
	} else if whole && f.read > 0 {
		r.SourceID = sourceID(t.cfg.Host, r.identity, first)
	}
	r.Head, r.Offset = headOf(f.begins), f.read
	if place, ok := f.place(); ok {
		r.Place = place
	}
	return r, nil
}
