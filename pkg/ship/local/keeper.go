package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// keeper writes chunks into the files of their days and drops old files. It belongs to one goroutine.
type keeper struct {
	cfg  Config
	dir  string
	log  *slog.Logger
	days map[string]*day // open for writing
	row  row
	args [columnCount + 4]any

	swept time.Time
}

// day is the files of one day. The last is written to; the others are asked for documents that may be there already.
type day struct {
	name  string // 2026-11-22
	parts []*part
	// highest is the highest _id that older parts have, by the source and generation that it begins with: a document behind it
	// cannot be there already. Files are read from their beginning, so nearly all are.
	highest map[string]string
	used    time.Time
}

const (
	// openDays bounds the files that are open: logs of many days come one day after the other.
	openDays = 4
	// sweepEvery is how often the store is measured, beside when a part is full.
	sweepEvery = 10 * time.Second
	// sharePerPart is what a file has of max_size, so that dropping the oldest leaves most of the store.
	sharePerPart = 8
	dayLayout    = "2006-01-02"
	// sourceSize is how much of an _id names its source and generation.
	sourceSize = 16
)

func newKeeper(cfg Config, dir string, log *slog.Logger) *keeper {
	return &keeper{cfg: cfg, dir: dir, log: log, days: map[string]*day{}}
}

// write puts chunks into the store; they are on disk when it returns without an error. After an error some days of them may be there,
// which the next try counts as duplicates.
func (k *keeper) write(ctx context.Context, list []*chunk) error {
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	begun := map[string]*day{}
	err := k.insertAll(ctx, list, begun)
	if err == nil {
		err = k.commit(ctx, begun)
	}
	if err != nil {
		return k.recover(err, begun)
	}
	k.sweep(time.Now())
	return nil
}

// commit ends the transactions that have begun, and forgets that they have.
func (k *keeper) commit(ctx context.Context, begun map[string]*day) error {
	for name, d := range begun {
		if err := d.last().commit(ctx); err != nil {
			return k.damaged(d, err)
		}
		delete(begun, name)
		if err := k.grow(d); err != nil {
			k.log.Warn("another file of the store could not be begun", "error", err)
		}
	}
	return nil
}

func (k *keeper) insertAll(ctx context.Context, list []*chunk, begun map[string]*day) error {
	for _, c := range list {
		err := c.each(func(id, document []byte) (bool, error) {
			k.row.read(document)
			name := time.Unix(0, k.row.time).UTC().Format(dayLayout)
			d := begun[name]
			if d == nil {
				if len(begun) == openDays {
					if err := k.commit(ctx, begun); err != nil {
						return false, err
					}
				}
				var err error
				if d, err = k.open(ctx, name, begun); err != nil {
					return false, err
				}
				if err := d.last().begin(ctx); err != nil {
					return false, k.damaged(d, err)
				}
				begun[name] = d
			}
			twice, err := d.insert(ctx, &k.row, string(id), document, &k.args)
			return twice, k.damaged(d, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// insert adds a document unless one of the day's files has it.
func (d *day) insert(ctx context.Context, r *row, id string, document []byte, args *[columnCount + 4]any) (twice bool, err error) {
	if older := d.parts[:len(d.parts)-1]; len(older) > 0 {
		if twice, err = d.has(ctx, older, id); twice || err != nil {
			return twice, err
		}
	}
	added, err := d.last().insert(ctx, r, id, document, args)
	return !added, err
}

// has asks the older files of the day for an _id.
func (d *day) has(ctx context.Context, older []*part, id string) (bool, error) {
	source := id[:sourceSize]
	highest, known := d.highest[source]
	if !known {
		for _, p := range older {
			var here sql.NullString
			if err := p.conn.QueryRowContext(ctx, "SELECT max(_id) FROM lines WHERE _id >= ? AND _id < ?", source, source+"~").Scan(&here); err != nil {
				return false, err
			}
			highest = max(highest, here.String)
		}
		if len(d.highest) > 100_000 {
			clear(d.highest)
		}
		d.highest[source] = highest
	}
	if id > highest {
		return false, nil
	}
	for _, p := range older {
		var one int
		switch err := p.conn.QueryRowContext(ctx, "SELECT 1 FROM lines WHERE _id = ?", id).Scan(&one); {
		case err == nil:
			return true, nil
		case !errors.Is(err, sql.ErrNoRows):
			return false, err
		}
	}
	return false, nil
}

func (d *day) last() *part { return d.parts[len(d.parts)-1] }

// open opens the files of a day. keep are days that must stay open.
func (k *keeper) open(ctx context.Context, name string, keep map[string]*day) (*day, error) {
	d := k.days[name]
	if d == nil {
		k.closeOldest(keep)
		d = &day{name: name, highest: map[string]string{}}
		files, err := List(k.dir)
		if err != nil {
			return nil, err
		}
		var paths []string
		for _, f := range files {
			if f.Day == name {
				paths = append(paths, f.Path)
			}
		}
		if len(paths) == 0 {
			paths = []string{partPath(k.dir, name, 1)}
		}
		for _, path := range paths {
			p, err := openPart(ctx, path)
			if err != nil {
				if broken(err) {
					err = k.setAside(path, err)
				}
				_ = d.close() // the error before says more
				return nil, err
			}
			d.parts = append(d.parts, p)
		}
		k.days[name] = d
	}
	d.used = time.Now()
	return d, nil
}

// closeOldest closes the day that was not used for longest when too many are open.
func (k *keeper) closeOldest(keep map[string]*day) {
	var oldest *day
	for name, d := range k.days {
		if keep[name] == nil && (oldest == nil || d.used.Before(oldest.used)) {
			oldest = d
		}
	}
	if len(k.days) >= openDays && oldest != nil {
		k.forget(oldest)
	}
}

// forget closes the files of a day.
func (k *keeper) forget(d *day) {
	delete(k.days, d.name)
	if err := d.close(); err != nil {
		k.log.Warn("a file of the store did not close", "day", d.name, "error", err)
	}
}

func (d *day) close() error {
	var errs []error
	for _, p := range d.parts {
		errs = append(errs, p.close())
	}
	return errors.Join(errs...)
}

// grow begins another file when the last one of a day is full.
func (k *keeper) grow(d *day) error {
	if sizeOf(d.last().path) < k.cfg.MaxSize/sharePerPart {
		return nil
	}
	files, err := List(k.dir)
	if err != nil {
		return err
	}
	next := 1
	for _, f := range files {
		if f.Day == d.name {
			next = max(next, f.Part+1)
		}
	}
	p, err := openPart(context.Background(), partPath(k.dir, d.name, next))
	if err != nil {
		return err
	}
	d.parts = append(d.parts, p)
	clear(d.highest)
	k.swept = time.Time{} // soon: another file may be too much
	return nil
}

// close closes all files.
func (k *keeper) close() error {
	var errs []error
	for _, d := range k.days {
		errs = append(errs, d.close())
	}
	clear(k.days)
	return errors.Join(errs...)
}

func partPath(dir, day string, number int) string {
	return fmt.Sprintf("%s%c%s.%03d.db", dir, os.PathSeparator, day, number)
}
