// Package demo is what `tailspan demo` runs: the shop of internal/shop, with a dependency that has become slow, and the configuration
// that reads its logs.
package demo

import (
	_ "embed"
	"os"
	"path/filepath"
	"time"

	"github.com/tailspan/tailspan/internal/shop"
)

const (
	Past = 10 * time.Minute // how long the shop has been open when the demo begins
	Slow = 3 * time.Minute  // how long its bank has been slow by then
)

// Config is the configuration that the demo runs with; its paths are below the folder that it is in.
//
//go:embed tailspan.yaml
var Config string

// Prepare puts the configuration into a folder, and returns where it is. The folders of the shop's hosts are there, too, to be watched.
func Prepare(folder string) (config string, err error) {
	for _, host := range []string{"front", "back"} {
		if err := os.MkdirAll(filepath.Join(folder, "logs", host), 0o700); err != nil {
			return "", err
		}
	}
	config = filepath.Join(folder, "tailspan.yaml")
	return config, os.WriteFile(config, []byte(Config), 0o600)
}

// Shop is the shop whose logs the configuration reads: a few orders a second, and the same past at every run.
func Shop(folder string) shop.Settings {
	return shop.Settings{Dir: filepath.Join(folder, "logs"), Parallel: 6, Pause: 2 * time.Second, Past: Past, Slow: "bank", Failures: 0.05, Seed: 1,
		Incident: shop.Incident{Kind: "slow", Where: "bank", Magnitude: 12, After: -Slow}}
}
