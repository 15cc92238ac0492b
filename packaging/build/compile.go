package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
)

// binary is the agent for one architecture, and a folder for what is made of it.
type binary struct {
	arch  string
	stage string
	path  string
	info  *debug.BuildInfo
	help  map[string][]byte // what it says of itself, by the name of the file for it
}

// compile builds the agent as `make build` does.
func (r *release) compile(arch string) (*binary, error) {
	stage := filepath.Join(r.out, "stage", arch)
	b := &binary{arch: arch, stage: stage, path: filepath.Join(stage, "tailspan")}
	if err := os.MkdirAll(stage, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", r.flags(), "-o", b.path, "./cmd/agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=-mod=readonly")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build for %s: %w", arch, err)
	}
	var err error
	b.info, err = buildinfo.ReadFile(b.path)
	return b, err
}

// flags are those of the linker.
func (r *release) flags() string { return "-s -w -X main.version=" + r.version.git }

// help asks the agent for its manual page and for what shells need to complete its command lines. That for this machine is asked,
// since those for others do not run here; all of them say the same.
func (r *release) help() (map[string][]byte, error) {
	files := map[string][]byte{}
	for name, args := range map[string][]string{
		"tailspan.1": {"man"}, "completion.bash": {"completion", "bash"}, "completion.zsh": {"completion", "zsh"}, "completion.fish": {"completion", "fish"},
	} {
		cmd := exec.Command("go", append([]string{"run", "-trimpath", "-ldflags", r.flags(), "./cmd/agent"}, args...)...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
		cmd.Stderr = os.Stderr
		text, err := cmd.Output()
		if err != nil {
			return nil, fmt.Errorf("tailspan %v: %w", args, err)
		}
		files[name] = text
	}
	return files, nil
}
