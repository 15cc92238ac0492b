package trace

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// proxied makes client spans of what a proxy measured of the servers behind it. nginx tells every server that it tried, one
// after the other; Envoy and HAProxy tell of one.
func (d *document) proxied(rec *Record) {
	took, addresses := d.upstreams()
	if len(took) == 0 && !d.isEnvoy() && !d.isHAProxy() && !d.has("request_time") && !strings.HasPrefix(d.text("event.dataset"), "nginx") {
		return
	}
	s := &rec.Span
	s.Origin = event.FromProxy
	if s.Kind == event.KindUnknown {
		s.Kind = event.KindServer
	}
	start, end := s.Start, s.End()
	for i, ns := range took[:min(len(took), maxAttributes)] {
		address := ""
		if i < len(addresses) {
			address = addresses[i]
		}
		child := event.Span{TraceID: s.TraceID, Service: s.Service, Host: s.Host, Kind: event.KindClient, Origin: event.FromUpstream,
			ID: s.ID, Start: min(start, end), Name: strings.TrimSpace("upstream " + address)}
		child.Duration = min(ns, end-child.Start) // rounded otherwise than the whole
		if address != "" {
			child.Attributes = append(child.Attributes, event.Attribute{Name: "server.address", Value: address})
		}
		start += ns
		rec.behind = append(rec.behind, child)
	}
}

// upstreams are the times that servers behind a proxy took, in nanoseconds, and their addresses.
func (d *document) upstreams() (took []int64, addresses []string) {
	if text := d.text("upstream_response_time", "nginx.access.upstream.response_time", "nginx.upstream.response_time"); text != "" {
		return times(text, 1e9), list(d.text("upstream_addr", "nginx.access.upstream.address", "nginx.upstream.address"))
	}
	if text := d.text("upstream_service_time", "x-envoy-upstream-service-time", "x_envoy_upstream_service_time", "envoy.upstream_service_time"); text != "" {
		return times(text, 1e6), list(d.text("upstream_cluster", "envoy.upstream_cluster", "upstream_host", "envoy.upstream_host"))
	}
	if text := d.text("haproxy.time_backend_response", "haproxy.http.response.time_ms", "Tr"); text != "" && d.isHAProxy() {
		connect := times(d.text("haproxy.time_backend_connect"), 1e6)
		took = times(text, 1e6)
		if len(took) > 0 && len(connect) > 0 {
			took[0] += connect[0]
		}
		return took, list(d.text("haproxy.server_name", "haproxy.backend_name"))
	}
	return nil, nil
}

// list takes apart what nginx writes of several servers: a comma between those it tried, a colon with blanks between
// those of an internal redirect.
func list(text string) []string {
	var all []string
	for part := range strings.SplitSeq(strings.ReplaceAll(text, " : ", ","), ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}

// times reads a list of numbers of a unit; "-" and -1 are servers that did not answer.
func times(text string, unit float64) []int64 {
	var all []int64
	for _, part := range list(text) {
		v, err := strconv.ParseFloat(part, 64)
		if err != nil || !(v >= 0 && v*unit < maxDuration) {
			v = 0
		}
		all = append(all, int64(v*unit))
	}
	if slices.Max(append(all, 0)) == 0 {
		return nil
	}
	return all
}
