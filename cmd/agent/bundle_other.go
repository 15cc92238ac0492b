//go:build !linux

package main

import (
	"fmt"
	"runtime"

	"github.com/tailspan/tailspan/internal/config"
)

// systemText is the little that Go itself knows of the machine.
func systemText(*config.Config) []byte {
	return fmt.Appendf(nil, "%s/%s, %d processors\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
}
