package trace

import (
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// hop is one server behind a proxy, as the proxy measured it: nanoseconds since the request came in, and how long.
type hop struct {
	address     string
	after, took int64
}

// proxied makes client spans of what a proxy measured of the servers behind it.
func (d *document) proxied(rec *Record) {
	hops := d.hops(rec.Span.Duration)
	if len(hops) == 0 && !d.isEnvoy() && !d.isHAProxy() && !d.has("request_time") && !strings.HasPrefix(d.text("event.dataset"), "nginx") {
		return
	}
	s := &rec.Span
	s.Origin = event.FromProxy
	if s.Kind == event.KindUnknown {
		s.Kind = event.KindServer
	}
	for _, h := range hops[:min(len(hops), maxAttributes)] {
		child := event.Span{TraceID: s.TraceID, Service: s.Service, Host: s.Host, Kind: event.KindClient, Origin: event.FromUpstream,
			ID: s.ID, Start: s.Start + min(h.after, s.Duration), Name: strings.TrimSpace("upstream " + h.address)}
		child.Duration = min(h.took, s.End()-child.Start) // rounded otherwise than the whole
		if h.address != "" {
			child.Attributes = append(child.Attributes, event.Attribute{Name: "server.address", Value: h.address})
		}
		rec.behind = append(rec.behind, child)
	}
}

// hops are the servers behind a proxy that a line tells of; whole is how long the request took.
func (d *document) hops(whole int64) []hop {
	if text := d.text("upstream_response_time", "nginx.upstream.response_time", "urt"); text != "" {
		return tried(list(text), list(d.text("upstream_addr", "nginx.ingress_controller.upstream.address", "nginx.upstream.address", "ua")))
	}
	if took, ok := d.measured(1e6, "upstream_service_time", "envoyproxy.upstream_service_time", "x-envoy-upstream-service-time", "x_envoy_upstream_service_time"); ok {
		return []hop{{d.text("upstream_cluster", "envoyproxy.upstream_cluster", "upstream_host", "destination.address"), 0, took}}
	}
	if took, ok := d.measured(1e9, "aws.elb.backend_processing_time.sec"); ok {
		after, _ := d.measured(1e9, "aws.elb.request_processing_time.sec")
		return []hop{{d.text("aws.elb.backend.ip"), after, took}}
	}
	// HAProxy tells how long the request took to come (TR) and waited for a server (Tw), the connection (Tc) and the answer's
	// beginning (Tr); what is left is the rest of the answer.
	if _, answered := d.measured(1e6, "haproxy.http.request.time_wait_without_data_ms", "haproxy.time_backend_response"); answered {
		request, _ := d.measured(1e6, "haproxy.http.request.time_wait_ms", "haproxy.time_request")
		queue, _ := d.measured(1e6, "haproxy.total_waiting_time_ms", "haproxy.time_queue")
		return []hop{{d.text("haproxy.server_name", "haproxy.backend_name"), request + queue, max(0, whole-request-queue)}}
	}
	return nil
}

// measured is a number of a unit as nanoseconds; -1 and - are what was never reached.
func (d *document) measured(unit float64, names ...string) (ns int64, ok bool) {
	v, ok := d.number(names...)
	if !ok || v < 0 || v*unit >= maxDuration {
		return 0, false
	}
	return int64(v * unit), true
}

// tried are the servers that nginx asked one after the other, with seconds; one that did not answer has no number.
func tried(seconds, addresses []string) []hop {
	hops := make([]hop, len(seconds))
	after, some := int64(0), false
	for i, text := range seconds {
		if i < len(addresses) {
			hops[i].address = addresses[i]
		}
		hops[i].after = after
		if v, err := strconv.ParseFloat(text, 64); err == nil && v >= 0 && v*1e9 < maxDuration {
			hops[i].took, some = int64(v*1e9), true
			after = min(after+hops[i].took, maxDuration)
		}
	}
	if !some {
		return nil
	}
	return hops
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
