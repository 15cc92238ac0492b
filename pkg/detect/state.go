package detect

import (
	"encoding/binary"
	"errors"
	"path/filepath"

	"github.com/tailspan/tailspan/internal/durable"
)

// What was learned stands in the file "detect" of the data directory, in lines of JSON:
//
//	{"tailspan":"detect","version":1}
//	{"service":{…}}                     one for each service, and behind it
//	{"series":{…}}                      those of its templates and of all its lines, and
//	{"incident":{…}}                    what was found in it and is not over
//	{"finding":{…}}                     the last findings, for those who look
//	{"records":4,"xxhash":1234}         the last line: how many there are, and a hash of every byte above it
//
// The file is replaced as checkpoints are (see internal/durable): a crash at any moment leaves a whole one. It is written every few
// minutes, after each finding and at the end. So after a crash what was learned in the last minutes is not known; nothing
// is judged for some minutes then, since nobody knows what was counted already. A file that is damaged is set aside, and the
// previous copy is read.
const stateFile = "detect"

var stateHeader = durable.Header{Tailspan: stateFile, Version: 1}

// record is a line of the state: one of its members is there.
type record struct {
	Service  *serviceState  `json:"service,omitempty"`
	Series   *seriesState   `json:"series,omitempty"`
	Incident *incidentState `json:"incident,omitempty"`
	Finding  *Finding       `json:"finding,omitempty"`
}

type serviceState struct {
	Name    string  `json:"name"`
	Head    int64   `json:"head"`
	Sealed  int64   `json:"sealed"`
	Learned int     `json:"learned"`
	Live    bool    `json:"live"`
	Novel   float64 `json:"novel"`
}

type seriesState struct {
	Template   string               `json:"template,omitempty"`
	Text       string               `json:"text,omitempty"`
	Born       int64                `json:"born"`
	Last       int64                `json:"last"`
	Total      int64                `json:"total"`
	Windows    uint8                `json:"windows"`
	Old        bool                 `json:"old"`
	Minutes    []byte               `json:"minutes,omitempty"` // see history.append
	Hours      []byte               `json:"hours,omitempty"`   // four bytes each: most, least, failing, weeks
	Dispersion [len(scales)]float64 `json:"scatter"`
	Gaps       []float32            `json:"gaps,omitempty"`
	Latency    *latencyState        `json:"latency,omitempty"`
}

type latencyState struct {
	Past       []byte                  `json:"past"` // DDSketch's own encoding
	Dispersion [len(quantiles)]float64 `json:"scatter"`
	Minutes    int                     `json:"minutes"`
}

type incidentState struct {
	Finding  Finding       `json:"finding"`
	Template string        `json:"template,omitempty"`
	Members  []memberState `json:"members"`
	Opened   int64         `json:"opened"`
	Active   int64         `json:"active"`
}

type memberState struct {
	Rule     Rule   `json:"rule"`
	Template string `json:"template,omitempty"`
}

// encode writes the state.
func (e *Engine) encode() []byte {
	lines := durable.NewLines(stateHeader)
	e.mu.Lock()
	for _, svc := range e.services {
		lines.Add(record{Service: &serviceState{svc.name, svc.head, svc.sealed, svc.learned, svc.live, svc.novel}})
		for s := range svc.each {
			if s.total > 0 {
				lines.Add(record{Series: s.state()})
			}
		}
		for _, in := range svc.incidents {
			lines.Add(record{Incident: in.state()})
		}
	}
	e.mu.Unlock()
	for _, f := range e.Recent() {
		lines.Add(record{Finding: &f})
	}
	data, _, err := lines.Seal()
	if err != nil {
		panic(err) // numbers are finite, everything else is texts
	}
	return data
}

func (s *series) state() *seriesState {
	st := &seriesState{Template: s.id, Text: s.text, Born: s.born, Last: s.last, Total: s.total, Windows: s.windows, Old: s.old, Dispersion: s.dispersion}
	if s.history != nil {
		st.Minutes, st.Hours = s.history.append(nil), s.season.append(nil)
	}
	st.Gaps = s.beats.Gaps[:min(int(s.beats.N), beatsKept)]
	if l := s.latency; l != nil {
		st.Latency = &latencyState{Dispersion: l.dispersion, Minutes: l.minutes}
		l.past.Encode(&st.Latency.Past, false)
	}
	return st
}

func (in *incident) state() *incidentState {
	st := &incidentState{Finding: in.finding, Template: in.series.id, Opened: in.opened, Active: in.active}
	for _, m := range in.members {
		st.Members = append(st.Members, memberState{m.rule, m.series.id})
	}
	return st
}

// append writes the minutes, the oldest first: the lines and one, or 0 for unknown, and the failed ones, as uvarints.
func (h *history) append(dst []byte) []byte {
	for i := historyMinutes - 1; i >= 0; i-- {
		if m := h.ago(i); m.Lines == unknown {
			dst = append(dst, 0)
		} else {
			dst = binary.AppendUvarint(binary.AppendUvarint(dst, uint64(m.Lines)+1), uint64(m.Failed))
		}
	}
	return dst
}

var errState = errors.New("not what this version writes")

func readHistory(b []byte) (*history, error) {
	h := newHistory()
	for len(b) > 0 {
		lines, n := binary.Uvarint(b)
		if n <= 0 || lines > unknown {
			return nil, errState
		}
		b = b[n:]
		if lines == 0 {
			h.push(minute{Lines: unknown})
			continue
		}
		failed, n := binary.Uvarint(b)
		if n <= 0 || failed > unknown {
			return nil, errState
		}
		b = b[n:]
		h.push(minute{uint32(lines - 1), uint32(failed)}) // #nosec G115 -- is within its bounds
	}
	return h, nil
}

func (s *season) append(dst []byte) []byte {
	for _, h := range s.Hours {
		dst = append(dst, h.Most, h.Least, h.Failing, h.Weeks)
	}
	return dst
}

func readSeason(b []byte) (*season, error) {
	s := new(season)
	if len(b) != 4*len(s.Hours) {
		return nil, errState
	}
	for i := range s.Hours {
		s.Hours[i] = hour{b[4*i], b[4*i+1], b[4*i+2], b[4*i+3]}
	}
	return s, nil
}

// Load takes over what was learned before, from a directory; the Engine must be new. Of damage it says what became of it: the
// Engine returned knows what could be read.
func Load(cfg Config, opts Options, fsys durable.FS, dir string) *Engine {
	for c, err := range durable.Copies(fsys, filepath.Join(dir, stateFile)) {
		e := New(cfg, opts)
		if err == nil {
			if err = e.decode(c.Data); err == nil {
				return e
			}
		}
		aside, failed := durable.SetAside(fsys, c.Path)
		if failed != nil {
			aside = c.Path
		}
		opts.Log.Warn("what the detectors had learned cannot be read; the copy from before is tried, else they learn anew", "file", aside, "error", err)
	}
	return New(cfg, opts)
}

// Save writes what an Engine has encoded.
func Save(fsys durable.FS, dir string, state []byte) error {
	return durable.Replace(fsys, filepath.Join(dir, stateFile), state)
}
