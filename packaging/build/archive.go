package main

import (
	"archive/tar"
	"bytes"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// entry is a file or a folder of an archive.
type entry struct {
	name string // a folder's ends in a slash
	mode int64
	uid  int // and gid
	data []byte
}

// from is an entry with the content of a file.
func from(name, file string, mode int64) (entry, error) {
	data, err := os.ReadFile(file)
	return entry{name: name, mode: mode, data: data}, err
}

// writeTar writes entries in the order that they have.
func writeTar(w io.Writer, entries []entry, at time.Time) error {
	t := tar.NewWriter(w)
	for _, e := range entries {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: e.name, Mode: e.mode, Uid: e.uid, Gid: e.uid, Size: int64(len(e.data)), ModTime: at, Format: tar.FormatUSTAR}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := t.WriteHeader(h); err != nil {
			return err
		}
		if _, err := t.Write(e.data); err != nil {
			return err
		}
	}
	return t.Close()
}

// archive is for every system that takes neither package.
func (r *release) archive(b *binary) error {
	name := fmt.Sprintf("tailspan-%s-linux-%s", r.version.packages, b.arch)
	entries := []entry{{name: name + "/", mode: 0o755}}
	for _, f := range []struct {
		path string
		mode int64
	}{
		{b.path, 0o755}, {"LICENSE", 0o644}, {"README.md", 0o644}, {"CHANGELOG.md", 0o644}, {"docs/INSTALL.md", 0o644}, {"configs/tailspan.yaml", 0o644},
		{"packaging/systemd/tailspan.service", 0o644}, {"packaging/systemd/sysusers.conf", 0o644},
		{filepath.Join(b.stage, "THIRD-PARTY-LICENSES.gz"), 0o644}, {filepath.Join(b.stage, "sbom.cdx.json"), 0o644},
		{filepath.Join(b.stage, "tailspan.1"), 0o644}, {filepath.Join(b.stage, "completion.bash"), 0o644},
		{filepath.Join(b.stage, "completion.zsh"), 0o644}, {filepath.Join(b.stage, "completion.fish"), 0o644},
	} {
		e, err := from(path.Join(name, filepath.Base(f.path)), f.path, f.mode)
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	var buf bytes.Buffer
	if err := writeTar(&buf, entries, r.time); err != nil {
		return err
	}
	packed, err := gzipped(buf.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, name+".tar.gz"), packed, 0o644)
}
