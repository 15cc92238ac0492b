package elastictest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// javaVersion is the one that Elasticsearch 8 surely runs on.
const javaVersion = "17"

var versionLine = regexp.MustCompile(`version "(\d+)`)

// findJDK returns the home of a Java 17: JAVA_HOME when it is one, else one of the usual places.
func findJDK() (home string, err error) {
	homes := []string{os.Getenv("JAVA_HOME")}
	for _, pattern := range []string{"/usr/lib/jvm/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			return "", err
		}
		homes = append(homes, found...)
	}
	return findJDKIn(homes)
}

// findJDKIn returns the first of the homes that is what is wanted; an empty one is none.
func findJDKIn(homes []string) (home string, err error) {
	for _, home := range homes {
		if home != "" && isWanted(filepath.Join(home, "bin", "java")) {
			return home, nil
		}
	}
	return "", errors.New("elasticsearch " + Version + " needs a JDK " + javaVersion + " and there is none in JAVA_HOME or /usr/lib/jvm: " +
		"install it (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME")
}

// isWanted asks a java for its version.
func isWanted(java string) bool {
	if _, err := os.Stat(java); err != nil {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, java, "-version").CombinedOutput()
	match := versionLine.FindSubmatch(out)
	return err == nil && match != nil && string(match[1]) == javaVersion
}
