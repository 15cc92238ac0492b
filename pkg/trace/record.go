package trace

import (
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

// phase is what a line says of its span.
type phase uint8

const (
	notes  phase = iota // something that happened in it
	opens               // that it began
	closes              // that it ended
	whole               // when it began and how long it took
)

// Record is what one line says of a trace. It refers to nothing of the Reader.
type Record struct {
	Span event.Span // SpanID is empty when the line names only its trace

	phase    phase
	time     int64 // of the line
	message  string
	level    string
	behind   []event.Span
	reported bool   // a Jaeger client says that it reported the span
	named    string // what that client calls it; empty when it does not say
	size     int    // bytes of memory, about
}

// Reader reads documents. It belongs to one goroutine.
type Reader struct {
	Alone bool // documents without a trace that tell a duration are records, too, with an empty TraceID

	parser fastjson.Parser
	doc    document
}

// Read makes a record of a document, as text and with its _id. ok is false when the document belongs to no trace.
func (r *Reader) Read(id string, text []byte) (rec Record, ok bool, err error) {
	v, err := r.parser.ParseBytes(text)
	if err != nil {
		return rec, false, err
	}
	o, err := v.Object()
	if err != nil {
		return rec, false, errNotObject
	}
	d := &r.doc
	d.reset()
	d.flatten("", o, 0)
	if id == "" {
		id = string(text)
	}
	ok = d.record(id, &rec, r.Alone)
	rec.size = 400 + len(text) + 64*len(rec.Span.Attributes)
	return rec, ok, nil
}

// record fills rec and reports whether it belongs to a trace or, where that will do, tells a duration alone.
func (d *document) record(id string, rec *Record, alone bool) bool {
	var ok bool
	if rec.time, ok = d.instant("@timestamp"); !ok {
		return false
	}
	rec.message, rec.level = d.text("message", "msg"), strings.ToLower(d.text("log.level", "level"))
	s := &rec.Span
	s.ID, s.Lines = id, 1
	s.Host, s.Service = d.text("host.name"), d.text("service.name", "process.serviceName", "localEndpoint.serviceName")
	if !d.identify(rec) && !alone {
		return false
	}
	if s.Service == "" {
		s.Service = d.text("event.dataset")
	}
	s.Attributes = d.attributes()
	d.callInMessage(rec)
	s.Kind = d.kind(s.Attributes)
	rec.phase = d.phase(rec)
	s.Failed, s.Reason = d.failed(rec)
	s.Name = nameOf(d, s.Attributes, rec.message)
	if rec.reported { // the message is the client's
		s.Name = firstText(rec.named, "span")
	}
	if rec.phase == whole {
		d.proxied(rec)
	}
	d.ownLogs(rec)
	return s.TraceID != "" || rec.phase == whole
}

// phase tells what the line says of its span, and fills in when it began and how long it took.
func (d *document) phase(rec *Record) phase {
	s := &rec.Span
	s.Start = rec.time
	took, timed := d.duration()
	if timed {
		s.Duration = took
		if start, ok := d.start(rec.time); ok {
			s.Start = start
		} else {
			s.Start = rec.time - took
		}
		return whole
	}
	if rec.reported {
		return closes
	}
	if p := phaseOf(d.text("event.action", "phase", "span.phase", "event.type")); p != notes {
		return p
	}
	first, last, _ := strings.Cut(foldMessage(rec.message), " ")
	if p := phaseOf(first); p != notes {
		return p
	}
	return phaseOf(last[strings.LastIndexByte(last, ' ')+1:])
}

func phaseOf(word string) phase {
	switch strings.ToLower(word) {
	case "start", "started", "starting", "begin", "began", "beginning", "enter", "entering", "entered", "received":
		return opens
	case "end", "ended", "finish", "finished", "finishing", "done", "complete", "completed", "stop", "stopped", "exit", "exiting", "returned", "leaving":
		return closes
	}
	return notes
}

// duration is how long the line says that something took.
func (d *document) duration() (ns int64, ok bool) {
	if v := d.fields["event.duration"]; v != nil {
		ns, err := strconv.ParseInt(textOf(v), 10, 64)
		return ns, err == nil && ns >= 0 && ns < maxDuration
	}
	if ms, ok := d.number("grpc.time_ms"); ok && ms >= 0 && ms*1e6 < maxDuration {
		return int64(ms * 1e6), true
	}
	unit := 0.0
	switch { // numbers without a unit, in records whose unit is known
	case d.isZipkin(), d.has("operationName") && d.has("startTime"):
		unit = 1e3
	case d.isEnvoy():
		unit = 1e6
	}
	v, ok := d.number("duration")
	if !ok || unit == 0 || v < 0 || v*unit >= maxDuration {
		return 0, false
	}
	return int64(v * unit), true
}

// maxDuration is a year: what says more is no duration of a request.
const maxDuration = 365 * 24 * 3600 * 1_000_000_000

// start is when the span began, when the line says so: in a field of its own, or by having the time of the beginning.
func (d *document) start(at int64) (ns int64, ok bool) {
	if ns, ok := d.instant("event.start", "startTime", "start_time", "start", "StartUTC"); ok {
		return ns, true
	}
	return at, d.isZipkin() || d.isEnvoy() || d.isHAProxy() || strings.HasPrefix(d.text("event.dataset"), "apache") || d.hasBelow("apache")
}

// isZipkin reports a span as Zipkin's libraries write it (version 2 of its JSON).
func (d *document) isZipkin() bool {
	return d.has("id") && !d.has("span.id") && (d.hasBelow("localEndpoint") || d.has("traceId")) && d.has("duration", "event.duration")
}

// isEnvoy reports a line of Envoy's access log: its %START_TIME% and %DURATION% (milliseconds).
func (d *document) isEnvoy() bool {
	return d.hasBelow("envoyproxy") || d.has("response_flags") && d.has("upstream_cluster", "upstream_host", "upstream_service_time", "bytes_sent")
}

// isHAProxy reports a line of HAProxy's HTTP log, whose time is that of the accepted connection.
func (d *document) isHAProxy() bool { return d.hasBelow("haproxy") }

// ownLogs takes over what a tracer's own record logs of its span: OpenTracing's logs, as Jaeger and others write them.
func (d *document) ownLogs(rec *Record) {
	for i, entry := range d.fields["logs"].GetArray() {
		if i == maxAttributes {
			return
		}
		at, ok := instantOf(textOf(entry.Get("timestamp")))
		if !ok {
			continue
		}
		log := event.SpanLog{Time: at}
		if fields := entry.GetArray("fields"); fields != nil {
			for _, field := range fields[:min(len(fields), maxAttributes)] {
				log.Attributes = append(log.Attributes, attribute(clip(field.GetStringBytes("key"), maxName), field.Get("value")))
			}
		} else if o := entry.GetObject("fields"); o != nil {
			o.Visit(func(key []byte, v *fastjson.Value) {
				log.Attributes = append(log.Attributes, attribute(clip(key, maxName), v))
			})
		}
		log.Attributes = sorted(log.Attributes)
		log.Message = firstAttribute(log.Attributes, "message", "event")
		rec.Span.Logs = append(rec.Span.Logs, log)
	}
}

// Single emits the span of a record without a trace, and what a proxy measured behind it: no other line can be of it.
func (rec *Record) Single(emit func(event.Span)) {
	emit(rec.Span)
	rec.emitBehind(emit)
}

// Time is that of the line, in nanoseconds since 1970.
func (rec *Record) Time() int64 { return rec.time }

// Slim leaves out what is not needed to measure the trace: attributes but for those that name who was called, and which instance worked, and
// texts.
func (rec *Record) Slim() {
	rec.message = ""
	s := &rec.Span
	s.Logs = nil
	var kept []event.Attribute
	for _, a := range s.Attributes {
		switch a.Name {
		case "peer.service", "server.address", "db.system.name", "network.peer.address", "service.instance.id", "service.node.name", "kubernetes.pod.name":
			kept = append(kept, a)
		}
	}
	s.Attributes = kept
}
