package kibana

import "strconv"

// visual is an aggregation-based visualization: metrics of the documents that match a query, in buckets.
type visual struct {
	id, title string
	kind      string // metric, histogram, line or table, by Kibana's names
	query     string // KQL
	metrics   []aggregation
	buckets   []aggregation
}

// aggregation is one of Elasticsearch's, by the name and parameters that Kibana has for it.
type aggregation struct {
	kind   string
	params map[string]any
}

func (v visual) object() Object {
	var aggs []any
	add := func(a aggregation, schema string) {
		aggs = append(aggs, map[string]any{"id": strconv.Itoa(len(aggs) + 1), "enabled": true, "type": a.kind, "schema": schema, "params": a.params})
	}
	for _, m := range v.metrics {
		add(m, "metric")
	}
	for i, b := range v.buckets {
		switch {
		case v.kind == "table":
			add(b, "bucket")
		case v.kind != "metric" && i == 0:
			add(b, "segment")
		default:
			add(b, "group")
		}
	}
	state := map[string]any{"title": v.title, "type": v.kind, "aggs": aggs, "params": v.params()}
	return object(visualType, v.id, map[string]any{
		"title": "tailspan: " + v.title, "description": "", "version": 1, "visState": text(state), "uiStateJSON": "{}",
		"kibanaSavedObjectMeta": source(v.query),
	}, toDataView)
}

// params are how the visualization looks.
func (v visual) params() map[string]any {
	switch v.kind {
	case "metric":
		return map[string]any{"addTooltip": true, "addLegend": false, "type": "metric", "metric": map[string]any{
			"percentageMode": false, "useRanges": false, "colorSchema": "Green to Red", "metricColorMode": "None",
			"colorsRange": []any{map[string]any{"from": 0, "to": 10000}}, "labels": map[string]any{"show": true}, "invertColors": false,
			"style": map[string]any{"bgFill": "#000", "bgColor": false, "labelColor": false, "subText": "", "fontSize": 36}}}
	case "table":
		return map[string]any{"perPage": 10, "showPartialRows": false, "showMetricsAtAllLevels": false, "showTotal": false, "totalFunc": "sum",
			"percentageCol": "", "showToolbar": true}
	}
	return v.axes()
}

// axes are those of bars and lines over time.
func (v visual) axes() map[string]any {
	mode := "stacked"
	if v.kind == "line" {
		mode = "normal"
	}
	var series []any
	for i, m := range v.metrics {
		series = append(series, map[string]any{"show": true, "type": v.kind, "mode": mode, "valueAxis": "ValueAxis-1", "interpolate": "linear",
			"data":                   map[string]any{"id": strconv.Itoa(i + 1), "label": m.params["customLabel"]},
			"drawLinesBetweenPoints": true, "lineWidth": 2, "showCircles": true})
	}
	labels := map[string]any{"show": true, "filter": true, "truncate": 100}
	return map[string]any{
		"type": v.kind, "grid": map[string]any{"categoryLines": false}, "seriesParams": series,
		"categoryAxes": []any{map[string]any{"id": "CategoryAxis-1", "type": "category", "position": "bottom", "show": true, "style": map[string]any{},
			"scale": map[string]any{"type": "linear"}, "labels": labels, "title": map[string]any{}}},
		"valueAxes": []any{map[string]any{"id": "ValueAxis-1", "name": "LeftAxis-1", "type": "value", "position": "left", "show": true,
			"style": map[string]any{}, "scale": map[string]any{"type": "linear", "mode": "normal"}, "labels": labels,
			"title": map[string]any{"text": v.metrics[0].params["customLabel"]}}},
		"addTooltip": true, "addLegend": true, "legendPosition": "right", "times": []any{}, "addTimeMarker": false,
		"labels": map[string]any{"show": false}, "palette": map[string]any{"type": "palette", "name": "default"},
		"thresholdLine": map[string]any{"show": false, "value": 10, "width": 1, "style": "full", "color": "#E7664C"},
	}
}

func count(label string) aggregation {
	return aggregation{"count", map[string]any{"customLabel": label}}
}

// of is a metric of one field: cardinality, max or avg.
func of(kind, field, label string) aggregation {
	return aggregation{kind, map[string]any{"field": field, "customLabel": label}}
}

func percentiles(label string, percents ...float64) aggregation {
	return aggregation{"percentiles", map[string]any{"field": "event.duration", "percents": percents, "customLabel": label}}
}

// overTime are buckets of time, as wide as the chart wants.
func overTime() aggregation {
	return aggregation{"date_histogram", map[string]any{"field": "@timestamp", "interval": "auto", "useNormalizedEsInterval": true,
		"scaleMetricValues": false, "drop_partials": false, "min_doc_count": 1, "extended_bounds": map[string]any{}}}
}

// by are the values of a field that have the most of the first metric.
func by(field, label string, size int) aggregation {
	return aggregation{"terms", map[string]any{"field": field, "orderBy": "1", "order": "desc", "size": size, "customLabel": label,
		"otherBucket": false, "otherBucketLabel": "other", "missingBucket": false, "missingBucketLabel": "none"}}
}

// ofMany is by for a field whose values have documents in several data streams, and are many. A shard tells of no more values than it is
// asked for, by default one and a half times as many as are shown: of those shown, what other shards have would be missing from the counts.
func ofMany(field, label string, size int) aggregation {
	a := by(field, label, size)
	a.params["json"] = `{"shard_size":5000}` // Kibana adds what is here to its question
	return a
}

// orNone counts documents without the field, too.
func orNone(a aggregation) aggregation {
	a.params["missingBucket"] = true
	return a
}

// named are documents that match queries, each under a name: name, query, name, query, …
func named(pairs ...string) aggregation {
	var all []any
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, map[string]any{"label": pairs[i], "input": kql(pairs[i+1])})
	}
	return aggregation{"filters", map[string]any{"filters": all}}
}
