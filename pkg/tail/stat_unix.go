//go:build unix && !linux

package tail

import (
	"os"
	"syscall"
)

// stateOf leaves out the birth time, whose field has another name on each of these systems.
func stateOf(f *os.File) (fileState, error) {
	info, err := f.Stat()
	if err != nil {
		return fileState{}, err
	}
	return fromInfo(info), nil
}

// stateAt is stateOf for a path, following links.
func stateAt(path string) (fileState, error) {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}, err
	}
	return fromInfo(info), nil
}

func fromInfo(info os.FileInfo) fileState {
	st := info.Sys().(*syscall.Stat_t)
	return fileState{
		identity: identity{Dev: uint64(st.Dev), Ino: uint64(st.Ino)},
		Size:     info.Size(),
		ModTime:  info.ModTime().UnixNano(),
		Links:    uint64(st.Nlink),
	}
}
