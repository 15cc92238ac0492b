package tail

import (
	"encoding/binary"
	"math"
	"testing"

	"golang.org/x/sys/unix"
)

// countOpens begins to count how often a file in dir, or dir itself, is opened, by anybody; what it returns says how often that was.
// Openings of one file right after each other count once; more than the kernel keeps in mind, 16,384 by default, are math.MaxInt.
func countOpens(t *testing.T, dir string) func() int {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Close(fd) })
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_OPEN); err != nil {
		t.Fatal(err)
	}
	return func() (n int) {
		buf := make([]byte, 64<<10)
		for {
			got, err := unix.Read(fd, buf)
			if err == unix.EAGAIN {
				return n
			}
			if err != nil {
				t.Fatal(err)
			}
			for rest := buf[:got]; len(rest) > 0; n++ {
				if mask := binary.NativeEndian.Uint32(rest[4:]); mask&unix.IN_Q_OVERFLOW != 0 {
					return math.MaxInt // more than the kernel keeps
				}
				rest = rest[unix.SizeofInotifyEvent+binary.NativeEndian.Uint32(rest[12:]):]
			}
		}
	}
}
