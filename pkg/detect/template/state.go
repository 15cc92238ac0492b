package template

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

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
var stateHeader = durable.Header{Tailspan: "templates", Version: 1}

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
	for c, err := range durable.Copies(fsys, path) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		records, damage := decode(c.Data)
		if damage == nil {
			m.take(records)
			break
		}
		aside, err := durable.SetAside(fsys, c.Path)
		errs = append(errs, fmt.Errorf("%s is damaged and was set aside as %s: %w", c.Path, aside, damage), err)
	}
	return m, errors.Join(errs...)
}

// decode reads a whole file.
func decode(data []byte) (all []*Template, err error) {
	_, err = durable.Unseal(data, stateHeader, func(r *record) error {
		t, err := r.template()
		all = append(all, t)
		return err
	})
	return all, err
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
	lines := durable.NewLines(stateHeader)
	for _, t := range all {
		lines.Add(t.record())
	}
	data, _, err := lines.Seal()
	return data, err
}

func (t *Template) record() record {
	s := t.shape.Load()
	r := record{ID: t.ID(), Count: t.Count(), Used: t.used.Load(), Learned: s.learned, Tail: []byte(s.tail), Cells: make([]cellRecord, len(s.cells))}
	for i, c := range s.cells {
		r.Cells[i] = cellRecord{Lead: []byte(c.lead), Word: []byte(c.word), Mark: marks[c.kind], Loose: c.loose && c.kind == word}
	}
	return r
}
