package elastic

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// TestConnectionsAreUsedAgain: as many requests as may be under way at once, again and again, take one connection each.
func TestConnectionsAreUsedAgain(t *testing.T) {
	const inFlight, rounds = 3, 20
	var opened atomic.Int64
	var round sync.WaitGroup
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		round.Done()
		round.Wait() // none is answered before all are there
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		_, _ = w.Write([]byte("{}"))
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client, err := newTransport(Config{Hosts: []string{server.URL}, Bulk: Bulk{InFlight: inFlight}})
	if err != nil {
		t.Fatal(err)
	}
	for range rounds {
		var answers sync.WaitGroup
		round.Add(inFlight * growth)
		for range inFlight * growth {
			answers.Go(func() {
				res, err := esapi.BulkRequest{Body: strings.NewReader("{}\n")}.Do(t.Context(), client)
				if err != nil {
					t.Error(err)
					return
				}
				if _, err := io.Copy(io.Discard, res.Body); err != nil {
					t.Error(err)
				}
				_ = res.Body.Close()
			})
		}
		answers.Wait()
	}
	if n := opened.Load(); n != inFlight*growth {
		t.Errorf("%d connections were opened for %d rounds of %d requests", n, rounds, inFlight*growth)
	}
}
