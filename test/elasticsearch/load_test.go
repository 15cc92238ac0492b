//go:build elasticsearch

package elasticsearch_test

import (
	"context"
	"fmt"
	"net/http"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// loadTime is how long the load lasts.
const loadTime = 3 * time.Second

// wrkScript asks for another path with another trace each time; the path names the trace.
const wrkScript = `local n, thread = 0, 0
function setup(t) thread = thread + 1; t:set("id", thread) end
function request()
  n = n + 1
  local trace = string.format("%08x%024x", id, n)
  return wrk.format("GET", "/r/" .. trace .. "?n=" .. n, {["traceparent"] = "00-" .. trace .. "-00f067aa0ba902b7-01"})
end
`

// load sends requests over two connections for a while, by wrk if there is one.
func load(t *testing.T, url string) {
	t.Helper()
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		t.Log("there is no wrk (Debian: apt-get install wrk); a client of the test's own makes the load")
		loadByClient(t, url)
		return
	}
	script := filepath.Join(t.TempDir(), "load.lua")
	writeFile(t, script, wrkScript)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, wrk, "-t1", "-c2", "-d"+loadTime.String(), "-s", script, url).CombinedOutput()
	if err != nil {
		t.Fatalf("wrk: %v\n%s", err, out)
	}
	t.Logf("%s", regexp.MustCompile(`\d+ requests in .*`).Find(out))
}

func loadByClient(t *testing.T, url string) {
	t.Helper()
	done := make(chan error, 2)
	end := time.Now().Add(loadTime)
	for client := range 2 {
		go func() {
			for n := 1; time.Now().Before(end); n++ {
				trace := fmt.Sprintf("%08x%024x", client+1, n)
				req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("%s/r/%s?n=%d", url, trace, n), nil)
				if err != nil {
					done <- err
					return
				}
				req.Header.Set("traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
				res, err := scraper.Do(req)
				if err == nil {
					err = res.Body.Close()
				}
				if err != nil {
					done <- err
					return
				}
			}
			done <- nil
		}()
	}
	for range 2 {
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	}
}
