package search

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/query"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/trace"
)

// elasticSource asks Elasticsearch.
type elasticSource struct{ client *elastic.Client }

func (*elasticSource) Name() string { return "elasticsearch" }

func (*elasticSource) Close() error { return nil }

type object = map[string]any

// selected is a selection in the query language of Elasticsearch.
func selected(s Selection) object {
	filter := []any{s.Query.DSL()}
	limits := object{}
	if !s.From.IsZero() {
		limits["gte"] = s.From.UTC().Format(time.RFC3339Nano)
	}
	if !s.To.IsZero() {
		limits["lt"] = s.To.UTC().Format(time.RFC3339Nano)
	}
	if len(limits) > 0 {
		filter = append(filter, object{"range": object{"@timestamp": limits}})
	}
	return object{"bool": object{"filter": filter}}
}

// order is that of Cursor. What an index does not have yet has a type all the same.
var order = []any{
	object{"@timestamp": object{"order": "desc", "unmapped_type": "date_nanos", "numeric_type": "date_nanos",
		"format": "strict_date_optional_time_nanos"}},
	object{"log.file.path": object{"order": "desc", "unmapped_type": "keyword"}},
	object{"log.offset": object{"order": "desc", "unmapped_type": "long", "missing": 0}},
	object{"host.name": object{"order": "desc", "unmapped_type": "keyword"}},
}

func (e *elasticSource) Search(ctx context.Context, r Request) (Page, error) {
	limit := bounded(r.Limit)
	body := object{"query": selected(r.Selection), "size": min(limit+1, MaxLimit), "sort": order, "track_total_hits": false}
	if c := r.After; c != nil {
		body["search_after"] = []any{time.Unix(0, c.Time).UTC().Format(time.RFC3339Nano), orNull(c.Path), c.Offset, orNull(c.Host)}
	}
	answer, err := e.client.Ask(ctx, body)
	page := Page{Hits: []Hit{}}
	if answer == nil {
		return page, err
	}
	hits := answer.GetArray("hits", "hits")
	for i, h := range hits {
		if i == limit {
			next := cursorOf(hits[i-1])
			page.Next = &next
			break
		}
		page.Hits = append(page.Hits, foundHit(h))
	}
	if len(hits) == MaxLimit { // no more than these may be asked for at once, so nobody knows whether there are more
		next := cursorOf(hits[len(hits)-1])
		page.Next = &next
	}
	return page, nil
}

// orNull is how Elasticsearch tells the place of a document without the field.
func orNull(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func cursorOf(hit *fastjson.Value) Cursor {
	sort := hit.GetArray("sort")
	if len(sort) < len(order) {
		return Cursor{}
	}
	return Cursor{Time: nanosOf(sort[0]), Path: string(sort[1].GetStringBytes()), Offset: sort[2].GetInt64(), Host: string(sort[3].GetStringBytes())}
}

// nanosOf is the time that a sort value tells, in nanoseconds since 1970.
func nanosOf(v *fastjson.Value) int64 {
	at, err := time.Parse(time.RFC3339Nano, string(v.GetStringBytes()))
	if err != nil { // a document without a time
		return 0
	}
	return at.UnixNano()
}

func foundHit(h *fastjson.Value) Hit {
	hit := Hit{ID: string(h.GetStringBytes("_id")), Document: json.RawMessage(h.Get("_source").MarshalTo(nil))}
	if sort := h.GetArray("sort"); len(sort) > 0 {
		hit.Time = nanosOf(sort[0])
	}
	return hit
}

func (e *elasticSource) Document(ctx context.Context, id string) (hit Hit, ok bool, err error) {
	answer, err := e.client.Ask(ctx, object{"query": object{"ids": object{"values": []string{id}}}, "size": 1, "sort": order[:1]})
	if answer == nil {
		return hit, false, err
	}
	for _, h := range answer.GetArray("hits", "hits") {
		return foundHit(h), true, nil
	}
	return hit, false, nil
}

// interval is a step of a histogram.
func interval(step time.Duration) string {
	return strconv.FormatInt(max(step, time.Millisecond).Milliseconds(), 10) + "ms"
}

func (e *elasticSource) Histogram(ctx context.Context, s Selection, step time.Duration) ([]Bar, error) {
	answer, err := e.aggregate(ctx, s, object{"time": object{
		"date_histogram": object{"field": "@timestamp", "fixed_interval": interval(step), "min_doc_count": 1},
		"aggs":           object{"level": object{"terms": object{"field": "log.level", "size": 100}}},
	}})
	all := []Bar{}
	if answer == nil {
		return all, err
	}
	for _, b := range answer.GetArray("aggregations", "time", "buckets") {
		bar := Bar{From: time.UnixMilli(b.GetInt64("key")).UTC(), Count: b.GetInt64("doc_count"), Levels: map[string]int64{}}
		without := bar.Count
		for _, level := range b.GetArray("level", "buckets") {
			n := level.GetInt64("doc_count")
			bar.Levels[string(level.GetStringBytes("key"))] = n
			without -= n
		}
		if without > 0 {
			bar.Levels[""] += without
		}
		all = append(all, bar)
	}
	return all, nil
}

func (e *elasticSource) aggregate(ctx context.Context, s Selection, aggs object) (*fastjson.Value, error) {
	return e.client.Ask(ctx, object{"query": selected(s), "size": 0, "track_total_hits": false, "aggs": aggs})
}

// countable says why the values of a field cannot be counted.
func countable(field string) error {
	if query.Textual(field) {
		return fmt.Errorf("%s is text, which is taken apart into words; choose a field that is not", field)
	}
	return nil
}

func (e *elasticSource) Top(ctx context.Context, s Selection, field string, limit int) (Top, error) {
	if err := countable(field); err != nil {
		return Top{}, err
	}
	answer, err := e.aggregate(ctx, s, object{
		"values":  object{"terms": object{"field": field, "size": bounded(limit), "order": []any{object{"_count": "desc"}, object{"_key": "asc"}}}},
		"missing": object{"missing": object{"field": field}},
	})
	top := Top{Values: []Count{}}
	if answer == nil {
		return top, err
	}
	for _, b := range answer.GetArray("aggregations", "values", "buckets") {
		top.Values = append(top.Values, Count{keyOf(b), b.GetInt64("doc_count")})
	}
	top.Others = answer.GetInt64("aggregations", "values", "sum_other_doc_count")
	top.Missing = answer.GetInt64("aggregations", "missing", "doc_count")
	return top, nil
}

// keyOf is the value that a bucket counts.
func keyOf(bucket *fastjson.Value) string {
	key := bucket.Get("key")
	switch {
	case key.Type() == fastjson.TypeString:
		return string(key.GetStringBytes())
	case bucket.Exists("key_as_string"):
		return string(bucket.GetStringBytes("key_as_string"))
	}
	return string(query.AppendNumber(nil, key.MarshalTo(nil)))
}

func (e *elasticSource) Trace(ctx context.Context, id string) (*trace.Trace, error) {
	return ReadTrace(id, func(visit Visit) error {
		return e.client.All(ctx, object{"bool": object{"should": []any{
			object{"term": object{"trace.id": id}},
			object{"term": object{"trace.id.keyword": id}}, // in an index without our template
		}}}, visit)
	})
}

func (e *elasticSource) Traces(ctx context.Context, from, to time.Time) ([]*trace.Trace, bool, error) {
	limits := selected(Selection{From: from, To: to})
	return ReadTraces(from, to, func(visit Visit) error {
		return e.client.All(ctx, object{"bool": object{"filter": []any{object{"exists": object{"field": "trace.id"}}, limits}}}, visit)
	})
}

// percentile is 0 when there is nothing to take it of.
func percentile(v *fastjson.Value) int64 { return int64(v.GetFloat64("value")) }

// maxServices is how many services there are at most.
const maxServices = 1000

func (e *elasticSource) Services(ctx context.Context, s Selection, step time.Duration) ([]Service, error) {
	answer, err := e.aggregate(ctx, s, object{"services": object{
		"terms": object{"field": "service.name", "size": maxServices, "missing": ""},
		"aggs": object{"time": object{
			"date_histogram": object{"field": "@timestamp", "fixed_interval": interval(step), "min_doc_count": 1},
			"aggs": object{
				"errors":   object{"filter": failures.DSL()},
				"timed":    object{"value_count": object{"field": "event.duration"}},
				"duration": object{"percentiles": object{"field": "event.duration", "percents": []int{50, 95, 99}, "keyed": false}},
			},
		}},
	}})
	all := tally{}
	if answer == nil {
		return all.services(), err
	}
	for _, service := range answer.GetArray("aggregations", "services", "buckets") {
		for _, b := range service.GetArray("time", "buckets") {
			p := &all.at(string(service.GetStringBytes("key")), b.GetInt64("key")*int64(time.Millisecond)).point
			p.Count, p.Errors, p.Timed = b.GetInt64("doc_count"), b.GetInt64("errors", "doc_count"), b.GetInt64("timed", "value")
			if at := b.GetArray("duration", "values"); len(at) == 3 {
				p.P50, p.P95, p.P99 = percentile(at[0]), percentile(at[1]), percentile(at[2])
			}
		}
	}
	return all.services(), nil
}
