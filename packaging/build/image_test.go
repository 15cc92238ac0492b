package main

import (
	"archive/tar"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/validate"
)

// TestImage reads the archive that `make packages` has made as a registry would, and runs it as a container engine would,
// as its user and with nothing but its own files.
func TestImage(t *testing.T) {
	found, err := filepath.Glob("../../dist/tailspan_*_oci.tar")
	if err != nil || len(found) != 1 {
		t.Skip("there is no image; run make packages")
	}
	dir := t.TempDir()
	f, err := os.Open(found[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	unpack(t, f, dir)
	index, err := layout.ImageIndexFromPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := validate.Index(index); err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil || len(manifest.Manifests) != len(architectures) {
		t.Fatalf("%v: %d images", err, len(manifest.Manifests))
	}
	for i, arch := range architectures {
		d := manifest.Manifests[i]
		img, err := index.Image(d.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := img.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if d.Platform.Architecture != arch || config.Architecture != arch || config.Config.User != "65532:65532" {
			t.Errorf("image %d is for %s, its user %s", i, config.Architecture, config.Config.User)
		}
		if arch == "amd64" && os.Getuid() == 0 {
			execute(t, img)
		}
	}
}

// execute ships a line to the console.
func execute(t *testing.T, img v1.Image) {
	root := t.TempDir()
	files := mutate.Extract(img)
	unpack(t, files, root)
	if err := files.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"app.log": "hello\n", "tailspan.yaml": "pipelines: [{name: app, paths: [/app.log]}]\noutput: {console: {}}\n"} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(root, 0o755); err != nil { // the parents are no matter for a new root
		t.Fatal(err)
	}
	cmd := exec.Command("/usr/bin/tailspan", "run", "--once", "--config", "/tailspan.yaml")
	cmd.Dir, cmd.Env = "/", []string{}
	cmd.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: imageUser, Gid: imageUser}}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `"message":"hello"`) {
		t.Errorf("%v: %s", err, out)
	}
	pem, err := os.ReadFile(filepath.Join(root, "etc/ssl/certs/ca-certificates.crt"))
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(pem) {
		t.Errorf("no certificates: %v", err)
	}
}

// unpack writes the files of an archive, with their owners if we may.
func unpack(t *testing.T, r io.Reader, dir string) {
	t.Helper()
	for archive := tar.NewReader(r); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, filepath.Clean("/"+h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeDir {
			err = os.MkdirAll(path, os.FileMode(h.Mode))
		} else {
			var data []byte
			if data, err = io.ReadAll(archive); err == nil {
				err = os.WriteFile(path, data, os.FileMode(h.Mode))
			}
		}
		if err == nil && os.Getuid() == 0 {
			err = os.Chown(path, h.Uid, h.Gid)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
