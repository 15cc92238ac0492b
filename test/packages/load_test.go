//go:build packages

package packages

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
	"github.com/tailspan/tailspan/test/machine"
)

// writer numbers lines, a thousand or two in a second, and renames its file every 1000 lines, until it is told to stop. The pattern matches
// the new names, as docs/DELIVERY.md asks where a file may come and go while no agent runs.
const writer = `n=0
while [ ! -e /root/enough ]; do
  for i in $(seq 50); do n=$((n+1)); echo "{\"n\":$n,\"msg\":\"line\"}"; done >> /var/log/app/a.json
  [ $((n%1000)) -ne 0 ] || mv /var/log/app/a.json /var/log/app/a.json.$n
  sleep 0.02
done
echo $n > /root/written
`

const shipping = `pipelines: [{name: load, paths: [/var/log/app/a.json*], format: json}]
output: {elasticsearch: {hosts: ['http://127.0.0.1:9200']}}
`

// load is a machine whose log grows, shipped to a real Elasticsearch behind something that can misbehave.
type load struct {
	host
	node   *elastictest.Node
	status atomic.Int64 // what bulk requests are answered with; 0: Elasticsearch answers
	told   atomic.Int64 // how many were answered so
}

func newLoad(t *testing.T) *load {
	t.Helper()
	node, err := elastictest.Start(elastictest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	target, err := url.Parse(node.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := &load{host: host{machine.Boot(t), t}, node: node}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ErrorLog = log.New(io.Discard, "", 0) // an agent that is killed takes its requests back
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if status := int(l.status.Load()); status != 0 && strings.HasSuffix(r.URL.Path, "/_bulk") {
			l.told.Add(1)
			w.WriteHeader(status)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	l.Forward(t, "127.0.0.1:9200", strings.TrimPrefix(server.URL, "http://"))
	return l
}

// older is the deb with another binary, of an older version.
func older(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	script := `dpkg-deb -R "$1" "$0/deb" && sed -i 's/^Version: .*/Version: 0~0/' "$0/deb/DEBIAN/control"
		CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=older' -o "$0/deb/usr/bin/tailspan" ../../cmd/agent
		dpkg-deb -Znone -b "$0/deb" "$0/older.deb"`
	output(t, "bash", "-euc", script, dir, released(t, "tailspan_*_amd64.deb"))
	return filepath.Join(dir, "older.deb")
}

func (l *load) copyIn(name, path string) {
	l.t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		l.t.Fatal(err)
	}
	l.Put(name, string(text))
}

// begin starts the service and the writer, and waits for the first documents.
func (l *load) begin() {
	l.t.Helper()
	l.Put("/etc/tailspan/tailspan.yaml", shipping)
	l.Put("/etc/systemd/system/tailspan.service.d/test.conf", "[Service]\nRestartSec=100ms\n")
	l.Put("/root/writer.sh", writer)
	l.Do("mkdir -p /var/log/app; chmod 0700 /var/log/app; systemctl daemon-reload; systemctl start tailspan; systemd-run --unit writer bash /root/writer.sh")
	l.more()
}

// more waits until 2000 more documents are there.
func (l *load) more() {
	l.t.Helper()
	begun := l.documents()
	machine.Eventually(l.t, "more documents", func() bool { return l.documents() >= begun+2000 })
}

func (l *load) documents() int {
	l.t.Helper()
	if err := l.node.Refresh("logs-load-default"); err != nil {
		l.t.Fatal(err)
	}
	n, err := l.node.Count("logs-load-default")
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

// end stops the writer, and wants every number once.
func (l *load) end() {
	l.t.Helper()
	l.Do("touch /root/enough")
	machine.Eventually(l.t, "the writer to end", func() bool { return l.Do("cat /root/written 2>/dev/null || true") != "" })
	written, err := strconv.Atoi(l.Do("cat /root/written"))
	if err != nil {
		l.t.Fatal(err)
	}
	for deadline := time.Now().Add(2 * time.Minute); l.documents() < written; time.Sleep(time.Second) {
		if time.Now().After(deadline) {
			l.t.Fatalf("written %d, documents %d\n%s\n%s", written, l.documents(),
				l.Do("tailspan files --config /etc/tailspan/tailspan.yaml"), l.Do("journalctl -u tailspan -o cat --no-pager"))
		}
	}
	after := 0
	for after < written {
		var answer struct {
			Hits struct{ Hits []struct{ Sort []int } }
		}
		query := map[string]any{"size": 10000, "_source": false, "sort": []any{map[string]any{"n": "asc"}}, "search_after": []int{after}}
		if err := l.node.Do("POST", "/logs-load-default/_search", query, &answer); err != nil {
			l.t.Fatal(err)
		}
		for _, hit := range answer.Hits.Hits {
			if after++; hit.Sort[0] != after {
				l.t.Fatalf("line %d is missing or there twice: the next one is %d", after, hit.Sort[0])
			}
		}
		if len(answer.Hits.Hits) == 0 {
			break
		}
	}
	if n := l.documents(); n != written || after != written {
		l.t.Errorf("written %d, documents %d, in order up to %d", written, n, after)
	}
	l.t.Logf("lines written and there, each once: %d", written)
}

// TestUpgradeUnderLoad upgrades from an older binary, and back, while the log grows and is rotated.
func TestUpgradeUnderLoad(t *testing.T) {
	l := newLoad(t)
	l.copyIn("/root/older.deb", older(t))
	l.copyIn("/root/newer.deb", released(t, "tailspan_*_amd64.deb"))
	l.Do("dpkg -i /root/older.deb")
	l.Expect("tailspan older", "tailspan version")
	l.begin()
	pid := l.Do("systemctl show -P MainPID tailspan")
	for _, deb := range []string{"newer", "older", "newer"} {
		l.Do("dpkg -i --force-confold /root/" + deb + ".deb")
		if now := l.Do("systemctl show -P MainPID tailspan"); now == pid || now == "0" {
			t.Fatalf("after the upgrade to the %s version process %s runs, before it was %s", deb, now, pid)
		}
		l.more()
	}
	if said := l.Do("tailspan version"); said == "tailspan older" {
		t.Error("the upgrade has left the older binary")
	}
	l.end()
}

// TestFaultsUnderTheUnit is a short fault suite with the unit's restrictions: kills, refusals, an Elasticsearch that is away, a
// machine that stands still, rotation all the while.
func TestFaultsUnderTheUnit(t *testing.T) {
	l := newLoad(t)
	l.copyIn("/root/tailspan.deb", released(t, "tailspan_*_amd64.deb"))
	l.Do("dpkg -i /root/tailspan.deb")
	l.begin()
	for range 3 {
		pid := l.Do("systemctl show -P MainPID tailspan")
		l.Do("kill -KILL " + pid)
		machine.Eventually(t, "the service to be started again", func() bool {
			now := l.Do("systemctl show -P MainPID tailspan")
			return now != pid && now != "0"
		})
		l.more()
	}
	for _, status := range []int{http.StatusTooManyRequests, http.StatusServiceUnavailable} {
		l.status.Store(int64(status))
		before := l.told.Load()
		machine.Eventually(t, "three requests to be refused", func() bool { return l.told.Load() >= before+3 })
		l.status.Store(0)
		l.more()
	}
	l.Do("systemctl kill --signal STOP tailspan; systemctl kill --signal CONT tailspan; systemctl reload tailspan")
	l.more()
	l.Do("systemctl stop tailspan; systemctl start tailspan")
	l.end()
}
