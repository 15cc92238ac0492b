//go:build unix

package config

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// writers says who may write a file, or rename and replace what is in a folder, besides root and the user and group that the
// agent runs as; empty when nobody.
func writers(info fs.FileInfo) string {
	owner, ok := info.Sys().(*syscall.Stat_t)
	mode := info.Mode()
	switch {
	case info.IsDir() && mode&fs.ModeSticky != 0: // only a name's owner may take it away
	case mode.Perm()&0o002 != 0:
		return "may be written by everybody; take that right away with chmod o-w"
	case info.IsDir() || !ok:
	case mode.Perm()&0o020 != 0 && owner.Gid != 0 && int(owner.Gid) != os.Getegid():
		return fmt.Sprintf("may be written by group %d; take that right away with chmod g-w", owner.Gid)
	case owner.Uid != 0 && int(owner.Uid) != os.Geteuid():
		return fmt.Sprintf("belongs to user %d; give it to root with chown root", owner.Uid)
	}
	return ""
}
