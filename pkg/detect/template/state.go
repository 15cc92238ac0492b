package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/internal/durable"
)

// What a Miner knows is a file of lines of JSON, a line for each template, the oldest first:
//
//	{"tailspan":"templates","version":1}
//	{"id":"0113d024f20fc315","count":113,"used":7,"cells":[{"word":"SW52YWxpZA=="},{"lead":"IA==","mark":"<num>"},…]}
//	…
//	{"records":1,"xxhash":1234}        the last line: how many there are, and a hash of every byte above it
//
// It is written to a temporary file, synced, and renamed over the old one, which stays beside it as the previous copy; so a
// crash at any moment leaves one that is whole. What is lost is learned again from the next lines, under the same ids. A file that
// is damaged fails its hash, is set aside, and the previous copy is used.
const (
	stateName    = "templates"
	stateVersion = 1
	// Broken is behind the name of a file that was set aside.
	Broken = ".broken"
)

type header struct {
	Tailspan string `json:"tailspan"`
	Version  int    `json:"version"`
}

type trailer struct {
	Records int    `json:"records"`
	Hash    uint64 `json:"xxhash"`
}

type record struct {
	ID      string       `json:"id"`
	Count   int64        `json:"count"`
	Used    int64        `json:"used"`
	Learned bool         `json:"learned,omitempty"`
	Cells   []cellRecord `json:"cells"`
	Tail    []byte       `json:"tail,omitempty"`
}

// cellRecord has bytes, in base64, where a line may have had some that are not UTF-8.
type cellRecord struct {
	Lead  []byte `json:"lead,omitempty"`
	Word  []byte `json:"word,omitempty"`
	Mark  string `json:"mark,omitempty"`
	Loose bool   `json:"loose,omitempty"`
}

// Load makes a Miner of what another one saved at path. When nothing is there it knows nothing, and the error is nil. The
// error says what was damaged or could not be read: the Miner is never nil, and knows what the copy from before says, or else
// nothing.
func Load(fsys durable.FS, path string, o Options) (*Miner, error) {
	m := New(o)
	var errs []error
	for _, name := range []string{path, path + durable.Previous} {
		data, err := fsys.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		records, err := decode(data)
		if err == nil {
			m.take(records)
			break
		}
		errs = append(errs, fmt.Errorf("%s is damaged and was set aside as %s: %w", name, name+Broken, err), fsys.Rename(name, name+Broken))
	}
	return m, errors.Join(errs...)
}

// decode reads a whole file.
func decode(data []byte) ([]*Template, error) {
	end := bytes.LastIndexByte(bytes.TrimSuffix(data, []byte("\n")), '\n') + 1
	var last trailer
	if !bytes.HasSuffix(data, []byte("\n")) || json.Unmarshal(data[end:], &last) != nil || last.Hash != xxhash.Sum64(data[:end]) {
		return nil, errors.New("the hash at the end does not fit: torn or changed")
	}
	lines := bytes.Split(bytes.TrimSuffix(data[:end], []byte("\n")), []byte("\n"))
	var first header
	if json.Unmarshal(lines[0], &first) != nil || first != (header{stateName, stateVersion}) {
		return nil, fmt.Errorf("not templates of version %d", stateVersion)
	}
	var all []*Template
	for i, text := range lines[1:] {
		var r record
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		t, err := r.template()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+2, err)
		}
		all = append(all, t)
	}
	if len(all) != last.Records {
		return nil, fmt.Errorf("%d templates where %d should be", len(all), last.Records)
	}
	return all, nil
}

func (r *record) template() (*Template, error) {
	key, err := strconv.ParseUint(r.ID, 16, 64)
	if err != nil || len(r.ID) != 16 {
		return nil, fmt.Errorf("%q is no id", r.ID)
	}
	if len(r.Cells) > mostTokens {
		return nil, fmt.Errorf("%d cells where %d may be", len(r.Cells), mostTokens)
	}
	cells := make([]cell, len(r.Cells))
	for i, c := range r.Cells {
		cells[i] = cell{lead: string(c.Lead), loose: c.Loose || c.Mark != ""}
		if c.Mark == "" {
			cells[i].word, cells[i].hash = string(c.Word), hash(c.Word)
			continue
		}
		k := slices.Index(marks[:], c.Mark)
		if k <= 0 {
			return nil, fmt.Errorf("nothing is marked %q", c.Mark)
		}
		cells[i].kind = kind(k)
	}
	t := &Template{key: key, id: r.ID}
	t.shape.Store(t.formed(cells, string(r.Tail), r.Learned))
	t.count.Store(r.Count)
	t.used.Store(r.Used)
	return t, nil
}

// take adds templates to a Miner that knows nothing.
func (m *Miner) take(all []*Template) {
	for _, t := range all {
		m.add(t)
		m.saved += t.Count()
		m.clock.Store(max(m.clock.Load(), t.used.Load()))
	}
	if m.bytes > m.memory {
		m.forget()
	}
}

// Save writes what the Miner knows to path, unless nothing has happened since it did so last or was loaded. Only one goroutine may save.
func (m *Miner) Save(fsys durable.FS, path string) error {
	all, changed := m.changes()
	if !changed {
		return nil
	}
	data, err := encode(all)
	if err == nil {
		err = durable.Replace(fsys, path, data)
	}
	if err != nil {
		m.mu.Lock()
		m.changed = true
		m.mu.Unlock()
	}
	return err
}

// changes returns the templates, and whether they are others than at the last call.
func (m *Miner) changes() (all []*Template, changed bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	sum := int64(0)
	for _, t := range m.all {
		sum += t.count.Load()
	}
	changed = m.changed || sum != m.saved
	m.changed, m.saved = false, sum
	return slices.Clone(m.all), changed
}

func encode(all []*Template) ([]byte, error) {
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	if err := lines.Encode(header{stateName, stateVersion}); err != nil {
		return nil, err
	}
	for _, t := range all {
		if err := lines.Encode(t.record()); err != nil {
			return nil, err
		}
	}
	return sealed(out.Bytes(), len(all))
}

// sealed appends the last line.
func sealed(body []byte, records int) ([]byte, error) {
	last, err := json.Marshal(trailer{records, xxhash.Sum64(body)})
	return append(append(body, last...), '\n'), err
}

func (t *Template) record() record {
	s := t.shape.Load()
	r := record{ID: t.ID(), Count: t.Count(), Used: t.used.Load(), Learned: s.learned, Tail: []byte(s.tail), Cells: make([]cellRecord, len(s.cells))}
	for i, c := range s.cells {
		r.Cells[i] = cellRecord{Lead: []byte(c.lead), Word: []byte(c.word), Mark: marks[c.kind], Loose: c.loose && c.kind == word}
	}
	return r
}
