//go:build unix

package tail

import "syscall"

// descriptorLimit is how many files this process may have open; 0 when it is not known.
func descriptorLimit() uint64 {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return uint64(limit.Cur)
}
