package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// version is that of the source in the forms that are needed.
type version struct {
	git      string // as git describes it: v1.2.3, v1.2.3-4-gabcdef0, or abcdef0 before the first tag
	packages string // which dpkg and rpm sort as they should: 1.2.3, 1.2.3+4.gabcdef0, 0~20260102030405.abcdef0
}

// described are the parts of what git describe says after a tag.
var described = regexp.MustCompile(`^v(\d[^-]*)(?:-(\d+)-(g[0-9a-f]+))?(-dirty)?$`)

func newVersion(git string, at time.Time) version {
	parts := described.FindStringSubmatch(git)
	switch {
	case parts == nil:
		return version{git, "0~" + at.UTC().Format("20060102150405") + "." + strings.ReplaceAll(git, "-", ".")}
	case parts[2] == "" && parts[4] == "":
		return version{git, parts[1]}
	}
	after := strings.Trim(strings.Join([]string{parts[2], parts[3], strings.TrimPrefix(parts[4], "-")}, "."), ".")
	return version{git, parts[1] + "+" + after}
}

func newRelease(out string) (*release, error) {
	at, err := sourceTime()
	if err != nil {
		return nil, err
	}
	git := os.Getenv("VERSION")
	if git == "" {
		if git, err = output("git", "describe", "--tags", "--always", "--dirty"); err != nil {
			return nil, fmt.Errorf("set VERSION, or build in a repository: %w", err)
		}
	}
	return &release{out: out, version: newVersion(git, at), time: at}, nil
}

// sourceTime is SOURCE_DATE_EPOCH, or the time of the last commit.
func sourceTime() (time.Time, error) {
	text := os.Getenv("SOURCE_DATE_EPOCH")
	if text == "" {
		var err error
		if text, err = output("git", "log", "-1", "--format=%ct"); err != nil {
			return time.Time{}, fmt.Errorf("set SOURCE_DATE_EPOCH, or build in a repository: %w", err)
		}
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("SOURCE_DATE_EPOCH: %q is no number of seconds", text)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// output runs a command and returns what it prints, without space around it.
func output(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}
