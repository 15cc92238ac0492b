//go:build unix

package elastictest

import (
	"archive/zip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What is missing must be named with what to install, before anything is downloaded or started.
func TestMissing(t *testing.T) {
	for name, c := range map[string]struct {
		find func() (string, error)
		want string
	}{
		"java": {func() (string, error) {
			return findJDKIn(Elasticsearch8, []string{"", filepath.Join(t.TempDir(), "jdk")})
		}, "openjdk-17"},
		"maven": {func() (string, error) { return fetch(Elasticsearch8) }, "apt-get install maven"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", "")
			t.Setenv("HOME", t.TempDir())
			if found, err := c.find(); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("found %q, error %v; the error should contain %q", found, err, c.want)
			}
		})
	}
}

func TestIsWanted(t *testing.T) {
	for text, want := range map[string]bool{
		`openjdk version "17.0.15" 2025-04-15`: true,
		`openjdk version "21.0.2"`:             false,
		`openjdk version "1.8.0_442"`:          false,
		`something else`:                       false,
	} {
		java := filepath.Join(t.TempDir(), "java")
		if err := os.WriteFile(java, []byte("#!/bin/sh\necho '"+text+"' >&2\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := isWanted(Elasticsearch8, java); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestUnpack(t *testing.T) {
	for name, good := range map[string]bool{"a/b/c.txt": true, "../c.txt": false, "a/../../c.txt": false, "/c.txt": false} {
		archive := filepath.Join(t.TempDir(), "a.zip")
		f, err := os.Create(archive)
		if err != nil {
			t.Fatal(err)
		}
		w := zip.NewWriter(f)
		entry, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := entry.Write([]byte("text")); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := unpack(archive, dir); (err == nil) != good {
			t.Errorf("%s: %v", name, err)
		}
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if good && (err != nil || string(data) != "text") {
			t.Errorf("%s: %q, %v", name, data, err)
		}
	}
}

func TestCacheDir(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(CacheVariable, dir)
	if got, err := cacheDir(); got != dir || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
