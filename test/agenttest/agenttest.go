// Package agenttest builds the agent for tests that run it as its users do: as a program, from the sources beside them.
package agenttest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// Build makes the program in a folder of its own, which everybody may enter: some tests run it as another user. Remove
// deletes the folder; it is never nil.
func Build() (binary string, remove func(), err error) {
	dir, err := os.MkdirTemp("", "tailspan-binary-")
	if err != nil {
		return "", func() {}, err
	}
	remove = func() { _ = os.RemoveAll(dir) } // a temporary file more or less
	if err := os.Chmod(dir, 0o755); err != nil {
		return "", remove, err
	}
	binary = filepath.Join(dir, "tailspan")
	build := exec.Command("go", "build", "-o", binary, "github.com/tailspan/tailspan/cmd/agent")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return "", remove, fmt.Errorf("go build: %w\n%s", err, out)
	}
	return binary, remove, nil
}
