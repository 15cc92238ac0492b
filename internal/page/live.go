package page

import (
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/tailspan/tailspan/internal/live"
	"github.com/tailspan/tailspan/pkg/query"
)

const (
	// beat is how often viewers are told what there is; documents in between come together.
	beat = 250 * time.Millisecond
	// perBeat bounds what is shown of that: nobody reads more.
	perBeat = 200
	// quiet is after how many beats without a document something is said all the same, so that both sides see that the other is there.
	quiet = 40
)

// told is what viewers are told at once.
type told struct {
	Hits   []hit `json:"hits"`
	Missed int64 `json:"missed"` // documents that are not shown, because there were too many; whether they match nobody knows
}

// live answers /api/live: server-sent events, each with the documents since the one before, the oldest first.
func (p *page) live(w http.ResponseWriter, r *http.Request) {
	q, err := parseQuery(r)
	if err != nil {
		var m *mistake
		if errors.As(err, &m) {
			write(w, m.status, failure{m.msg, m.offset})
			return
		}
		refuse(w, http.StatusBadRequest, err.Error())
		return
	}
	viewer, err := p.Agent.Live().Watch()
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, err.Error())
		return
	}
	defer viewer.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Accel-Buffering", "no")
	_, _ = w.Write([]byte("retry: 2000\n\n")) // the first flush finds out whether somebody is there
	flush := http.NewResponseController(w)
	matcher, beats, silent := query.NewMatcher(q), time.NewTicker(beat), 0
	defer beats.Stop()
	for err := flush.Flush(); err == nil; err = flush.Flush() {
		select {
		case <-r.Context().Done():
			return
		case <-beats.C:
		}
		now := gather(viewer, matcher)
		if len(now.Hits) == 0 && now.Missed == 0 {
			if silent++; silent%quiet == 0 {
				_, _ = w.Write([]byte(":\n\n"))
			}
			continue
		}
		silent = 0
		text, _ := json.Marshal(now) // of texts and numbers
		_, _ = w.Write(append(append([]byte("data: "), text...), "\n\n"...))
	}
}

// gather takes what there is for a viewer.
func gather(viewer *live.Viewer, matcher *query.Matcher) told {
	now := told{Hits: []hit{}, Missed: viewer.Missed()}
	for {
		d, ok := viewer.Take()
		switch {
		case !ok:
			return now
		case !matcher.Match(d.JSON):
		case len(now.Hits) == perBeat:
			now.Missed++
		default:
			now.Hits = append(now.Hits, apart(d.ID, 0, d.JSON))
		}
	}
}
