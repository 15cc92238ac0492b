package trace

import (
	"slices"
	"strconv"
	"strings"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

// spoken are fields that a span says otherwise than by an attribute.
var spoken = map[string]bool{
	"@timestamp": true, "trace.id": true, "span.id": true, "parent.id": true, "transaction.id": true, "event.duration": true,
	"service.name": true, "host.name": true, "ecs.version": true, "event.dataset": true, "message": true, "span.kind": true,
	"span.name": true, "operation": true, "operationName": true, "operation_name": true, "event.start": true, "startTime": true,
	"start_time": true, "event.original": true, "traceID": true, "spanID": true, "traceId": true, "parentId": true,
	"localEndpoint.serviceName": true, "process.serviceName": true,
}

// semantic maps names that services and OpenTracing's conventions have to those of OpenTelemetry's (1.37, stable HTTP and
// database attributes; OpenTracing's semantic conventions 1.1).
var semantic = map[string]string{
	"method": "http.request.method", "verb": "http.request.method", "http.method": "http.request.method", "request_method": "http.request.method",
	"status": "http.response.status_code", "status_code": "http.response.status_code", "http.status_code": "http.response.status_code",
	"http.status": "http.response.status_code", "response_code": "http.response.status_code", "statusCode": "http.response.status_code",
	"route": "http.route", "http_route": "http.route",
	"path": "url.path", "uri": "url.path", "request_uri": "url.path", "http.target": "url.path", "http.path": "url.path",
	"url.original": "url.path", "http.url": "url.full", "url": "url.full",
	"http.host": "server.address", "http.user_agent": "user_agent.original",
	"peer.hostname": "server.address", "peer.address": "network.peer.address", "peer.ipv4": "network.peer.address",
	"peer.ipv6": "network.peer.address", "peer.port": "network.peer.port",
	"db.statement": "db.query.text", "db.type": "db.system.name", "db.system": "db.system.name", "db.instance": "db.namespace",
	"db.name": "db.namespace", "db.operation": "db.operation.name",
	"message_bus.destination": "messaging.destination.name",
	"grpc.code":               "rpc.grpc.status_code", "grpc_status": "rpc.grpc.status_code", "grpc.status": "rpc.grpc.status_code",
	"grpc.status_code": "rpc.grpc.status_code", "grpc.service": "rpc.service", "grpc.method": "rpc.method",
	"error.kind": "error.type", "error.object": "error.type", "stack": "exception.stacktrace",
	"error.stack_trace": "exception.stacktrace",
}

// codes are the names of gRPC's status codes, by number.
var codes = []string{"ok", "canceled", "unknown", "invalidargument", "deadlineexceeded", "notfound", "alreadyexists",
	"permissiondenied", "resourceexhausted", "failedprecondition", "aborted", "outofrange", "unimplemented", "internal",
	"unavailable", "dataloss", "unauthenticated"}

// codeOf is a gRPC status code, from its number or its name in any spelling.
func codeOf(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, n >= 0 && n < len(codes)
	}
	folded := strings.ReplaceAll(strings.ToLower(text), "_", "")
	if folded == "cancelled" {
		folded = "canceled"
	}
	n := slices.Index(codes, folded)
	return n, n >= 0
}

// attributes are the document's fields by OpenTelemetry's names, sorted. Of two fields for one name the one that has
// it by itself counts, else the first.
func (d *document) attributes() []event.Attribute {
	var all []event.Attribute
	for _, exact := range []bool{true, false} {
		for _, name := range d.names {
			to := attributeName(name)
			if to == "" || (to == name) != exact || len(all) >= maxAttributes || name == "error.message" && isTruth(d.fields[name]) {
				continue
			}
			if v := d.fields[name]; exact || means(to, textOf(v)) {
				all = addAttributes(all, to, v)
			} else {
				all = addAttributes(all, name, v)
			}
		}
	}
	return sorted(splitURL(all))
}

// isTruth reports OpenTracing's tag error, which stands where ECS has a text.
func isTruth(v *fastjson.Value) bool { text := textOf(v); return text == "true" || text == "false" }

// means reports whether a value can be what the attribute is for: a service may call anything method, status or path.
func means(name, value string) bool {
	switch name {
	case "http.request.method":
		return isMethod(strings.ToUpper(value))
	case "http.response.status_code":
		return len(value) == 3 && value >= "100" && value <= "599"
	case "url.path":
		return strings.HasPrefix(value, "/") || strings.Contains(value, "://")
	}
	return value != ""
}

// isMethod reports the methods of RFC 9110 and PATCH.
func isMethod(word string) bool {
	switch word {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE":
		return true
	}
	return false
}

// splitURL puts what stands in url.path and is more than a path where it belongs.
func splitURL(all []event.Attribute) []event.Attribute {
	for i := range all {
		a := &all[i]
		if a.Name != "url.path" || a.Kind != event.AttributeText {
			continue
		}
		if strings.Contains(a.Value, "://") {
			a.Name = "url.full"
		} else if path, query, ok := strings.Cut(a.Value, "?"); ok {
			a.Value = path
			if query != "" {
				all = append(all, event.Attribute{Name: "url.query", Value: query})
			}
			break
		}
	}
	return all
}

// sorted orders attributes by name and keeps the first of each.
func sorted(all []event.Attribute) []event.Attribute {
	slices.SortStableFunc(all, func(a, b event.Attribute) int { return strings.Compare(a.Name, b.Name) })
	return slices.CompactFunc(all, func(a, b event.Attribute) bool { return a.Name == b.Name })
}

// attributeName is what a field is called in a span; empty when it is none of its attributes.
func attributeName(name string) string {
	for _, prefix := range []string{"tags.", "tag.", "attributes."} { // OpenTracing's and OpenTelemetry's own records
		name = strings.TrimPrefix(name, prefix)
	}
	if spoken[name] {
		return ""
	}
	if to, ok := semantic[name]; ok {
		return to
	}
	return clip([]byte(name), maxName)
}

// addAttributes appends the value. A list of tags as Jaeger has them, {"key","type","value"}, becomes one attribute each; any
// other list or object is its JSON.
func addAttributes(all []event.Attribute, name string, v *fastjson.Value) []event.Attribute {
	switch v.Type() {
	case fastjson.TypeArray:
		if name == "logs" || name == "references" {
			return all // they have a meaning of their own
		}
		list := v.GetArray()
		if len(list) > 0 && list[0].Exists("key") {
			for _, tag := range list[:min(len(list), maxAttributes)] {
				if to := attributeName(string(tag.GetStringBytes("key"))); to != "" {
					all = append(all, attribute(to, tag.Get("value")))
				}
			}
			return all
		}
	case fastjson.TypeNull:
		return all
	}
	return append(all, attribute(name, v))
}

func attribute(name string, v *fastjson.Value) event.Attribute {
	a := event.Attribute{Name: name}
	if v == nil {
		return a
	}
	switch v.Type() {
	case fastjson.TypeString:
		a.Value = clip(v.GetStringBytes(), maxText)
		if strings.HasSuffix(name, "status_code") {
			if n, err := strconv.Atoi(a.Value); err == nil {
				a.Value, a.Kind = strconv.Itoa(n), event.AttributeInt
			}
		}
	case fastjson.TypeTrue, fastjson.TypeFalse:
		a.Value, a.Kind = v.String(), event.AttributeBool
	case fastjson.TypeNumber:
		a.Value, a.Kind = number(clip(v.MarshalTo(nil), maxText))
	default:
		a.Value = clip(v.MarshalTo(nil), maxText)
	}
	if name == "rpc.grpc.status_code" {
		if code, ok := codeOf(a.Value); ok {
			a.Value, a.Kind = strconv.Itoa(code), event.AttributeInt
		}
	}
	return a
}

// number is a JSON number as an attribute; one that fits neither kind is kept as text.
func number(text string) (string, event.AttributeKind) {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return text, event.AttributeInt
	}
	if v, err := strconv.ParseFloat(text, 64); err == nil && v-v == 0 {
		return text, event.AttributeFloat
	}
	return text, event.AttributeText
}

// attributeOf is the value of an attribute; empty when it is not there.
func attributeOf(all []event.Attribute, name string) string {
	i, ok := slices.BinarySearchFunc(all, name, func(a event.Attribute, name string) int { return strings.Compare(a.Name, name) })
	if !ok {
		return ""
	}
	return all[i].Value
}

// firstAttribute is the first of the attributes that is there.
func firstAttribute(all []event.Attribute, names ...string) string {
	for _, name := range names {
		if v := attributeOf(all, name); v != "" {
			return v
		}
	}
	return ""
}
