package tail

import (
	"os"

	"golang.org/x/sys/unix"
)

// stateOf asks statx, the only call that knows a file's birth time.
func stateOf(f *os.File) (fileState, error) {
	var st unix.Statx_t
	const mask = unix.STATX_BASIC_STATS | unix.STATX_BTIME
	if err := unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, mask, &st); err != nil {
		return fileState{}, &os.PathError{Op: "statx", Path: f.Name(), Err: err}
	}
	return fromStatx(&st), nil
}

// stateAt is stateOf for a path, following links.
func stateAt(path string) (fileState, error) {
	var st unix.Statx_t
	const mask = unix.STATX_BASIC_STATS | unix.STATX_BTIME
	if err := unix.Statx(unix.AT_FDCWD, path, 0, mask, &st); err != nil {
		return fileState{}, &os.PathError{Op: "statx", Path: path, Err: err}
	}
	return fromStatx(&st), nil
}

func fromStatx(st *unix.Statx_t) fileState {
	s := fileState{
		identity: identity{Dev: unix.Mkdev(st.Dev_major, st.Dev_minor), Ino: st.Ino},
		Size:     int64(st.Size),
		ModTime:  st.Mtime.Sec*1e9 + int64(st.Mtime.Nsec),
		Links:    uint64(st.Nlink),
		Mounted:  st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0,
	}
	if st.Mask&unix.STATX_BTIME != 0 {
		s.Birth = st.Btime.Sec*1e9 + int64(st.Btime.Nsec)
	}
	return s
}
