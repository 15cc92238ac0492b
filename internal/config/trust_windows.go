package config

import "io/fs"

// writers knows nothing of access control lists, in which it stands on Windows who may write.
func writers(fs.FileInfo) string { return "" }
