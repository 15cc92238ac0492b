package tail

import (
	"slices"

	"golang.org/x/sys/unix"
)

// place tells which folder a path leads to, and when something in it came or went last.
type place struct {
	dev, ino uint64
	changed  int64 // Unix nanoseconds of its change time, which nobody can set
}

// same reports whether the two are one folder.
func (p place) same(other place) bool { return p.dev == other.dev && p.ino == other.ino }

// zfs is not among the numbers of Linux.
const zfs = 0x2fc12fc1

// telling are the file systems whose files nothing but this kernel writes, so that it can tell of all that happens to them. Those of
// networks, of processes, of a machine around this one, and those laid over others are none.
var telling = []int64{unix.EXT4_SUPER_MAGIC, unix.XFS_SUPER_MAGIC, unix.BTRFS_SUPER_MAGIC, unix.TMPFS_MAGIC, unix.F2FS_SUPER_MAGIC, zfs}

// placeAt looks at a folder; links to it are followed. tells is false for what is no folder, or on a file system that does not tell.
func placeAt(dir string) (p place, tells, missing bool) {
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, dir, 0, unix.STATX_BASIC_STATS, &st); err != nil {
		return place{}, false, err == unix.ENOENT
	}
	var on unix.Statfs_t
	if st.Mode&unix.S_IFMT != unix.S_IFDIR || unix.Statfs(dir, &on) != nil || !slices.Contains(telling, int64(on.Type)) {
		return place{}, false, false
	}
	return place{unix.Mkdev(st.Dev_major, st.Dev_minor), st.Ino, st.Ctime.Sec*1e9 + int64(st.Ctime.Nsec)}, true, false
}
