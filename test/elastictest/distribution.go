package elastictest

import (
	"archive/zip"
	"context"
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
func distribution() (home string, err error) {
	cache, err := cacheDir()
	if err != nil {
		return "", fmt.Errorf("no folder to cache Elasticsearch in; set %s: %w", CacheVariable, err)
	}
	name := "elasticsearch-" + Version
	home = filepath.Join(cache, name)
	if _, err := os.Stat(home); err == nil {
		return home, nil
	}
	archive, err := fetch()
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
func fetch() (archive string, err error) {
	user, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	repository := filepath.Join(user, ".m2", "repository")
	archive = filepath.Join(repository, "org/elasticsearch/distribution/integ-test-zip/elasticsearch", Version, "elasticsearch-"+Version+".zip")
	if _, err := os.Stat(archive); err == nil {
		return archive, nil
	}
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return "", errors.New("elasticsearch is fetched with Maven, and there is no mvn: install it (Debian: apt-get install maven)")
	}
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	// -C: a wrong checksum is an error. The repository is named, so that settings.xml cannot put it elsewhere.
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", "-C", "-Dmaven.repo.local="+repository, "dependency:get", "-Dtransitive=false",
		"-Dartifact=org.elasticsearch.distribution.integ-test-zip:elasticsearch:"+Version+":zip")
	cmd.Dir = os.TempDir() // away from any project that Maven might take for its own
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("mvn could not fetch Elasticsearch %s: %w\n%s", Version, err, out)
	}
	return archive, nil
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
		if e.Name() != "jvm.options" && e.Name() != "elasticsearch.yml" {
			kept = append(kept, e)
		}
	}
	return kept, err
}
