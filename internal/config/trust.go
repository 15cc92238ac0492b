package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// checkTrust refuses a file that somebody else may change: whoever can write the configuration of an agent reads every file
// that the agent may read, and sends it anywhere.
func (c *Config) checkTrust(p *problems) {
	if c.src == nil {
		return
	}
	file, err := filepath.EvalSymlinks(c.src.file)
	if errors.Is(err, fs.ErrNotExist) {
		return // there is nothing that could be changed
	}
	if err != nil {
		p.addf("", "cannot be looked at: %s", reason(err))
		return
	}
	for _, path := range []string{file, filepath.Dir(file)} {
		info, err := os.Stat(path)
		if err != nil {
			p.addf("", "cannot be looked at: %s", reason(err))
			return
		}
		if why := writers(info); why != "" {
			p.addf("", "others could change it: %s %s", quote(path), why)
		}
	}
}
