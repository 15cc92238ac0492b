package kibana

import (
	"fmt"
	"slices"
)

// session is a saved search of Discover.
type session struct {
	id, title, description string
	query                  string // KQL
	columns                []string
	sort, order            string
}

func (s session) object() Object {
	return object(sessionType, s.id, map[string]any{
		"title": "tailspan: " + s.title, "description": s.description, "columns": s.columns, "sort": []any{[]string{s.sort, s.order}},
		"grid": map[string]any{}, "hideChart": false, "kibanaSavedObjectMeta": source(s.query),
	}, toDataView)
}

// dashboard is rows of visualizations and sessions.
type dashboard struct {
	id, title, description string
	rows                   []row
}

// row is panels of one height beside each other, by the ids of what they show.
type row struct {
	height int
	shows  []string
}

// width is that of a dashboard, in the units of Kibana's grid.
const width = 48

func (d dashboard) object() Object {
	var panels []any
	var references []Reference
	y := 0
	for _, r := range d.rows {
		for i, id := range r.shows {
			name := fmt.Sprintf("panel_%d", len(panels))
			kind := visualType
			if slices.ContainsFunc(sessions, func(s session) bool { return s.id == id }) {
				kind = sessionType
			}
			w := width / len(r.shows)
			panels = append(panels, map[string]any{"version": shape, "type": kind, "panelIndex": name, "panelRefName": name,
				"gridData": map[string]any{"i": name, "x": i * w, "y": y, "w": w, "h": r.height}, "embeddableConfig": map[string]any{"enhancements": map[string]any{}}})
			references = append(references, Reference{id, kind, name})
		}
		y += r.height
	}
	return object(dashboardType, d.id, map[string]any{
		"title": "tailspan: " + d.title, "description": d.description, "version": 1, "panelsJSON": text(panels),
		"optionsJSON":           text(map[string]any{"useMargins": true, "syncColors": true, "hidePanelTitles": false}),
		"timeRestore":           false,
		"kibanaSavedObjectMeta": map[string]any{"searchSourceJSON": text(map[string]any{"query": kql(""), "filter": []any{}})},
	}, references...)
}
