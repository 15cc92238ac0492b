//go:build unix

package config

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

const runnable = "pipelines: [{name: a, paths: [/a]}]\noutput: {console: {}}\n"

// TestTrust: who may write the file, or put another in its place, commands the agent.
func TestTrust(t *testing.T) {
	for _, c := range []struct {
		name         string
		file, folder os.FileMode
		want         string // in the error; empty for none
	}{
		{"its owner", 0o600, 0o700, ""}, {"read by all", 0o644, 0o755, ""}, {"our own group", 0o660, 0o770, ""},
		{"everybody", 0o606, 0o700, "chmod o-w"}, {"everybody, writing only", 0o602, 0o700, "chmod o-w"},
		{"the folder", 0o600, 0o777, "chmod o-w"}, {"a sticky folder", 0o600, 0o777 | os.ModeSticky, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "etc")
			path := filepath.Join(folder, "tailspan.yaml")
			link := filepath.Join(t.TempDir(), "link.yaml")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte(runnable), 0o600); err != nil {
				t.Fatal(err)
			}
			for name, mode := range map[string]os.FileMode{path: c.file, folder: c.folder} {
				if err := os.Chmod(name, mode); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.Symlink(path, link); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{path, link} {
				cfg, err := Load(name)
				if err != nil {
					t.Fatal(err)
				}
				_, again := cfg.Reload()
				for _, err := range []error{cfg.RunErrors(), again} {
					if (err != nil) != (c.want != "") || err != nil && !strings.Contains(err.Error(), c.want) {
						t.Errorf("%s: %v, want %q", name, err, c.want)
					}
				}
			}
		})
	}
}

// fakeInfo is a file of others.
type fakeInfo struct {
	os.FileInfo
	mode     os.FileMode
	uid, gid uint32
}

func (f fakeInfo) Mode() os.FileMode { return f.mode }
func (f fakeInfo) IsDir() bool       { return f.mode.IsDir() }
func (f fakeInfo) Sys() any          { return &syscall.Stat_t{Uid: f.uid, Gid: f.gid} }

func TestWriters(t *testing.T) {
	const other = 64_999
	for _, c := range []struct {
		info fakeInfo
		want string
	}{
		{fakeInfo{mode: 0o644}, ""}, {fakeInfo{mode: 0o664}, ""}, {fakeInfo{mode: 0o644, gid: other}, ""},
		{fakeInfo{mode: 0o664, gid: other}, "group 64999"}, {fakeInfo{mode: 0o600, uid: other}, "user 64999"},
		{fakeInfo{mode: 0o777 | os.ModeDir}, "everybody"}, {fakeInfo{mode: 0o777 | os.ModeDir | os.ModeSticky}, ""},
		{fakeInfo{mode: 0o755 | os.ModeDir, uid: other}, ""},
	} {
		if got := writers(c.info); (got == "") != (c.want == "") || !strings.Contains(got, c.want) {
			t.Errorf("%v of %d, %d: %q, want %q", c.info.mode, c.info.uid, c.info.gid, got, c.want)
		}
	}
}
