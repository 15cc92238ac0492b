package elastictest

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// module is a part of OpenSearch that its minimal distribution leaves out and that Maven Central has by itself.
type module struct {
	name, extends string
	policy        string // what its code may do
}

// modules make ingest processors work.
var modules = []module{
	{"lang-painless", "", "grant {\n  permission java.lang.RuntimePermission \"createClassLoader\";\n  permission java.lang.RuntimePermission \"getClassLoader\";\n};\n"},
	{"ingest-common", "lang-painless", ""},
}

// withModules returns a copy of OpenSearch with the modules, beside the one at home, and makes it when it is not there yet.
func withModules(r Release, home string) (string, error) {
	return derived(home, "-modules", func(copied string) error {
		for _, m := range modules {
			if err := m.add(r, copied); err != nil {
				return fmt.Errorf("module %s of %s: %w", m.name, r, err)
			}
		}
		return nil
	})
}

var pluginClass = regexp.MustCompile(`/[A-Za-z]+Plugin\.class$`)

// add lets Maven fetch the module with what it needs, and lays it out as the server wants it.
func (m module) add(r Release, home string) error {
	mvn, err := exec.LookPath("mvn")
	if err != nil {
		return errors.New("it is fetched with Maven, and there is no mvn: install it (Debian: apt-get install maven)")
	}
	work, err := os.MkdirTemp("", "tailspan-module-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(work) }() // what is left of it is only rubbish
	pom := fmt.Sprintf(`<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>t</groupId><artifactId>t</artifactId>`+
		`<version>1</version><packaging>pom</packaging><dependencies><dependency><groupId>org.opensearch.plugin</groupId><artifactId>%s</artifactId>`+
		`<version>%s</version></dependency></dependencies></project>`, m.name, r.version)
	if err := os.WriteFile(filepath.Join(work, "pom.xml"), []byte(pom), 0o600); err != nil {
		return err
	}
	to := filepath.Join(home, "modules", m.name)
	ctx, cancel := context.WithTimeout(context.Background(), fetchTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, mvn, "-q", "-B", "-C", "-f", filepath.Join(work, "pom.xml"), "dependency:copy-dependencies",
		"-DincludeScope=runtime", "-DoutputDirectory="+to)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mvn: %w\n%s", err, out)
	}
	if err := m.withoutTwins(home, to); err != nil {
		return err
	}
	class, err := classIn(filepath.Join(to, m.name+"-"+r.version+".jar"))
	if err != nil {
		return err
	}
	text := fmt.Sprintf("name=%[1]s\ndescription=%[1]s\nversion=%[2]s\nopensearch.version=%[2]s\njava.version=11\nclassname=%[3]s\nextended.plugins=%[4]s\nhas.native.controller=false\n",
		m.name, r.version, class, m.extends)
	err = os.WriteFile(filepath.Join(to, "plugin-descriptor.properties"), []byte(text), 0o644)
	if m.policy != "" {
		err = errors.Join(err, os.WriteFile(filepath.Join(to, "plugin-security.policy"), []byte(m.policy), 0o644))
	}
	return err
}

// withoutTwins removes what the server or the module that is extended has already: a class that is there twice stops the start.
func (m module) withoutTwins(home, to string) error {
	for _, dir := range []string{filepath.Join(home, "lib"), filepath.Join(home, "modules", m.extends)} {
		jars, err := filepath.Glob(filepath.Join(dir, "*.jar"))
		if err != nil {
			return err
		}
		for _, jar := range jars {
			if err := os.Remove(filepath.Join(to, filepath.Base(jar))); err != nil && !errors.Is(err, os.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// classIn is the class in a jar that the server has to load.
func classIn(jar string) (string, error) {
	r, err := zip.OpenReader(jar)
	if err != nil {
		return "", err
	}
	defer func() { _ = r.Close() }() // was only read
	for _, entry := range r.File {
		if pluginClass.MatchString(entry.Name) {
			return strings.ReplaceAll(strings.TrimSuffix(entry.Name, path.Ext(entry.Name)), "/", "."), nil
		}
	}
	return "", fmt.Errorf("%s has no plugin", jar)
}
