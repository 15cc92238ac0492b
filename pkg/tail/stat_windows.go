package tail

import (
	"os"

	"golang.org/x/sys/windows"
)

// stateOf takes volume and file index for device and inode.
func stateOf(f *os.File) (fileState, error) {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return fileState{}, &os.PathError{Op: "stat", Path: f.Name(), Err: err}
	}
	return fileState{
		identity: identity{
			Dev:   uint64(info.VolumeSerialNumber),
			Ino:   uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow),
			Birth: info.CreationTime.Nanoseconds(),
		},
		Size:    int64(info.FileSizeHigh)<<32 | int64(info.FileSizeLow),
		ModTime: info.LastWriteTime.Nanoseconds(),
		Links:   uint64(info.NumberOfLinks),
	}, nil
}

// stateAt is stateOf for a path, following links.
func stateAt(path string) (fileState, error) {
	f, err := os.Open(path)
	if err != nil {
		return fileState{}, err
	}
	defer func() { _ = f.Close() }()
	return stateOf(f)
}
