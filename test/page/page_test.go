// Package page walks through the page of a running agent in a real browser.
package page

import (
	"bufio"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// demo runs tailspan demo until the test ends, and returns where its page is and its slowest trace.
func demo(t *testing.T) (base, trace string) {
	t.Helper()
	cmd := exec.Command("../../bin/tailspan", "demo", "--no-browser")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; build it first: make build", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo: %v", err)
		}
	})
	began := time.Now()
	link := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/#/trace\?id=([0-9a-f]{32})`)
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if m := link.FindStringSubmatch(lines.Text()); m != nil {
			t.Logf("the slowest trace is there after %v", time.Since(began).Round(10*time.Millisecond))
			go func() {
				for lines.Scan() {
					if text := lines.Text(); strings.TrimSpace(text) != "" {
						t.Log(text)
					}
				}
			}()
			return m[1], m[2]
		}
	}
	t.Fatal("the demo ended without a link")
	return "", ""
}

func TestPictures(t *testing.T) {
	base, trace := demo(t)
	b := open(t, base)
	for _, theme := range []string{"light", "dark"} {
		b.size(1280, 800, theme)
		for name, view := range map[string]string{"search": "#/search?from=now-15m", "live": "#/live", "trace": "#/trace?id=" + trace, "traces": "#/traces", "services": "#/services", "map": "#/map", "files": "#/files", "health": "#/health"} {
			b.show(view)
			b.clean(name)
			b.picture(name + " " + theme)
		}
	}
	b.size(390, 800, "light")
	for name, view := range map[string]string{"search": "#/search?from=now-15m", "live": "#/live", "trace": "#/trace?id=" + trace, "services": "#/services"} {
		b.show(view)
		b.picture(name + " phone")
	}
}
