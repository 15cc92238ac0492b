package main

import (
	"errors"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb" // registers itself
	_ "github.com/goreleaser/nfpm/v2/rpm" // registers itself
)

// packages makes the deb and the rpm that packaging/nfpm.yaml describes.
func (r *release) packages(b *binary) error {
	values := map[string]string{"ARCH": b.arch, "VERSION": r.version.packages, "STAGE": b.stage}
	config, err := nfpm.ParseFileWithEnvMapping("packaging/nfpm.yaml", func(name string) string { return values[name] })
	if err != nil {
		return err
	}
	config.MTime = r.time
	for _, format := range []string{"deb", "rpm"} {
		if err := r.pack(config, format); err != nil {
			return err
		}
	}
	return nil
}

func (r *release) pack(config nfpm.Config, format string) error {
	info, err := config.Get(format)
	if err != nil {
		return err
	}
	if err := nfpm.PrepareForPackager(nfpm.WithDefaults(info), format); err != nil {
		return err
	}
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	f, err := os.Create(filepath.Join(r.out, packager.ConventionalFileName(info)))
	if err != nil {
		return err
	}
	return errors.Join(packager.Package(info, f), f.Close())
}
