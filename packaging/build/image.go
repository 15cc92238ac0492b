package main

import (
	"bytes"
	"encoding/pem"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// imageUser owns nothing but the state; what a container may read is decided where it is run.
const imageUser = 65532

// image makes an OCI archive with an image for each architecture. It is what the Dockerfile makes, without a container engine.
func (r *release) image(binaries []*binary) error {
	labels := map[string]string{
		"org.opencontainers.image.title":    "tailspan",
		"org.opencontainers.image.version":  r.version.git,
		"org.opencontainers.image.source":   "https://github.com/tailspan/tailspan",
		"org.opencontainers.image.licenses": "Apache-2.0",
	}
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, b := range binaries {
		img, err := r.imageOf(b, labels)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{
			Platform: &v1.Platform{OS: "linux", Architecture: b.arch}, Annotations: map[string]string{"org.opencontainers.image.ref.name": r.version.git}}})
	}
	dir := filepath.Join(r.out, "stage", "oci")
	if _, err := layout.Write(dir, index); err != nil {
		return err
	}
	return r.pour(dir, filepath.Join(r.out, "tailspan_"+r.version.packages+"_oci.tar"))
}

// imageOf makes the image of one architecture: certificates, a user, a folder for state, the license, the binary.
func (r *release) imageOf(b *binary, labels map[string]string) (v1.Image, error) {
	var base, agent bytes.Buffer
	err := writeTar(&base, []entry{
		{name: "etc/", mode: 0o755},
		{name: "etc/passwd", mode: 0o644, data: []byte("root:x:0:0:root:/:/sbin/nologin\ntailspan:x:65532:65532:tailspan:/var/lib/tailspan:/sbin/nologin\n")},
		{name: "etc/group", mode: 0o644, data: []byte("root:x:0:\ntailspan:x:65532:\n")},
		{name: "etc/ssl/", mode: 0o755},
		{name: "etc/ssl/certs/", mode: 0o755},
		{name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, data: certificates()},
		{name: "var/", mode: 0o755},
		{name: "var/lib/", mode: 0o755},
		{name: "var/lib/tailspan/", mode: 0o700, uid: imageUser},
	}, r.time)
	if err != nil {
		return nil, err
	}
	program, err := from("usr/bin/tailspan", b.path, 0o755)
	if err != nil {
		return nil, err
	}
	licenses, err := from("usr/share/doc/tailspan/THIRD-PARTY-LICENSES.gz", filepath.Join(b.stage, "THIRD-PARTY-LICENSES.gz"), 0o644)
	if err != nil {
		return nil, err
	}
	if err := writeTar(&agent, []entry{program, licenses}, r.time); err != nil {
		return nil, err
	}
	var layers []mutate.Addendum
	for _, l := range []struct {
		what string
		data []byte
	}{{"certificates and a user", base.Bytes()}, {"tailspan " + r.version.git, agent.Bytes()}} {
		open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(l.data)), nil }
		layer, err := tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer))
		if err != nil {
			return nil, err
		}
		layers = append(layers, mutate.Addendum{Layer: layer, History: v1.History{Created: v1.Time{Time: r.time}, CreatedBy: "packaging/build: " + l.what}})
	}
	img := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	img, err = mutate.Append(img, layers...)
	if err != nil {
		return nil, err
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", b.arch, v1.Time{Time: r.time}
	config.Config = v1.Config{User: "65532:65532", WorkingDir: "/", Entrypoint: []string{"/usr/bin/tailspan"}, Labels: labels,
		Cmd: []string{"run", "--config", "/etc/tailspan/tailspan.yaml"}, StopSignal: "SIGTERM"}
	return mutate.ConfigFile(img, config)
}

// certificates are the roots that Mozilla trusts, so that servers with public certificates can be reached.
func certificates() []byte {
	var buf bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil { // a file cannot express a constraint
			_ = pem.Encode(&buf, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // writes to memory
		}
	}
	return buf.Bytes()
}

// pour writes the files of an OCI layout into an archive, in order of their names.
func (r *release) pour(dir, file string) error {
	var entries []entry
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || name == ".":
			return err
		case d.IsDir():
			entries = append(entries, entry{name: name + "/", mode: 0o755})
			return nil
		}
		e, err := from(name, filepath.Join(dir, name), 0o644)
		entries = append(entries, e)
		return err
	})
	if err != nil {
		return err
	}
	var buf bytes.Buffer
	if err := writeTar(&buf, entries, r.time); err != nil {
		return err
	}
	return os.WriteFile(file, buf.Bytes(), 0o644)
}
