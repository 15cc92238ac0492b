package kibana

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// lines are the objects as they come out of the text that Kibana is given.
func lines(t *testing.T, o Options) []Object {
	t.Helper()
	text, err := NDJSON(o)
	if err != nil {
		t.Fatal(err)
	}
	var all []Object
	for line := range strings.Lines(string(text)) {
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		var one Object
		if err := d.Decode(&one); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, one)
	}
	return all
}

// parsed is a text that holds JSON inside of attributes.
func parsed[T any](t *testing.T, attributes map[string]any, keys ...string) (v T) {
	t.Helper()
	var at any = attributes
	for _, key := range keys {
		at = at.(map[string]any)[key]
	}
	if err := json.Unmarshal([]byte(at.(string)), &v); err != nil {
		t.Fatalf("%v: %v", keys, err)
	}
	return v
}

// attributes are those that Kibana 8's schemas know; they refuse any other one.
var attributes = map[string][]string{
	dataViewType:  {"title", "name", "timeFieldName", "fieldFormatMap", "fields", "fieldAttrs", "runtimeFieldMap", "sourceFilters", "typeMeta"},
	sessionType:   {"title", "description", "columns", "sort", "grid", "hideChart", "kibanaSavedObjectMeta"},
	visualType:    {"title", "description", "version", "visState", "uiStateJSON", "kibanaSavedObjectMeta"},
	dashboardType: {"title", "description", "version", "panelsJSON", "optionsJSON", "timeRestore", "kibanaSavedObjectMeta"},
}

// TestShapes holds every line to the shape of its type.
func TestShapes(t *testing.T) {
	all := lines(t, Options{Indices: "logs-*"})
	kinds, ids, titles := map[string]int{}, map[string]bool{}, map[string]bool{}
	for _, o := range all {
		kinds[o.Type]++
		title := o.Type + ": " + o.Attributes["title"].(string)
		if ids[o.ID] || titles[title] || !strings.HasPrefix(o.ID, "tailspan-") {
			t.Errorf("%s %s: the id or the title is another's, or not ours", o.ID, title)
		}
		for _, r := range o.References { // each stands before what needs it, so this also finds those that are nowhere
			if !ids[r.ID] {
				t.Errorf("%s refers to %s %s, which is not before it", o.ID, r.Type, r.ID)
			}
			if i := slices.IndexFunc(all, func(other Object) bool { return other.ID == r.ID }); i < 0 || all[i].Type != r.Type {
				t.Errorf("%s refers to %s as a %s", o.ID, r.ID, r.Type)
			}
		}
		ids[o.ID], titles[title] = true, true
		if o.Core != "8.0.0" || len(o.Migrated) != 1 || o.Migrated[o.Type] != "8.0.0" {
			t.Errorf("%s is of %s, %v", o.ID, o.Core, o.Migrated)
		}
		for key := range o.Attributes {
			if !slices.Contains(attributes[o.Type], key) {
				t.Errorf("%s: a %s has no %s", o.ID, o.Type, key)
			}
		}
		for _, key := range attributes[o.Type] {
			if _, there := o.Attributes[key]; !there {
				t.Errorf("%s has no %s", o.ID, key)
			}
		}
		check := map[string]func(*testing.T, Object){dataViewType: checkDataView, sessionType: checkSession, visualType: checkVisual, dashboardType: checkDashboard}[o.Type]
		t.Run(o.ID, func(t *testing.T) { check(t, o) })
	}
	if kinds[dataViewType] != 1 || kinds[sessionType] != len(sessions) || kinds[visualType] != len(visuals) || kinds[dashboardType] != 5 {
		t.Error(kinds)
	}
	for _, v := range visuals { // nobody would find it
		if !slices.ContainsFunc(all, func(o Object) bool {
			return o.Type == dashboardType && slices.ContainsFunc(o.References, func(r Reference) bool { return r.ID == v.id })
		}) {
			t.Errorf("%s is on no dashboard", v.id)
		}
	}
}

func checkDataView(t *testing.T, o Object) {
	for _, key := range []string{"fields", "sourceFilters"} {
		parsed[[]any](t, o.Attributes, key)
	}
	for _, key := range []string{"fieldFormatMap", "fieldAttrs", "runtimeFieldMap", "typeMeta"} {
		parsed[map[string]any](t, o.Attributes, key)
	}
	if o.Attributes["title"] != "logs-*" || o.Attributes["timeFieldName"] != "@timestamp" {
		t.Error(o.Attributes)
	}
}

// checkSource wants a query in KQL of the data view.
func checkSource(t *testing.T, o Object) {
	t.Helper()
	source := parsed[struct {
		Query        struct{ Language string }
		Filter       []any
		IndexRefName string
	}](t, o.Attributes, "kibanaSavedObjectMeta", "searchSourceJSON")
	if source.Query.Language != "kuery" || source.Filter == nil ||
		!slices.Equal(o.References, []Reference{{dataViewID, dataViewType, source.IndexRefName}}) {
		t.Errorf("%+v, %+v", source, o.References)
	}
}

func checkSession(t *testing.T, o Object) {
	checkSource(t, o)
	sort := o.Attributes["sort"].([]any)[0].([]any)
	if len(sort) != 2 || sort[1] != "asc" && sort[1] != "desc" || len(o.Attributes["columns"].([]any)) < 5 {
		t.Error(o.Attributes)
	}
}

func checkVisual(t *testing.T, o Object) {
	checkSource(t, o)
	state := parsed[struct {
		Title, Type string
		Aggs        []struct {
			ID, Type, Schema string
			Enabled          bool
			Params           map[string]any
		}
		Params struct {
			Type         string
			SeriesParams []struct{ Data struct{ ID string } }
		}
	}](t, o.Attributes, "visState")
	metrics := map[string]bool{}
	for _, a := range state.Aggs {
		schemas := map[string][]string{"metric": {"metric", "group"}, "table": {"metric", "bucket"}}[state.Type]
		if schemas == nil {
			schemas = []string{"metric", "segment", "group"}
		}
		if metrics[a.ID] || !a.Enabled || !slices.Contains(schemas, a.Schema) {
			t.Errorf("%+v", a)
		}
		if a.Schema == "metric" {
			metrics[a.ID] = true
		}
		if a.Type == "terms" && !metrics[a.Params["orderBy"].(string)] {
			t.Errorf("%s orders by what is no metric", a.ID)
		}
	}
	if state.Type != "table" && state.Type != state.Params.Type {
		t.Errorf("%s of %s", state.Params.Type, state.Type)
	}
	parsed[map[string]any](t, o.Attributes, "uiStateJSON")
	if len(metrics) == 0 {
		t.Error("nothing is measured")
	}
	for _, s := range state.Params.SeriesParams {
		if !metrics[s.Data.ID] {
			t.Errorf("a series of %s, which is no metric", s.Data.ID)
		}
	}
}

func checkDashboard(t *testing.T, o Object) {
	type panel struct {
		Type, PanelIndex, PanelRefName string
		GridData                       struct {
			I          string
			X, Y, W, H int
		}
	}
	panels := parsed[[]panel](t, o.Attributes, "panelsJSON")
	parsed[map[string]any](t, o.Attributes, "optionsJSON")
	parsed[map[string]any](t, o.Attributes, "kibanaSavedObjectMeta", "searchSourceJSON")
	if len(panels) < 4 || len(panels) != len(o.References) {
		t.Errorf("%d panels, %d references", len(panels), len(o.References))
	}
	for i, p := range panels {
		r := o.References[i]
		g := p.GridData
		if p.PanelRefName != r.Name || p.Type != r.Type || g.I != p.PanelIndex || g.X < 0 || g.W < 1 || g.H < 1 || g.X+g.W > width {
			t.Errorf("%+v for %+v", p, r)
		}
		for _, other := range panels[:i] {
			og := other.GridData
			if other.PanelIndex == p.PanelIndex || g.X < og.X+og.W && og.X < g.X+g.W && g.Y < og.Y+og.H && og.Y < g.Y+g.H {
				t.Errorf("%s lies on %s", p.PanelIndex, other.PanelIndex)
			}
		}
	}
}

// TestTraceLink: the id of a trace leads to Discover, or to where the user wants.
func TestTraceLink(t *testing.T) {
	for url, want := range map[string]string{
		"": "../app/discover#/view/tailspan-trace?_g=(time:(from:now-30d,to:now))&_a=(query:(language:kuery,query:'trace.id:%22{{value}}%22'))",
		"http://127.0.0.1:16686/trace/%{trace.id}":     "http://127.0.0.1:16686/trace/{{value}}",
		"http://127.0.0.1:8687/#/trace?id=%{trace.id}": "http://127.0.0.1:8687/#/trace?id={{value}}",
	} {
		all := lines(t, Options{Indices: "logs-*", TraceURL: url})
		formats := parsed[map[string]struct {
			ID     string
			Params struct{ URLTemplate, LabelTemplate, Type string }
		}](t, all[0].Attributes, "fieldFormatMap")
		if f := formats["trace.id"]; f.ID != "url" || f.Params.URLTemplate != want || f.Params.LabelTemplate != "{{value}}" || f.Params.Type != "a" {
			t.Errorf("%s: %+v", url, f)
		}
		if !slices.ContainsFunc(all, func(o Object) bool { return o.ID == traceSession && o.Type == sessionType }) {
			t.Error("the link leads nowhere")
		}
	}
}
