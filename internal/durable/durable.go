// Package durable makes names in a directory survive a crash of the machine, as fsync does for the content of a file.
package durable

import (
	"errors"
	"os"
	"runtime"
)

// SyncDir returns once the names in the directory are on disk. Windows writes names with the file, and needs nothing.
func SyncDir(path string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
