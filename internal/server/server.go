// Package server answers over HTTP how the agent is doing, at /healthz, /readyz and /metrics, and shows its page.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// turnWithin is how long /healthz waits for the reading loop to come round.
const turnWithin = 10 * time.Second

// Handler serves the endpoints: /healthz says whether the reading loop turns, and an agent where it does not should be started
// again; /readyz says why the agent cannot ship at the moment, which only time or Elasticsearch may mend. Everything else is page's.
func Handler(agent Agent, version string, page http.Handler) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(&collector{agent}, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tailspan_build_info", Help: "Always 1; the label says what runs.",
			ConstLabels: prometheus.Labels{"version": version}}, func() float64 { return 1 }))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true})) // exemplars need it
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), turnWithin)
		defer cancel()
		if err := agent.Turn(ctx); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := agent.Ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintln(w, "ready")
	})
	mux.Handle("/", page)
	return mux
}

// Serve listens on address and serves until ctx is done. It returns once it listens, with where that is, or why it cannot.
func Serve(ctx context.Context, address string, handler http.Handler, log *slog.Logger) (net.Addr, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("http.listen: %w", err)
	}
	s := &http.Server{Handler: knownHost(handler, address), ReadHeaderTimeout: 5 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	context.AfterFunc(ctx, func() { _ = s.Close() })
	go func() {
		if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the HTTP server ended", "error", err)
		}
	}()
	log.Info("listening", "address", listener.Addr().String())
	return listener.Addr(), nil
}
