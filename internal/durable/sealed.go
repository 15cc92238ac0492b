package durable

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"

	"github.com/cespare/xxhash/v2"
)

// Header is the first line of a file of state: {"tailspan":"checkpoints","version":1}.
type Header struct {
	Tailspan string `json:"tailspan"` // what the file holds
	Version  int    `json:"version"`
}

// seal is the last line: how many records are above it, and a hash of every byte above it.
type seal struct {
	Records int    `json:"records"`
	Hash    uint64 `json:"xxhash"`
}

// Lines makes a sealed file: a Header, a line of JSON for each record, and a last line that says whether they are whole:
//
//	{"tailspan":"checkpoints","version":1}
//	{"pipeline":"checkout",…}
//	…
//	{"records":1,"xxhash":1234}
type Lines struct {
	out     bytes.Buffer
	json    *json.Encoder
	records int
	err     error
}

// NewLines begins a file.
func NewLines(h Header) *Lines {
	l := new(Lines)
	l.json = json.NewEncoder(&l.out)
	l.err = l.json.Encode(h)
	return l
}

// Add appends a record. An error is kept for Seal.
func (l *Lines) Add(record any) {
	if l.err == nil {
		l.err = l.json.Encode(record)
		l.records++
	}
}

// Seal ends the file and returns it with the hash that its last line has, or says what could not be encoded.
func (l *Lines) Seal() (data []byte, hash uint64, err error) {
	hash = xxhash.Sum64(l.out.Bytes())
	if l.err == nil {
		l.err = l.json.Encode(seal{l.records, hash})
	}
	return l.out.Bytes(), hash, l.err
}

// Unseal reads what Lines made: it gives each record to take, in order, and returns the hash. Nothing is taken of a file that is not
// whole, or has another header; an error of a record says which line it is.
func Unseal[Record any](data []byte, h Header, take func(*Record) error) (hash uint64, err error) {
	return UnsealLines(data, h, func(line []byte) error {
		record := new(Record)
		if err := json.Unmarshal(line, record); err != nil {
			return err
		}
		return take(record)
	})
}

// UnsealLines is Unseal for who decodes the records, of which there may be very many, another way. A line is valid as long as data is.
func UnsealLines(data []byte, h Header, take func(line []byte) error) (hash uint64, err error) {
	end := bytes.LastIndexByte(bytes.TrimSuffix(data, []byte("\n")), '\n') + 1
	var last seal
	if !bytes.HasSuffix(data, []byte("\n")) || json.Unmarshal(data[end:], &last) != nil || last.Hash != xxhash.Sum64(data[:end]) {
		return 0, errors.New("the hash at the end does not fit: torn or changed")
	}
	lines := bytes.Split(bytes.TrimSuffix(data[:end], []byte("\n")), []byte("\n"))
	if !h.Is(lines[0]) {
		return 0, fmt.Errorf("not %s of version %d", h.Tailspan, h.Version)
	}
	if len(lines)-1 != last.Records {
		return 0, fmt.Errorf("%d records where %d should be", len(lines)-1, last.Records)
	}
	for i, line := range lines[1:] {
		if err := take(line); err != nil {
			return 0, fmt.Errorf("line %d: %w", i+2, err)
		}
	}
	return last.Hash, nil
}

// Is reports whether a line is this header.
func (h Header) Is(line []byte) bool {
	var other Header
	return json.Unmarshal(line, &other) == nil && other == h
}

// Broken is behind the name of a file that was set aside.
const Broken = ".broken"

// SetAside gives a damaged file another name, under which nobody reads it and somebody can look at it.
func SetAside(fsys FS, path string) (aside string, err error) {
	aside = path + Broken
	return aside, fsys.Rename(path, aside)
}

// Copy is one of the files that Replace leaves.
type Copy struct {
	Path string
	Data []byte
}

// Copies are those that are there of the file at path and the one before it, in this order; the error says why one cannot be read.
func Copies(fsys FS, path string) iter.Seq2[Copy, error] {
	return func(yield func(Copy, error) bool) {
		for _, name := range []string{path, path + Previous} {
			data, err := fsys.ReadFile(name)
			if !errors.Is(err, fs.ErrNotExist) && !yield(Copy{name, data}, err) {
				return
			}
		}
	}
}
