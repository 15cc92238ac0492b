package tail

import (
	"fmt"
	"os"

	"golang.org/x/sys/windows"
)

// lockFile takes the lock of a data directory; two agents on one would each overwrite what the other acknowledged.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	const flags = windows.LOCKFILE_EXCLUSIVE_LOCK | windows.LOCKFILE_FAIL_IMMEDIATELY
	if err := windows.LockFileEx(windows.Handle(f.Fd()), flags, 0, 1, 0, new(windows.Overlapped)); err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("another tailspan uses this data_dir (lock: %s): %w", path, err)
	}
	return f, nil
}

const openFlags = os.O_RDONLY
