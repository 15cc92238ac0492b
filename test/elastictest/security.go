package elastictest

import (
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha512"
	_ "embed"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// analysisNames is what the minimal distribution lacks to keep API keys.
//
//go:embed analysis/AnalysisNames.java
var analysisNames []byte

const pluginName = "analysis-names"

// pluginDescriptor says for which server the plugin is.
func pluginDescriptor(r Release) string {
	return fmt.Sprintf("name=%s\ndescription=names of analysers\nversion=1\nclassname=tailspan.AnalysisNames\njava.version=%d\nelasticsearch.version=%s\n",
		pluginName, r.java, r.version)
}

// administrator is the account that Do speaks for when a node asks who is there.
const administrator = "administrator"

// withPlugin returns a copy of the distribution that can keep API keys, beside the one at home, and makes it when it is not there
// yet. It needs the compiler of the JDK.
func withPlugin(r Release, home, jdk string) (string, error) {
	return derived(home, "-keys", func(copied string) error {
		work, err := os.MkdirTemp("", "tailspan-plugin-")
		if err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(work) }() // what is left of it is only rubbish
		plugin, source, classes := filepath.Join(copied, "plugins", pluginName), filepath.Join(work, "AnalysisNames.java"), filepath.Join(work, "classes")
		err = errors.Join(os.MkdirAll(plugin, 0o755), os.WriteFile(source, analysisNames, 0o644),
			os.WriteFile(filepath.Join(plugin, "plugin-descriptor.properties"), []byte(pluginDescriptor(r)), 0o644))
		if err != nil {
			return err
		}
		for _, tool := range [][]string{
			{"javac", "-proc:none", "-nowarn", "-cp", filepath.Join(home, "lib", "*"), "-d", classes, source},
			{"jar", "--create", "--file", filepath.Join(plugin, pluginName+".jar"), "-C", classes, "."},
		} {
			if out, err := exec.Command(filepath.Join(jdk, "bin", tool[0]), tool[1:]...).CombinedOutput(); err != nil {
				return fmt.Errorf("%s (Debian: apt-get install openjdk-%d-jdk-headless): %w\n%s", tool[0], r.java, err, out)
			}
		}
		return nil
	})
}

// readable lets everybody read what is below dir, and run what its owner runs.
func readable(dir string) error {
	return filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if mode&0o100 != 0 {
			mode |= 0o111
		}
		return os.Chmod(path, mode)
	})
}

// secure makes the administrator known to the node, from a file, with a password of this run.
func (n *Node) secure() error {
	n.password = rand.Text()
	salt := []byte(rand.Text())[:16]
	const rounds, size = 10_000, 32
	key, err := pbkdf2.Key(sha512.New, n.password, salt, rounds, size)
	if err != nil {
		return err
	}
	text := base64.StdEncoding.EncodeToString
	config := filepath.Join(n.dir, "config")
	return errors.Join(
		os.WriteFile(filepath.Join(config, "users"), fmt.Appendf(nil, "%s:{PBKDF2}%d$%s$%s\n", administrator, rounds, text(salt), text(key)), 0o644),
		os.WriteFile(filepath.Join(config, "users_roles"), fmt.Appendf(nil, "superuser:%s\n", administrator), 0o644))
}
