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
}

// compile builds the agent as `make build` does.
func (r *release) compile(arch string) (*binary, error) {
	stage := filepath.Join(r.out, "stage", arch)
	b := &binary{arch: arch, stage: stage, path: filepath.Join(stage, "tailspan")}
	if err := os.MkdirAll(stage, 0o755); err != nil {
		return nil, err
	}
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+r.version.git, "-o", b.path, "./cmd/agent")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=-mod=readonly")
	cmd.Stdout, cmd.Stderr = os.Stderr, os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go build for %s: %w", arch, err)
	}
	var err error
	b.info, err = buildinfo.ReadFile(b.path)
	return b, err
}
