package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestFilesThatCannotBeRead(t *testing.T) {
	dir := t.TempDir()
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		dir:                          ": cannot be read: it is a folder, a file is wanted",
		big:                          ": cannot be read: it is too big",
		filepath.Join(dir, "absent"): ": there is no such file; name the configuration with --config",
		filepath.Join(big, "x"):      ": cannot be read: not a directory",
	} {
		_, err := Load(path)
		if err == nil || err.Error() != path+want {
			t.Errorf("got %v, want %s%s", err, path, want)
		}
	}
}

func TestRelativeFolderWithPatternSigns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a[b]*{c}")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "f.yaml")
	if err := os.WriteFile(file, []byte("pipelines: [{name: a, paths: ['./*.log']}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Pipelines[0].Tail.Paths, []string{filepath.Dir(dir) + `/a\[b\]\*\{c\}/*.log`})
}

func TestShippedFiles(t *testing.T) {
	t.Setenv("HOME", "/home/me")
	c, err := Load("../../configs/tailspan.yaml")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Output.Primary, "elasticsearch")
	equal(t, len(c.Pipelines), 2)
	equal(t, c.RunErrors(), nil)
	c, err = Load("../../configs/console.yaml")
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Output.Primary, "console")
	equal(t, c.DataDir, "/home/me/.tailspan")
	equal(t, c.RunErrors(), nil)
}

func TestGrokKeys(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "f.yaml")
	for path, text := range map[string]string{
		file:                             "pipelines: [{name: a, format: grok, pattern: '%{SHOP:shop}', patterns: legacy, pattern_dirs: patterns, pattern_definitions: {Nr.: '%{INT}$'}}]",
		filepath.Join(dir, "patterns/p"): "# ours\nSHOP [a-z]+\n",
	} {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	got := c.Pipelines[0].Parse
	equal(t, got.Patterns, "legacy")
	equal(t, got.PatternDirs, []string{filepath.Join(dir, "patterns")})
	equal(t, got.PatternDefinitions, map[string]string{"Nr.": "%{INT}$"})
}
