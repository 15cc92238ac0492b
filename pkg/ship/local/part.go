package local

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/tailspan/tailspan/internal/durable"
)

// part is one file of the store, open for writing. It belongs to one goroutine.
type part struct {
	path  string
	db    *sql.DB
	conn  *sql.Conn
	line  *sql.Stmt
	words *sql.Stmt
	inTx  bool
}

// busyTimeout is how long a writer waits for another one, in milliseconds: replay may write beside the agent.
const busyTimeout = "30000"

// dsn is how a file is opened. Every commit is on disk before it returns (WAL with synchronous=FULL: one fsync of the log), so that it
// survives a loss of power.
func dsn(path string, pragmas ...string) string {
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), OmitHost: true}
	q := url.Values{"_pragma": append([]string{"busy_timeout(" + busyTimeout + ")"}, pragmas...)}
	u.RawQuery = q.Encode()
	return u.String()
}

// openPart opens a file for writing, and makes it when it is not there.
func openPart(ctx context.Context, path string) (*part, error) {
	p := &part{path: path}
	_, err := os.Stat(path)
	fresh := errors.Is(err, os.ErrNotExist)
	p.db, err = sql.Open("sqlite", dsn(path, "page_size(8192)", "journal_mode(WAL)", "synchronous(FULL)", "wal_autocheckpoint(4000)", "cache_size(-16384)", "temp_store(MEMORY)"))
	if err != nil {
		return nil, err
	}
	p.db.SetMaxOpenConns(1)
	if err = p.connect(ctx); err == nil {
		err = p.prepare(ctx, fresh)
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// connect opens the file. While another process makes it, sqlite does not wait as long as it was told to before it says that the file is
// locked: turning on the WAL is nothing that it waits for.
func (p *part) connect(ctx context.Context) (err error) {
	for wait := time.Millisecond; ; wait *= 2 {
		var failed *sqlite.Error
		p.conn, err = p.db.Conn(ctx)
		if !errors.As(err, &failed) || failed.Code()&0xff != sqlite3.SQLITE_BUSY || wait > longestConnect {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// longestConnect bounds the last wait of connect, and so all of them together by twice as much.
const longestConnect = 16 * time.Second

// prepare makes the tables of a fresh file, and the statements.
func (p *part) prepare(ctx context.Context, fresh bool) error {
	var found int
	if err := p.begin(ctx); err != nil {
		return err
	}
	if err := p.conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
		return err
	}
	switch {
	case found == version:
	case found == 0:
		if _, err := p.conn.ExecContext(ctx, schema+fmt.Sprintf("PRAGMA user_version = %d", version)); err != nil {
			return err
		}
	default:
		return fmt.Errorf("%s is of version %d and this program writes version %d; move the file away", p.path, found, version)
	}
	if err := p.commit(ctx); err != nil {
		return err
	}
	if fresh { // the file itself must be found again, too
		if err := (durable.OS{}).SyncDir(filepath.Dir(p.path)); err != nil {
			return err
		}
	}
	var err error
	if p.line, err = p.conn.PrepareContext(ctx, insertLine); err == nil {
		p.words, err = p.conn.PrepareContext(ctx, insertWords)
	}
	return err
}

func (p *part) begin(ctx context.Context) error {
	_, err := p.conn.ExecContext(ctx, "BEGIN IMMEDIATE")
	p.inTx = err == nil
	return err
}

// commit returns once everything is on disk.
func (p *part) commit(ctx context.Context) error {
	_, err := p.conn.ExecContext(ctx, "COMMIT")
	if err == nil {
		p.inTx = false
	}
	return err
}

// rollback forgets what was inserted since begin.
func (p *part) rollback() {
	if p.inTx {
		_, _ = p.conn.ExecContext(context.WithoutCancel(context.Background()), "ROLLBACK") // sqlite may have done it itself
		p.inTx = false
	}
}

// insert adds a document; there is false when its _id is there already.
func (p *part) insert(ctx context.Context, r *row, id string, document []byte, args *[columnCount + 4]any) (added bool, err error) {
	args[0], args[1] = id, r.time
	copy(args[2:], r.cells[:])
	args[columnCount+2], args[columnCount+3] = r.odd, string(document)
	res, err := p.line.ExecContext(ctx, args[:]...)
	if err != nil {
		return false, err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return false, err
	}
	if len(r.words) == 0 {
		return true, nil
	}
	rowid, err := res.LastInsertId()
	if err != nil {
		return false, err
	}
	_, err = p.words.ExecContext(ctx, rowid, string(r.words))
	return err == nil, err
}

func (p *part) close() error {
	var errs []error
	p.rollbackIfOpen()
	for _, s := range []*sql.Stmt{p.line, p.words} {
		if s != nil {
			errs = append(errs, s.Close())
		}
	}
	if p.conn != nil {
		errs = append(errs, p.conn.Close())
	}
	return errors.Join(append(errs, p.db.Close())...)
}

func (p *part) rollbackIfOpen() {
	if p.conn != nil {
		p.rollback()
	}
}
