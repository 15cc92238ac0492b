package tail

import "os"

// ownerOf is the mode; whom a file belongs to stands in its access control list.
func ownerOf(info os.FileInfo) string { return "mode " + info.Mode().String() }
