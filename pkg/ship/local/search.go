package local

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/query"
)

// Place is where a document stands in the order of documents: the newest first, then by file, offset and host, from the last on.
type Place struct {
	Time   int64 // nanoseconds since 1970
	Path   string
	Offset int64
	Host   string
}

func (p Place) compare(to Place) int {
	return cmp.Or(cmp.Compare(to.Time, p.Time), strings.Compare(to.Path, p.Path), cmp.Compare(to.Offset, p.Offset), strings.Compare(to.Host, p.Host))
}

// Hit is a document.
type Hit struct {
	ID       string
	Place    Place
	Document string
}

const hitColumns = "_id, " + place + ", document"

func scanHit(rows *sql.Rows) (h Hit, err error) {
	err = rows.Scan(&h.ID, &h.Place.Time, &h.Place.Path, &h.Place.Offset, &h.Place.Host, &h.Document)
	return h, err
}

const place = `time, COALESCE(path, ''), COALESCE("offset", 0), COALESCE(host, '')`

// Search returns up to limit documents in order, those behind a place when after is not nil.
func (r *Reader) Search(ctx context.Context, q Question, after *Place, limit int) ([]Hit, error) {
	var all []Hit
	trim := func() {
		slices.SortFunc(all, func(a, b Hit) int { return cmp.Or(a.Place.compare(b.Place), strings.Compare(a.ID, b.ID)) })
		all = all[:min(len(all), limit)]
	}
	enough := func() bool { // every document of a day before is behind those of later days
		trim()
		return len(all) == limit
	}
	tail := fmt.Sprintf("ORDER BY time DESC, COALESCE(path, '') DESC, COALESCE(\"offset\", 0) DESC, COALESCE(host, '') DESC LIMIT %d", limit)
	var more []any
	if after != nil {
		tail = "AND time <= ? AND (" + place + ") < (?, ?, ?, ?) " + tail
		more = []any{after.Time, after.Time, after.Path, after.Offset, after.Host}
		if last := time.Unix(0, after.Time+1); q.To.IsZero() || q.To.After(last) {
			q.To = last
		}
	}
	err := r.rows(ctx, q, selection{columns: hitColumns, tail: tail, more: more, stop: enough}, func(rows *sql.Rows) error {
		h, err := scanHit(rows)
		all = append(all, h)
		return err
	})
	trim()
	return all, err
}

// Document returns the document with the _id; "" when there is none.
func (r *Reader) Document(ctx context.Context, id string) (hit Hit, err error) {
	found := func() bool { return hit.ID != "" }
	err = r.rows(ctx, Question{}, selection{columns: hitColumns, tail: "AND _id = ?", more: []any{id}, stop: found}, func(rows *sql.Rows) error {
		var err error
		hit, err = scanHit(rows)
		return err
	})
	return hit, err
}

// Trace shows the documents that name a trace.
func (r *Reader) Trace(ctx context.Context, id string, visit func(id string, document []byte) error) error {
	return r.rows(ctx, Question{}, selection{columns: "_id, document", tail: "AND (trace = ? OR odd = 1)", more: []any{id}}, visitDocument(visit))
}

// Traced shows the documents of a range of time that name any trace.
func (r *Reader) Traced(ctx context.Context, from, to time.Time, visit func(id string, document []byte) error) error {
	return r.rows(ctx, Question{From: from, To: to}, selection{columns: "_id, document", tail: "AND (trace IS NOT NULL OR odd = 1)"}, visitDocument(visit))
}

func visitDocument(visit func(id string, document []byte) error) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var id string
		var document []byte
		if err := rows.Scan(&id, &document); err != nil {
			return err
		}
		return visit(id, document)
	}
}

// Histogram counts documents by step of time, in nanoseconds since 1970, and level.
func (r *Reader) Histogram(ctx context.Context, q Question, step time.Duration, visit func(from int64, level string, count int64)) error {
	ns := int64(step)
	what := selection{columns: fmt.Sprintf("time / %d * %d, COALESCE(level, ''), COUNT(*)", ns, ns), tail: "GROUP BY 1, 2"}
	return r.rows(ctx, q, what, func(rows *sql.Rows) error {
		var from, count int64
		var level string
		err := rows.Scan(&from, &level, &count)
		visit(from, level, count)
		return err
	})
}

// Values shows the values of a field with how many documents have it; a document without the field has missing.
func (r *Reader) Values(ctx context.Context, q Question, field string, visit func(value string, missing bool, count int64)) error {
	if at, ok := columnOf[field]; ok {
		name := columns[at].name
		return r.rows(ctx, q, selection{columns: "CAST(" + name + " AS TEXT), COUNT(*)", tail: "GROUP BY " + name}, func(rows *sql.Rows) error {
			var value sql.NullString
			var count int64
			err := rows.Scan(&value, &count)
			visit(value.String, !value.Valid, count)
			return err
		})
	}
	var doc query.Document
	return r.rows(ctx, q, selection{columns: "document"}, func(rows *sql.Rows) error {
		var document sql.RawBytes
		if err := rows.Scan(&document); err != nil {
			return err
		}
		values := map[string]bool{}
		if doc.Parse(document) == nil {
			leaves := doc.Leaves()
			for i := range leaves {
				if l := &leaves[i]; string(doc.Field(l)) == field {
					values[valueOf(l)] = true
				}
			}
		}
		for value := range values {
			visit(value, false, 1)
		}
		if len(values) == 0 {
			visit("", true, 1)
		}
		return nil
	})
}

// valueOf is a value as text, numbers so that equal ones are the same.
func valueOf(l *query.Leaf) string {
	if l.Type == fastjson.TypeNumber {
		return string(query.AppendNumber(nil, l.Text))
	}
	return string(l.Text)
}

// Timing is what one document says of its service.
type Timing struct {
	Service  string
	Time     int64
	Duration int64 // nanoseconds
	Timed    bool  // it has a duration
	Failed   bool  // failures matches it
}

// Timings shows what each document says of its service; failures is the query for those that went wrong, of
// fields that have columns.
func (r *Reader) Timings(ctx context.Context, q Question, failures *query.Query, visit func(Timing)) error {
	c := narrow(failures.Root)
	return r.rows(ctx, q, selection{columns: "COALESCE(service, ''), time, duration, " + c.sql, before: c.args}, func(rows *sql.Rows) error {
		var t Timing
		var duration sql.NullInt64
		err := rows.Scan(&t.Service, &t.Time, &duration, &t.Failed)
		t.Duration, t.Timed = duration.Int64, duration.Valid
		visit(t)
		return err
	})
}
