// Package durable is the file system as far as state that must survive a crash is concerned: files that are synced, and
// names that are synced; and the form such files have: lines that are sealed, with the copy from before beside them, so that
// damage is noticed and there is something to go on with. It is a seam, too: tests put a file system in its place that loses, at any
// moment, everything that was not synced.
package durable

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

// File is a file being written.
type File interface {
	io.WriteCloser
	Sync() error
}

// FS is what durable state needs of a file system.
type FS interface {
	ReadFile(path string) ([]byte, error)
	Create(path string) (File, error) // empty, for its owner only
	Rename(from, to string) error
	Remove(path string) error
	SyncDir(path string) error // returns once the names in the directory are on disk
}

// OS is the machine's own file system.
type OS struct{}

// ReadFile is os.ReadFile.
func (OS) ReadFile(path string) ([]byte, error) { return os.ReadFile(path) }

// Create is os.Create, for the owner only.
func (OS) Create(path string) (File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
}

// Rename is os.Rename.
func (OS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove is os.Remove.
func (OS) Remove(path string) error { return os.Remove(path) }

// SyncDir syncs a directory. Windows writes names with the file, and needs nothing.
func (OS) SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// Suffixes of the files that Replace keeps beside the one it replaces.
const (
	Previous  = ".previous"
	temporary = ".new"
)

// Replace puts data in the place of the file at path, keeps what was there under its name with Previous behind it, and
// returns when both the data and the names are on disk. After a failed sync the temporary file is thrown away: what the
// kernel made of its pages is unknown, and a second sync would report success for nothing.
func Replace(fsys FS, path string, data []byte) error {
	fresh := path + temporary
	if err := write(fsys, fresh, data); err != nil {
		_ = fsys.Remove(fresh) // the error that matters is the one before
		return err
	}
	if err := fsys.Rename(path, path+Previous); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := fsys.Rename(fresh, path); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(path))
}

// Begin makes a file that grows, in the place of the one at path. It returns once the name is on disk, so that what is synced into
// the file later is found again by it; what it begins with is not synced yet.
func Begin(fsys FS, path string, first []byte) (File, error) {
	f, err := fsys.Create(path)
	if err != nil {
		return nil, err
	}
	if _, err = f.Write(first); err == nil {
		err = fsys.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// write makes a file whose content is on disk; its name may not be.
func write(fsys FS, path string, data []byte) error {
	f, err := fsys.Create(path)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
