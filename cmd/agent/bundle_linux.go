package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/tailspan/tailspan/internal/config"
)

// systemFiles say what machine this is and what it allows.
var systemFiles = []string{"/proc/version", "/etc/os-release", "/proc/self/limits", "/proc/sys/fs/inotify/max_user_watches",
	"/proc/sys/fs/inotify/max_user_instances", "/proc/sys/fs/file-nr", "/proc/meminfo", "/proc/loadavg", "/proc/uptime",
	"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cpu.max"}

// systemText is the machine: its system, limits, memory, and the file systems that the configuration names; nil for none.
func systemText(cfg *config.Config) []byte {
	text := fmt.Appendf(nil, "%s/%s, %d processors, GOMEMLIMIT=%q, GOMAXPROCS=%q, uid %d\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(),
		os.Getenv("GOMEMLIMIT"), os.Getenv("GOMAXPROCS"), os.Getuid())
	for _, name := range systemFiles {
		data, err := os.ReadFile(name)
		if err != nil {
			data = fmt.Appendf(nil, "%v\n", err)
		}
		text = fmt.Appendf(text, "\n== %s\n%s", name, data)
	}
	text = append(text, "\n== file systems\n"...)
	for _, dir := range folders(cfg) {
		text = append(text, fileSystem(dir)...)
	}
	return text
}

// folders are the data directory and those that hold logs.
func folders(cfg *config.Config) (dirs []string) {
	if cfg == nil {
		return nil
	}
	dirs = []string{cfg.DataDir}
	for _, p := range cfg.Pipelines {
		for _, glob := range p.Tail.Paths {
			dir := filepath.Dir(glob)
			for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
				if info, err := os.Stat(dir); err == nil && info.IsDir() {
					break
				}
			}
			if !slices.Contains(dirs, dir) {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

func fileSystem(dir string) string {
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return fmt.Sprintf("%s: %v\n", dir, err)
	}
	size := func(blocks uint64) string { return bytesText(int64(blocks) * fs.Bsize) }
	return fmt.Sprintf("%s: %s, %s of them free; %d inodes, %d of them free; type %x\n", dir, size(fs.Blocks), size(fs.Bavail), fs.Files, fs.Ffree, fs.Type)
}
