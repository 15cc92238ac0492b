package tail

import (
	"errors"
	"os"
	"path/filepath"
)

// errOutside says that a link leads to where nothing may be read.
var errOutside = errors.New("leads outside of allowed_roots")

// errIrregular says that there is nothing to tail under a name: a FIFO would block, a device has no end.
var errIrregular = errors.New("is not a regular file")

// openLog opens the log at path. Whoever may write to a folder of logs may exchange any name in it, at any moment, for a
// link to any file of the machine; so where reading is bounded, the name is not looked at first and opened then: it is
// walked from the root down, and no step of that walk can leave the root (os.Root), whatever the names become meanwhile.
//
// Reading is bounded by allowed_roots, or when links are not followed, by the folders that the patterns begin with.
// Otherwise links may lead anywhere.
func (in *input) openLog(path string) (*os.File, error) {
	root, rel, err := in.bound(path)
	if err != nil {
		return nil, err
	}
	if root == "" {
		return regularOnly(os.OpenFile(path, openFlags, 0))
	}
	dir, err := os.OpenRoot(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }() // was only read
	f, err := regularOnly(dir.OpenFile(rel, openFlags, 0))
	if err != nil || in.FollowSymlinks {
		return f, err
	}
	if err := notLinked(dir, rel, f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// bound returns the root that path is read below, and its name from there; an empty root when reading is not bounded.
func (in *input) bound(path string) (root, rel string, err error) {
	roots := in.AllowedRoots
	switch {
	case len(roots) > 0:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return "", "", err
		}
	case in.FollowSymlinks:
		return "", "", nil
	default:
		for _, g := range in.globs {
			roots = append(roots, g.base)
		}
	}
	for _, root := range roots {
		if len(in.AllowedRoots) > 0 { // its own name may have links in it: it is the user's
			if root, err = filepath.EvalSymlinks(root); err != nil {
				continue
			}
		}
		if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
			return root, rel, nil
		}
	}
	return "", "", errOutside
}

// regularOnly passes on a file that can be tailed, and closes any other.
func regularOnly(f *os.File, err error) (*os.File, error) {
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !regular(info) {
		err = errIrregular
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// notLinked reports an error when the name is not f's own, but a link.
func notLinked(dir *os.Root, rel string, f *os.File) error {
	own, err := f.Stat()
	if err != nil {
		return err
	}
	if named, err := dir.Lstat(rel); err != nil || !os.SameFile(own, named) {
		return errors.Join(errors.New("is a link"), err)
	}
	return nil
}
