package elastictest

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// CacheVariable names the environment variable that says where the unpacked distribution is kept.
const CacheVariable = "TAILSPAN_TEST_CACHE"

const fetchTimeout = 10 * time.Minute

// cacheDir is where distributions are kept from one run to the next. Root's own cache is closed to the account that the
// server runs as, so root has another.
func cacheDir() (string, error) {
	if dir := os.Getenv(CacheVariable); dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 {
		return "/var/cache/tailspan-test", nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "tailspan-test"), err
}

// distribution returns the unpacked distribution, and fetches it when it is not there yet.
func distribution(r Release) (home string, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to cache %s in; set %s: %w", r, CacheVariable, err)
	}
	name := r.name()
	home = filepath.Join(cache, name)
	if _, err := os.Stat(home); err == nil {
		return home, nil
	}
	archive, err := fetch(r)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	temporary, err := os.MkdirTemp(cache, ".unpack-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(temporary) }() // what is left of it is only rubbish
	if err := unpack(archive, temporary); err != nil {
		return "", fmt.Errorf("%s: %w", archive, err)
	}
	err = os.Rename(filepath.Join(temporary, name), home)
	if _, there := os.Stat(home); there == nil {
		return home, nil // by this run or by another that was faster
	}
	return "", err
}

// fetch returns the archive in the local Maven repository, and lets Maven download it when it is not there.
func fetch(r Release) (archive string, err error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	repository := filepath.Join(user, ".m2", "repository")
	archive = filepath.Join(repository, filepath.FromSlash(r.path()))
	if _, err := os.Stat(archive); err == nil {
		return archive, r.verify(archive)
	}
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return "", errors.New(r.product + " is fetched with Maven, and there is no mvn: install it (Debian: apt-get install maven)")
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	// -c: some archives have no checksum there; ours is looked at below. The repository is named, so that settings.xml cannot put it elsewhere.
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", "-c", "-Dmaven.repo.local="+repository, "dependency:get", "-Dtransitive=false",
		"-Dartifact="+r.artifact())
	cmd.Dir = os.TempDir() // away from any project that Maven might take for its own
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mvn could not fetch %s: %w\n%s", r, err, out)
	}
	return archive, r.verify(archive)
}

// verify wants the archive that the release was tried with.
func (r Release) verify(archive string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // was only read
	digest := sha256.New()
	if _, err := io.Copy(digest, f); err != nil {
		return err
	}
	if got := hex.EncodeToString(digest.Sum(nil)); got != r.sum {
		return fmt.Errorf("%s has the SHA-256 %s and should have %s; remove it, and it is fetched again", archive, got, r.sum)
	}
	return nil
}

// derived returns a changed copy of the distribution at home, beside it under another end of its name, and makes it when it is not
// there yet.
func derived(home, end string, change func(copied string) error) (string, error) {
	to := home + end
	if _, err := os.Stat(to); err == nil {
		return to, nil
	}
	temporary, err := os.MkdirTemp(filepath.Dir(home), ".derive-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(temporary) }() // what is left of it is only rubbish
	if err := os.Chmod(temporary, 0o755); err != nil {
		return "", err
	}
	copied := filepath.Join(temporary, "home")
	if err := os.CopyFS(copied, os.DirFS(home)); err != nil {
		return "", err
	}
	if err := errors.Join(change(copied), readable(copied)); err != nil {
		return "", err
	}
	err = os.Rename(copied, to)
	if _, there := os.Stat(to); there == nil {
		return to, nil // by this run or by another that was faster
	}
	return "", err
}

// unpack extracts a zip archive below dir, readable for everybody.
func unpack(archive, dir string) error {
	r, err := zip.OpenReader(archive)
	if err != nil {
		return err
	}
	defer func() { _ = r.Close() }() // was only read
	for _, entry := range r.File {
		if !filepath.IsLocal(entry.Name) {
			return fmt.Errorf("an entry leads outside: %s", entry.Name)
		}
		path := filepath.Join(dir, filepath.FromSlash(entry.Name))
		if strings.HasSuffix(entry.Name, "/") {
			err = os.MkdirAll(path, 0o755)
		} else {
			err = unpackFile(entry, path)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func unpackFile(entry *zip.File, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	in, err := entry.Open()
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }() // was only read
	out, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, entry.Mode().Perm()|0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// configOnly is the distribution's configuration less the files that are written anew for each node.
func configOnly(home string) fs.FS { return withoutWritten{os.DirFS(filepath.Join(home, "config"))} }

type withoutWritten struct{ fs.FS }

func (w withoutWritten) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(w.FS, name)
	kept := entries[:0]
	for _, e := range entries {
		if e.Name() != "jvm.options" && e.Name() != "elasticsearch.yml" && e.Name() != "opensearch.yml" {
			kept = append(kept, e)
		}
	}
	return kept, err
}
