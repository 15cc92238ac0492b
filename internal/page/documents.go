package page

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/search"
)

const (
	defaultLimit = 100
	maxLimit     = 1000
	maxNameBytes = 512 // of a field, an _id
)

// hit is a document as the page shows it: taken apart, with the exact text of every value, for numbers of JavaScript are not exact.
type hit struct {
	ID     string         `json:"_id"`
	Time   string         `json:"time"` // RFC 3339, UTC
	Fields []search.Field `json:"fields"`
}

func apart(id string, at int64, document []byte) hit {
	h := hit{ID: id, Fields: []search.Field{}}
	if fields, err := search.Fields(document); err == nil && fields != nil {
		h.Fields = fields
	}
	if at != 0 {
		h.Time = time.Unix(0, at).UTC().Format(time.RFC3339Nano)
		return h
	}
	for _, f := range h.Fields {
		if f.Name == "@timestamp" {
			h.Time = f.Value
		}
	}
	return h
}

// documents answers /api/documents: a page of them, the newest first.
func (p *page) documents(r *http.Request) (any, error) {
	s, err := p.selection(r)
	if err != nil {
		return nil, err
	}
	limit, err := number(r, "limit", 1, maxLimit, defaultLimit)
	if err != nil {
		return nil, err
	}
	after, err := cursor(r.FormValue("after"))
	if err != nil {
		return nil, err
	}
	var found search.Page
	err = p.ask(r.Context(), func(source search.Source) (err error) {
		found, err = source.Search(r.Context(), search.Request{Selection: s, Limit: limit, After: after})
		return err
	})
	if err != nil && len(found.Hits) == 0 {
		return nil, err
	}
	body := struct {
		span
		Hits    []hit  `json:"hits"`
		Next    string `json:"next,omitempty"` // after of the next page
		Warning string `json:"warning,omitempty"`
	}{spanOf(s, 0), []hit{}, textOf(found.Next), warning(err)}
	for _, h := range found.Hits {
		body.Hits = append(body.Hits, apart(h.ID, h.Time, h.Document))
	}
	return body, nil
}

// cursor reads what textOf wrote.
func cursor(text string) (*search.Cursor, error) {
	if text == "" {
		return nil, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	c := &search.Cursor{}
	if err == nil {
		err = json.Unmarshal(data, c)
	}
	if err != nil {
		return nil, wrong("after is not what an answer had as next")
	}
	return c, nil
}

func textOf(c *search.Cursor) string {
	if c == nil {
		return ""
	}
	data, _ := json.Marshal(c) // of texts and numbers
	return base64.RawURLEncoding.EncodeToString(data)
}

// document answers /api/document: one of them by its _id, as it is.
func (p *page) document(r *http.Request) (any, error) {
	id := r.FormValue("id")
	if id == "" || len(id) > maxNameBytes {
		return nil, wrong("id is missing; write the _id of a document")
	}
	var found search.Hit
	var ok bool
	err := p.ask(r.Context(), func(source search.Source) (err error) {
		found, ok, err = source.Document(r.Context(), id)
		return err
	})
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &mistake{http.StatusNotFound, "there is no such document (any more)", -1}
	}
	return struct {
		hit
		Source json.RawMessage `json:"_source"`
	}{apart(found.ID, found.Time, found.Document), found.Document}, nil
}

// histogram answers /api/histogram: documents over time, by level.
func (p *page) histogram(r *http.Request) (any, error) {
	s, err := p.selection(r)
	if err != nil {
		return nil, err
	}
	columns, err := number(r, "columns", 1, maxColumns, 80)
	if err != nil {
		return nil, err
	}
	width := step(s, columns)
	var bars []search.Bar
	err = p.ask(r.Context(), func(source search.Source) (err error) {
		bars, err = source.Histogram(r.Context(), s, width)
		return err
	})
	if err != nil && len(bars) == 0 {
		return nil, err
	}
	type column struct {
		From   int64            `json:"from"`
		Count  int64            `json:"count"`
		Levels map[string]int64 `json:"levels"` // in lower case
	}
	body := struct {
		span
		Count   int64    `json:"count"`
		Bars    []column `json:"bars"`
		Warning string   `json:"warning,omitempty"`
	}{spanOf(s, width), 0, []column{}, warning(err)}
	for _, bar := range bars {
		levels := map[string]int64{}
		for level, n := range bar.Levels {
			levels[strings.ToLower(level)] += n
		}
		body.Count += bar.Count
		body.Bars = append(body.Bars, column{bar.From.UnixMilli(), bar.Count, levels})
	}
	return body, nil
}

// top answers /api/top: the most frequent values of a field.
func (p *page) top(r *http.Request) (any, error) {
	s, err := p.selection(r)
	if err != nil {
		return nil, err
	}
	field := r.FormValue("field")
	if field == "" || len(field) > maxNameBytes {
		return nil, wrong("field is missing; write the name of one")
	}
	limit, err := number(r, "limit", 1, 100, 10)
	if err != nil {
		return nil, err
	}
	var found search.Top
	err = p.ask(r.Context(), func(source search.Source) (err error) {
		found, err = source.Top(r.Context(), s, field, limit)
		return err
	})
	if err != nil && len(found.Values) == 0 {
		return nil, err
	}
	type count struct {
		Value string `json:"value"`
		Count int64  `json:"count"`
	}
	body := struct {
		Values  []count `json:"values"`
		Others  int64   `json:"others"`
		Missing int64   `json:"missing"`
		Warning string  `json:"warning,omitempty"`
	}{[]count{}, found.Others, found.Missing, warning(err)}
	for _, v := range found.Values {
		body.Values = append(body.Values, count{v.Value, v.Count})
	}
	return body, nil
}
