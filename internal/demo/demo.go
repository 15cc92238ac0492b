package demo

import (
	_ "embed"
	"os"
	"path/filepath"
)

// Config is the configuration that the demo runs with; its paths are below the folder that it is in.
//
//go:embed tailspan.yaml
var Config string

// Prepare makes a folder ready for Shop.Write, and returns where the configuration is.
func Prepare(folder string) (config string, err error) {
	if err := os.Mkdir(filepath.Join(folder, "logs"), 0o700); err != nil {
		return "", err
	}
	config = filepath.Join(folder, "tailspan.yaml")
	return config, os.WriteFile(config, []byte(Config), 0o600)
}
