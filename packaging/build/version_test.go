package main

import (
	"os/exec"
	"testing"
	"time"
)

func TestVersion(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for git, want := range map[string]string{
		"v1.2.3":                  "1.2.3",
		"v1.2.3-4-gabcdef0":       "1.2.3+4.gabcdef0",
		"v1.2.3-4-gabcdef0-dirty": "1.2.3+4.gabcdef0.dirty",
		"v1.2.3-dirty":            "1.2.3+dirty",
		"abcdef0":                 "0~20260102030405.abcdef0",
		"abcdef0-dirty":           "0~20260102030405.abcdef0.dirty",
	} {
		if got := newVersion(git, at).packages; got != want {
			t.Errorf("%s: %s, want %s", git, got, want)
		}
	}
}

// TestVersionsSort asks dpkg whether each is an upgrade of the one before.
func TestVersionsSort(t *testing.T) {
	if _, err := exec.LookPath("dpkg"); err != nil {
		t.Skip("no dpkg here")
	}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var last string
	for i, git := range []string{"fffffff", "0000000", "v0.1.0", "v0.1.0-1-g0000000", "v0.1.0-10-g0000000", "v0.2.0"} {
		next := newVersion(git, at.Add(time.Duration(i)*time.Minute)).packages
		if last != "" && exec.Command("dpkg", "--compare-versions", last, "lt", next).Run() != nil {
			t.Errorf("%s is no upgrade of %s", next, last)
		}
		last = next
	}
}
