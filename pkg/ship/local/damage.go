package local

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// damage is an error that says a file is not what SQLite has written.
type damage struct {
	day *day
	err error
}

func (d *damage) Error() string { return d.err.Error() }
func (d *damage) Unwrap() error { return d.err }

// broken reports whether an error means that a file is damaged.
func broken(err error) bool {
	var of *sqlite.Error
	if !errors.As(err, &of) {
		return false
	}
	code := of.Code() & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

// damaged marks an error of a day's files when it means damage.
func (k *keeper) damaged(d *day, err error) error {
	if err == nil || !broken(err) {
		return err
	}
	return &damage{d, err}
}

// recover makes the store ready for another try after an error: a damaged file is set aside, and files are opened anew.
func (k *keeper) recover(err error, begun map[string]*day) error {
	for _, d := range begun {
		k.forget(d)
	}
	var of *damage
	if !errors.As(err, &of) {
		return err
	}
	k.forget(of.day)
	found := false
	for _, p := range of.day.parts {
		if wrong := check(p.path); wrong != nil {
			found = true
			err = k.setAside(p.path, wrong)
		}
	}
	if !found { // it was seen while writing, so it is in what was written to
		err = k.setAside(of.day.last().path, err)
	}
	return err
}

// check reads all of a file and says what is wrong with it.
func check(path string) error {
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }() // it was only read
	var verdict string
	if err := db.QueryRow("PRAGMA quick_check(1)").Scan(&verdict); err != nil {
		return err
	}
	if verdict != "ok" {
		return errors.New(verdict)
	}
	return nil
}

// setAside gives a damaged file another name. It returns the error that said so, and what came of it.
func (k *keeper) setAside(path string, err error) error {
	aside := fmt.Sprintf("%s.damaged-%d", path, time.Now().UnixNano())
	for _, end := range companions {
		if moved := os.Rename(path+end, aside+end); moved != nil && !errors.Is(moved, fs.ErrNotExist) {
			return errors.Join(err, moved)
		}
	}
	k.log.Error("a file of the store is damaged and was set aside; ship its documents again with 'tailspan replay --output local'",
		"file", path, "now", aside, "error", err)
	return err
}
