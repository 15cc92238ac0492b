package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/tailspan/tailspan/pkg/query"
)

// Reader asks the store of a directory. Any goroutine may ask, in any process, while others write.
type Reader struct{ dir string }

// NewReader reads the store in dir, which may not be there yet.
func NewReader(dir string) *Reader { return &Reader{dir} }

// Question says which documents are asked for.
type Question struct {
	Query    *query.Query // nil: all
	From, To time.Time    // in the range is From, but not To; zero: no bound
}

// Unread is an error of one file, beside which the others were read.
type Unread struct {
	File File
	Err  error
}

func (u *Unread) Error() string { return fmt.Sprintf("%s was not read: %v", u.File.Path, u.Err) }
func (u *Unread) Unwrap() error { return u.Err }

// covers reports whether a file may have documents of the range. Documents without a readable time are in that of 1970.
func (q *Question) covers(f File) bool {
	end := f.ended()
	return (q.From.IsZero() || q.From.Before(end)) && (q.To.IsZero() || q.To.After(end.AddDate(0, 0, -1)))
}

// where is the question in SQL.
func (q *Question) where() (sql string, args []any, back func()) {
	sql, back = "1", func() {}
	if !q.From.IsZero() {
		sql, args = sql+" AND time >= ?", append(args, nanos(q.From))
	}
	if !q.To.IsZero() {
		sql, args = sql+" AND time < ?", append(args, nanos(q.To))
	}
	if q.Query == nil || q.Query.Root == nil {
		return sql, args, back
	}
	c := narrow(q.Query.Root)
	if c.sql != "" {
		sql, args = sql+" AND ("+c.sql+" OR odd = 1)", append(args, c.args...)
	}
	number, back := lend(q.Query)
	if c.exact {
		sql += " AND (odd = 0 OR " + matchesFunction + "(?, document))"
	} else {
		sql += " AND " + matchesFunction + "(?, document)"
	}
	return sql, append(args, number), back
}

// selection is what is asked of the lines of a question.
type selection struct {
	columns string
	before  []any  // arguments of columns
	tail    string // goes on with the condition
	more    []any  // arguments of tail
	stop    func() bool
}

// rows asks each file that may have an answer, the newest first, and shows each row to visit. what.stop, if any, says before a day whether
// enough is known. Errors of single files are Unread and come together at the end.
func (r *Reader) rows(ctx context.Context, q Question, what selection, visit func(*sql.Rows) error) error {
	files, err := List(r.dir)
	if err != nil {
		return err
	}
	var unread []error
	day := ""
	for _, f := range slices.Backward(files) {
		if !q.covers(f) {
			continue
		}
		if f.Day != day && what.stop != nil && what.stop() {
			break
		}
		day = f.Day
		where, args, back := q.where()
		err := r.file(ctx, f, "SELECT "+what.columns+" FROM lines WHERE "+where+" "+what.tail, slices.Concat(what.before, args, what.more), visit)
		back()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		var own *visitError
		if errors.As(err, &own) {
			return own.err
		}
		if err != nil {
			if _, gone := os.Stat(f.Path); errors.Is(gone, fs.ErrNotExist) {
				continue // it was dropped meanwhile
			}
			unread = append(unread, &Unread{f, err})
		}
	}
	return errors.Join(unread...)
}

// visitError is an error of whoever asked.
type visitError struct{ err error }

func (v *visitError) Error() string { return v.err.Error() }

// file asks one file.
func (r *Reader) file(ctx context.Context, f File, statement string, args []any, visit func(*sql.Rows) error) error {
	db, err := sql.Open("sqlite", dsn(f.Path, "query_only(1)", "cache_size(-16384)")+"&mode=rw")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	db.SetMaxOpenConns(1)
	rows, err := db.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	for rows.Next() {
		if err := visit(rows); err != nil {
			return errors.Join(&visitError{err}, rows.Close())
		}
	}
	return errors.Join(rows.Err(), rows.Close())
}
