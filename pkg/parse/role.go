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
	levelDuty
	messageDuty
	serviceDuty
	traceDuty
	durationDuty
	eventDurationDuty
	knownDuty  // a name that tailspan adds unless the line has it
	objectDuty // an object in ECS, where a scalar would be refused
	metaDuty   // a metadata field of Elasticsearch, refused inside a document
)

// role is what the name of a field says about it.
type role struct {
	duty  duty
	rank  uint8 // of several fields with one duty the lowest rank wins
	trace traceRole
	unit  durationUnit
	known event.Known
	look  bool // an object that may hold members with duties
}

// roleOf tells the role of a field by its full name, dotted from the top of the document. In the table stand the names
// of ECS and those that the usual loggers write: zap, zerolog, logrus, slog, log4j, logback, bunyan, pino, Serilog, GELF,
// python-json-logger, structlog.
func roleOf(name []byte) role {
	switch string(name) {
	case "@timestamp":
		return role{duty: timeDuty, rank: 1}
	case "timestamp", "@t", "Timestamp", "time_iso8601":
		return role{duty: timeDuty, rank: 2}
	case "time", "ts", "Time", "datetime", "asctime", "eventTime", "event_time", "time_local", "logTime", "log_time":
		return role{duty: timeDuty, rank: 3}
	case "date", "t", "instant", "created_at", "timeMillis", "msec":
		return role{duty: timeDuty, rank: 4}
	case "log.level":
		return role{duty: levelDuty, rank: 1}
	case "level", "severity", "lvl", "loglevel", "log_level", "logLevel", "levelname", "@l", "Level", "severity_text", "severityText":
		return role{duty: levelDuty, rank: 2}
	case "message":
		return role{duty: messageDuty, rank: 1}
	case "msg", "@m", "short_message", "Message":
		return role{duty: messageDuty, rank: 2}
	case "service.name":
		return role{duty: serviceDuty, rank: 1, known: event.HasService}
	case "service_name", "serviceName":
		return role{duty: serviceDuty, rank: 2}
	case "event.duration":
		return role{duty: eventDurationDuty}
	case "log.file.path":
		return role{duty: knownDuty, known: event.HasPath}
	case "log.offset":
		return role{duty: knownDuty, known: event.HasOffset}
	case "event.dataset":
		return role{duty: knownDuty, known: event.HasDataset}
	case "host.name":
		return role{duty: knownDuty, known: event.HasHost}
	case "ecs.version":
		return role{duty: knownDuty, known: event.HasECSVersion}
	case "log", "event", "service", "host", "ecs", "log.file":
		return role{duty: objectDuty, look: true}
	case "trace":
		return role{duty: objectDuty, look: true, trace: traceKey([]byte("trace_id"))}
	case "span":
		return role{duty: objectDuty, look: true, trace: traceKey([]byte("span_id"))}
	case "parent":
		return role{look: true}
	case "transaction":
		return role{duty: objectDuty, look: true}
	case "_id", "_index", "_source", "_type", "_routing", "_field_names", "_ignored", "_tier", "_nested_path", "_seq_no",
		"_version", "_doc_count", "_data_stream_timestamp":
		return role{duty: metaDuty}
	}
	if ecsObjects[string(name)] {
		return role{duty: objectDuty}
	}
	if r := traceKey(name); r != 0 {
		return role{duty: traceDuty, trace: r}
	}
	if unit, ok := impliedUnit(name); ok {
		return role{duty: durationDuty, unit: unit}
	}
	return role{}
}

// ecsObjects are the top-level objects of ECS 9 that have no case of their own in roleOf.
var ecsObjects = func() map[string]bool {
	set := map[string]bool{}
	for _, name := range []string{"agent", "as", "client", "cloud", "code_signature", "container", "data_stream", "destination",
		"device", "dll", "dns", "email", "entity", "error", "faas", "file", "gen_ai", "geo", "group", "hash", "http",
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
}

type remembered struct {
	name   []byte
	inside []byte // full name of the object it is a member of
	role   role
}

// of tells the role of field i.
func (r *roles) of(fields []event.Field, i int) role {
	for len(r.memo) <= i {
		r.memo = append(r.memo, remembered{})
	}
	m, f := &r.memo[i], &fields[i]
	var inside []byte
	if f.Parent >= 0 {
		r.path = appendPath(r.path[:0], fields, f.Parent)
		inside = r.path
	}
	if len(m.name) > 0 && bytes.Equal(m.name, f.Name) && bytes.Equal(m.inside, inside) {
		return m.role
	}
	m.name = append(m.name[:0], f.Name...)
	m.inside = append(m.inside[:0], inside...)
	full := f.Name
	if len(inside) > 0 {
		r.path = append(append(r.path, '.'), f.Name...)
		full = r.path
	}
	m.role = roleOf(full)
	return m.role
}

// appendPath appends the full, dotted name of field i.
func appendPath(dst []byte, fields []event.Field, i int32) []byte {
	if p := fields[i].Parent; p >= 0 {
		dst = append(appendPath(dst, fields, p), '.')
	}
	return append(dst, fields[i].Name...)
}

// lookup finds the field that has the full name, dotted or nested or both; -1 when there is none.
func lookup(fields []event.Field, name []byte) int {
	return lookupIn(fields, 0, int32(len(fields)), name)
}

func lookupIn(fields []event.Field, from, to int32, name []byte) int {
	for i := from; i < to; i = fields[i].End {
		f := &fields[i]
		if f.Removed || !bytes.HasPrefix(name, f.Name) {
			continue
		}
		rest := name[len(f.Name):]
		if len(rest) == 0 {
			return int(i)
		}
		if rest[0] == '.' && f.Kind == event.Object {
			if found := lookupIn(fields, i+1, f.End, rest[1:]); found >= 0 {
				return found
			}
		}
	}
	return -1
}

// untangle removes nested members whose full name also stands dotted beside their object: a field may be given one way
// only.
func untangle(ev *event.Event) {
	fields := ev.Fields
	for i := range fields {
		f := &fields[i]
		if f.Removed || bytes.IndexByte(f.Name, '.') < 0 {
			continue
		}
		from, to := int32(0), int32(len(fields))
		if f.Parent >= 0 {
			from, to = f.Parent+1, fields[f.Parent].End
		}
		for j := from; j < to; j = fields[j].End {
			o := &fields[j]
			if o.Removed || o.Kind != event.Object || len(o.Name) >= len(f.Name) || f.Name[len(o.Name)] != '.' || !bytes.HasPrefix(f.Name, o.Name) {
				continue
			}
			if twin := lookupIn(fields, j+1, o.End, f.Name[len(o.Name)+1:]); twin >= 0 {
				ev.Remove(twin)
			}
		}
	}
}
