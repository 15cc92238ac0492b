package elastictest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"
)

var versionLine = regexp.MustCompile(`version "(\d+)`)

// findJDK returns the home of a Java that the release runs on: JAVA_HOME when it is one, else one of the usual places.
func findJDK(r Release) (home string, err error) {
	homes := []string{os.Getenv("JAVA_HOME")}
	for _, pattern := range []string{"/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		homes = append(homes, found...)
	}
	return findJDKIn(r, homes)
}

// findJDKIn returns the first of the homes that is what is wanted; an empty one is none.
func findJDKIn(r Release, homes []string) (home string, err error) {
	for _, home := range homes {
		if home != "" && isWanted(r, filepath.Join(home, "bin", "java")) {
			return home, nil
		}
	}
	return "", fmt.Errorf("%s needs a JDK %d and there is none in JAVA_HOME or /usr/lib/jvm: install it (Debian: apt-get install openjdk-%[2]d-jre-headless) or set JAVA_HOME", r, r.java)
}

// isWanted asks a java for its version.
func isWanted(r Release, java string) bool {
	if _, err := os.Stat(java); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	match := versionLine.FindSubmatch(out)
	if err != nil || match == nil {
		return false
	}
	version, err := strconv.Atoi(string(match[1]))
	return err == nil && version >= r.java && version <= r.javaMost
}
