package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// documents stages what goes with a binary: the changelogs, the manual page, completion for shells, the licenses of the modules in it, its bill of materials.
func (r *release) documents(b *binary) error {
	changes, err := os.ReadFile("CHANGELOG.md")
	if err != nil {
		return err
	}
	licenses, err := licenses(b)
	if err != nil {
		return err
	}
	debian := fmt.Sprintf("tailspan (%s) stable; urgency=medium\n\n  * What is new stands in CHANGELOG.md.gz beside this file.\n\n -- "+
		"The tailspan authors <tailspan@users.noreply.github.com>  %s\n", r.version.packages, r.time.Format(time.RFC1123Z))
	for name, text := range b.help {
		if err := os.WriteFile(filepath.Join(b.stage, name), text, 0o644); err != nil {
			return err
		}
	}
	for name, text := range map[string][]byte{
		"CHANGELOG.md.gz": changes, "THIRD-PARTY-LICENSES.gz": licenses, "changelog.gz": []byte(debian), "tailspan.1.gz": b.help["tailspan.1"],
	} {
		packed, err := gzipped(text)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(b.stage, name), packed, 0o644); err != nil {
			return err
		}
	}
	bill, err := billOfMaterials(r, b)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(b.stage, "sbom.cdx.json"), bill, 0o644); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.out, fmt.Sprintf("tailspan_%s_linux_%s.cdx.json", r.version.packages, b.arch)), bill, 0o644)
}

// gzipped packs as Debian wants it: as small as can be, without name and time.
func gzipped(data []byte) ([]byte, error) {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(data); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// licenseFile is what files with a license, a notice or the names of authors are called.
var licenseFile = regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|patents)([.-].*)?$`)

// licenses returns the licenses of Go and of every module that is linked into the binary, most of which ask for it.
func licenses(b *binary) ([]byte, error) {
	var buf bytes.Buffer
	goroot, err := output("go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	if err := licensesIn(&buf, "Go "+b.info.GoVersion, goroot); err != nil {
		return nil, err
	}
	for _, m := range b.info.Deps {
		out, err := exec.Command("go", "list", "-m", "-json=Dir", m.Path).Output()
		if err != nil {
			return nil, fmt.Errorf("go list -m %s: %w", m.Path, err)
		}
		var module struct{ Dir string }
		if err := json.Unmarshal(out, &module); err != nil {
			return nil, err
		}
		if err := licensesIn(&buf, m.Path+" "+m.Version, module.Dir); err != nil {
			return nil, err
		}
	}
	return buf.Bytes(), nil
}

// licensesIn adds the license files of a folder; that there is none is an error, since then nobody may use what is in it.
func licensesIn(buf *bytes.Buffer, what, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	found := false
	for _, e := range entries {
		if !e.Type().IsRegular() || !licenseFile.MatchString(e.Name()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return err
		}
		found = true
		fmt.Fprintf(buf, "==== %s: %s\n\n%s\n\n", what, e.Name(), bytes.TrimSpace(text))
	}
	if !found {
		return fmt.Errorf("%s has no license file", what)
	}
	return nil
}
