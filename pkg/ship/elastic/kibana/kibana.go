// Package kibana makes the saved objects with which Kibana shows documents in tailspan's shape: a data view, Discover sessions,
// visualizations and dashboards.
//
// They are written for Kibana 8.0 and later, in the shapes that 8.0 exports: aggregation-based visualizations, each an object of its
// own, and dashboards that refer to them. Every later version takes those and migrates them itself. What states inside the objects
// are texts that hold JSON is Kibana's way. Ids are stable, so that an import finds what an earlier one made.
package kibana

import (
	"bytes"
	"encoding/json"
	"strings"
)

// shape is the version of Kibana whose shapes the objects have; older ones refuse them.
const shape = "8.0.0"

// MinMajor is the first major version of Kibana that takes the objects.
const MinMajor = 8

// Options are what the objects depend on.
type Options struct {
	Indices  string // the data view's: patterns of indices and data streams, with commas between them
	TraceURL string // leads to a trace, with TraceID for its id; empty: to its lines in Discover
}

// TraceID stands for the id of a trace in a URL.
const TraceID = "%{trace.id}"

// Object is one saved object.
type Object struct {
	ID         string            `json:"id"`
	Type       string            `json:"type"`
	Attributes map[string]any    `json:"attributes"`
	References []Reference       `json:"references"`
	Core       string            `json:"coreMigrationVersion"`
	Migrated   map[string]string `json:"migrationVersion"` // by type: the version whose shape the attributes have
}

// Reference is an object that another one needs.
type Reference struct {
	ID   string `json:"id"`
	Type string `json:"type"`
	Name string `json:"name"` // by which the attributes speak of it
}

// The types of saved objects, by Kibana's names.
const (
	dataViewType  = "index-pattern"
	sessionType   = "search"
	visualType    = "visualization"
	dashboardType = "dashboard"
)

// dataViewID is the data view that everything else looks at.
const dataViewID = "tailspan-logs"

// NDJSON is all objects, one a line, as Kibana imports them.
func NDJSON(o Options) ([]byte, error) {
	var out bytes.Buffer
	for _, object := range Objects(o) {
		line, err := encode(object)
		if err != nil {
			return nil, err
		}
		out.WriteString(line + "\n")
	}
	return out.Bytes(), nil
}

// Objects are all of them, each behind those it refers to.
func Objects(o Options) []Object {
	all := []Object{dataView(o)}
	for _, s := range sessions {
		all = append(all, s.object())
	}
	for _, v := range visuals {
		all = append(all, v.object())
	}
	for _, d := range dashboards {
		all = append(all, d.object())
	}
	return all
}

func object(kind, id string, attributes map[string]any, references ...Reference) Object {
	if references == nil {
		references = []Reference{}
	}
	return Object{id, kind, attributes, references, shape, map[string]string{kind: shape}}
}

// dataView shows durations in units that people read, and makes ids of traces links.
func dataView(o Options) Object {
	link := "../app/discover#/view/" + traceSession + "?_g=(time:(from:now-30d,to:now))" +
		"&_a=(query:(language:kuery,query:'trace.id:%22{{value}}%22'))"
	if o.TraceURL != "" {
		link = strings.ReplaceAll(o.TraceURL, TraceID, "{{value}}")
	}
	formats := map[string]any{
		"trace.id": map[string]any{"id": "url", "params": map[string]any{"type": "a", "urlTemplate": link, "labelTemplate": "{{value}}"}},
		"event.duration": map[string]any{"id": "duration", "params": map[string]any{
			"inputFormat": "nanoseconds", "outputFormat": "humanizePrecise", "outputPrecision": 2, "includeSpaceWithSuffix": true, "useShortSuffix": true}},
		"http.response.status_code": map[string]any{"id": "number", "params": map[string]any{"pattern": "0"}},
	}
	return object(dataViewType, dataViewID, map[string]any{
		"title": o.Indices, "name": "tailspan: logs", "timeFieldName": "@timestamp",
		"fieldFormatMap": text(formats), "fields": "[]", "fieldAttrs": "{}", "runtimeFieldMap": "{}", "sourceFilters": "[]", "typeMeta": "{}",
	})
}

// toDataView is how searches name the data view.
var toDataView = Reference{dataViewID, dataViewType, "kibanaSavedObjectMeta.searchSourceJSON.index"}

// source is what is searched: documents of the data view that match a query in KQL.
func source(query string) map[string]any {
	return map[string]any{"searchSourceJSON": text(map[string]any{
		"query": kql(query), "filter": []any{}, "indexRefName": toDataView.Name,
	})}
}

func kql(query string) map[string]any { return map[string]any{"query": query, "language": "kuery"} }

// encode writes JSON without the escapes that are for HTML: queries and URLs stay as they read.
func encode(v any) (string, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return strings.TrimSuffix(out.String(), "\n"), err
}

// text is a state as it stands inside of an object.
func text(state any) string {
	s, err := encode(state)
	if err != nil {
		panic(err) // only maps, slices and texts of this package come here
	}
	return s
}
