package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// duty is what a field may be to the document beyond a field of its own.
type duty uint8

const (
	noDuty duty = iota
	timeDuty
	startDuty // when what the line tells began: its time when it has no other, and a field all the same
	levelDuty
	severityDuty // a number for the level, on one of the scales
	nanosDuty    // nanoseconds beside a time in whole seconds
	messageDuty
	serviceDuty
	traceDuty
	durationDuty
	claimDuty  // a name that tailspan would give a member of its own
	objectDuty // an object in ECS, where a scalar would be refused
	proxyDuty  // a name that only proxies log
	metaDuty   // a metadata field of Elasticsearch, refused inside a document
)

// claims is a set of names that tailspan gives to members of a document by itself, unless the line has them. The lowest
// are those of event.Known.
type claims uint32

const (
	claimTime claims = claims(event.HasService) << (1 + iota)
	claimMessage
	claimLevel
	claimTraceID
	claimSpanID
	claimParentID
	claimDuration
	claimOriginal
	claimFlags
	claimKind
	claimError
	claimLogFile // log.file, which is an object

	claimIDs    = claimTraceID | claimSpanID | claimParentID
	claimsKnown = claims(event.HasService)<<1 - 1
)

// role is what the name of a field says about it.
type role struct {
	duty   duty
	rank   uint8 // of several fields with one duty the lowest rank wins; 1 is the name of ECS
	trace  traceRole
	look   bool // an object that may hold members with duties
	proxy  bool // proxies log it of a request, so that a traceparent beside it is the one that came in
	unit   durationUnit
	scale  scale
	claims claims
	moved  []byte // where a scalar in the place of an object goes; empty for labels
}

// roleOf tells the role of a field by its full name, dotted from the top of the document. In the table stand the names
// of ECS and those that the usual loggers write: zap, zerolog, logrus, slog, hclog, log4j, logback, bunyan, pino, Serilog,
// GELF, python-json-logger, structlog, Microsoft.Extensions.Logging, Rust's tracing, journald, OpenTelemetry.
func roleOf(name []byte) role {
	switch string(name) {
	case "@timestamp":
		return role{duty: timeDuty, rank: 1, claims: claimTime}
	case "timestamp", "@t", "Timestamp", "time_iso8601", "timestamp_ns", "timestamp_us", "timestamp_ms", "timeUnixNano", "time_unix_nano",
		"__REALTIME_TIMESTAMP":
		return role{duty: timeDuty, rank: 2}
	case "time", "ts", "Time", "datetime", "asctime", "eventTime", "event_time", "time_local", "logTime", "log_time", "eventTimestamp",
		"requestReceivedTimestamp", "TimeGenerated", // Kubernetes' audit log, Azure's
		"cef.extensions.rt", "leef.extensions.devTime":
		return role{duty: timeDuty, rank: 3}
	case "date", "t", "dt", "created_at", "timeMillis", "msec", "instant.epochSecond":
		return role{duty: timeDuty, rank: 4}
	case "instant":
		return role{duty: timeDuty, rank: 4, look: true}
	case "start_time", "StartUTC", "EdgeStartTimestamp": // Envoy, Traefik, Cloudflare
		return role{duty: startDuty, rank: 5}
	case nanosOfInstant:
		return role{duty: nanosDuty}
	case "log.level":
		return role{duty: levelDuty, rank: 1, claims: claimLevel}
	case "level", "severity", "lvl", "loglevel", "log_level", "logLevel", "levelname", "@l", "@level", "Level", "LogLevel",
		"Severity", "severity_text", "severityText", "SeverityText":
		return role{duty: levelDuty, rank: 2}
	case "PRIORITY":
		return role{duty: severityDuty, rank: 3, scale: syslogScale}
	case "severity_number", "severityNumber", "SeverityNumber":
		return role{duty: severityDuty, rank: 3, scale: otelScale}
	case "message":
		return role{duty: claimDuty, claims: claimMessage}
	case "msg", "@m", "@message", "short_message", "Msg", "Message", "MESSAGE":
		return role{duty: messageDuty, rank: 2}
	case "body", "fields.message":
		return role{duty: messageDuty, rank: 3}
	case "service_name", "serviceName":
		return role{duty: serviceDuty, rank: 2}
	case "event.duration":
		return role{duty: durationDuty, rank: 1, unit: nanosecond, claims: claimDuration}
	case "log", "event", "service", "host", "ecs", "error", "log.file", "transaction":
		return role{duty: objectDuty, look: true, moved: moved[string(name)]}
	case "trace":
		return role{duty: objectDuty, look: true, trace: plainTrace}
	case "span":
		return role{duty: objectDuty, look: true, trace: plainSpan}
	case "parent", "fields", "dd":
		return role{look: true}
	case "@tr": // Serilog's
		return role{duty: traceDuty, trace: plainTrace}
	case "@sp":
		return role{duty: traceDuty, trace: plainSpan}
	case "_id", "_index", "_source", "_type", "_routing", "_field_names", "_ignored", "_tier", "_nested_path", "_seq_no",
		"_version", "_doc_count", "_data_stream_timestamp":
		return role{duty: metaDuty}
	}
	if c := claimOf(name); c != 0 {
		return role{duty: claimDuty, claims: c}
	}
	if rest, ok := inContext(name); ok {
		if r := traceKey(rest); r != notTrace {
			return role{duty: traceDuty, trace: r}
		}
		return role{look: rest == nil}
	}
	if ecsObjects[string(name)] {
		return role{duty: objectDuty, moved: moved[string(name)]}
	}
	if r := traceKey(name); r != notTrace {
		return role{duty: traceDuty, trace: r, claims: claimOfID(name)}
	}
	if unit, ok := impliedUnit(name); ok {
		return role{duty: durationDuty, rank: 2, unit: unit, proxy: isProxyField(name)}
	}
	if isProxyField(name) {
		return role{duty: proxyDuty, proxy: true}
	}
	return role{}
}

// inContext reports the objects that loggers put the context of a thread or request in, which only ids are taken from, and what is in
// them: Logback's mdc, Log4j's contextMap, Monolog's context and extra, .NET's properties. rest is the name in there, nil for the object.
func inContext(name []byte) (rest []byte, ok bool) {
	object, rest, _ := bytes.Cut(name, []byte("."))
	switch string(object) {
	case "mdc", "contextMap", "context", "extra", "properties", "Properties":
		return rest, true
	}
	return nil, false
}

// claimOf is the claim behind a name that tailspan adds and the line has no other word for.
func claimOf(name []byte) claims {
	switch string(name) {
	case "log.file.path":
		return claims(event.HasPath)
	case "log.offset":
		return claims(event.HasOffset)
	case "event.dataset":
		return claims(event.HasDataset)
	case "host.name":
		return claims(event.HasHost)
	case "ecs.version":
		return claims(event.HasECSVersion)
	case "service.name":
		return claims(event.HasService)
	case "event.original":
		return claimOriginal
	case "log.flags":
		return claimFlags
	case "event.kind":
		return claimKind
	case "error.message":
		return claimError
	}
	return 0
}

func claimOfID(name []byte) claims {
	switch string(name) {
	case "trace.id":
		return claimTraceID
	case "span.id":
		return claimSpanID
	case "parent.id":
		return claimParentID
	}
	return 0
}

// ecsObjects are the top-level objects of ECS 9 that have no case of their own in roleOf.
var ecsObjects = func() map[string]bool {
	set := map[string]bool{}
	for _, name := range []string{"agent", "as", "client", "cloud", "code_signature", "container", "data_stream", "destination",
		"device", "dll", "dns", "email", "entity", "faas", "file", "gen_ai", "geo", "group", "hash", "http",
		"interface", "kubernetes", "labels", "network", "observer", "orchestrator", "organization", "os", "package",
		"process", "registry", "related", "risk", "rule", "server", "source", "threat", "tls", "url", "user", "user_agent",
		"vlan", "volume", "vulnerability", "x509"} {
		set[name] = true
	}
	return set
}()

// roles remembers, for each place in the document, the name that stood there last and its role: a service writes the
// same names in the same order line after line.
type roles struct {
	memo []remembered
	path []byte
	last uint32 // version given last
}

// maxMemo bounds what a line with very many fields leaves behind, and longestMemo what one with long names does.
const (
	maxMemo     = 1024
	longestMemo = 128
)

type remembered struct {
	name    []byte
	role    role
	version uint32 // another one whenever the full name at this place changes
	inside  uint32 // version of the object that the field is a member of
}

// of tells the role of field i, whose objects must have been asked about before. It is valid until the next line.
func (r *roles) of(fields []event.Field, i int) *role {
	f := &fields[i]
	if i >= maxMemo || len(f.Name) > longestMemo {
		rare := r.look(fields, int32(i))
		return &rare
	}
	for i >= len(r.memo) {
		r.memo = append(r.memo, remembered{})
	}
	inside := uint32(0)
	if f.Parent >= 0 {
		inside = r.memo[f.Parent].version
	}
	m := &r.memo[i]
	if m.inside == inside && string(m.name) == string(f.Name) {
		return &m.role
	}
	r.last++
	m.name, m.inside, m.version = append(m.name[:0], f.Name...), inside, r.last
	m.role = r.look(fields, int32(i))
	return &m.role
}

func (r *roles) look(fields []event.Field, i int32) role {
	r.path = event.AppendPath(r.path[:0], fields, i)
	return roleOf(r.path)
}
