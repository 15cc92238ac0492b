package page

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
)

// TestElasticsearch shows every view, and goes from a failing service to the line, on the page of an agent that has no store: it ships
// the logs of the demo's services to a real Elasticsearch, and its page asks that.
func TestElasticsearch(t *testing.T) {
	node, err := elastictest.Start(elastictest.Options{})
	if err != nil {
		t.Skipf("there is no Elasticsearch: %v", err)
	}
	t.Cleanup(func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	temporary := t.TempDir()
	_, trace := demoIn(t, temporary)
	logs, err := filepath.Glob(filepath.Join(temporary, "*", "logs"))
	if err != nil || len(logs) != 1 {
		t.Fatalf("logs of the demo: %v, %v", logs, err)
	}
	config, err := exec.Command(binary, "demo", "--print-config").Output()
	if err != nil {
		t.Fatal(err)
	}
	text, _, found := strings.Cut(string(config), "\noutput:")
	if !found {
		t.Fatalf("no output in\n%s", config)
	}
	dir := t.TempDir()
	text = strings.ReplaceAll(text, "paths: [logs/", "paths: ["+logs[0]+"/") + "\noutput: {elasticsearch: {hosts: [" + node.URL + "]}}\n"
	path := filepath.Join(dir, "tailspan.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	base := agent(t, path)
	answers(t, base+"/api/trace?id="+trace)
	b := open(t, base)
	b.size(1280, 800, "light")
	for _, v := range views(trace) {
		b.show(v.address)
		b.until(`document.getElementById("main").innerText.includes(` + quote(v.has) + `)`)
		b.clean(v.name)
	}
	fromServiceToLine(t, b)
}

// answers waits until the agent's page finds what is asked for: Elasticsearch shows documents a second after it took them.
func answers(t *testing.T, url string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		res, err := http.Get(url) // #nosec G107 -- an agent of this test
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			t.Fatal(err)
		}
		if res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("%s: no answer within 20 s", url)
}
