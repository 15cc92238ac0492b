package pipeline

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// forgetStart lets go of the pages of the program that its start has brought into memory: for each that is touched Linux maps the sixteen around
// it, and reading a log needs a fifth of them. They stay in the system's cache, and come back when they are touched. Pages that were
// written to are not among them. Where that cannot be done nothing happens.
func forgetStart() {
	self, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer func() { _ = maps.Close() }() // was only read
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		var from, to uintptr
		var mode string
		n, _ := fmt.Sscanf(lines.Text(), "%x-%x %s", &from, &to, &mode)
		if n == 3 && mode[1] == '-' && strings.HasSuffix(lines.Text(), " "+self) {
			_, _, _ = unix.RawSyscall(unix.SYS_MADVISE, from, to-from, unix.MADV_DONTNEED) // is advice
		}
	}
}
