package page

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
)

// mistake is what is wrong with a request, for the user to correct.
type mistake struct {
	status int
	msg    string
	offset int // in the query, in bytes; -1: it is about something else
}

func (m *mistake) Error() string { return m.msg }

func wrong(msg string) error { return &mistake{http.StatusBadRequest, msg, -1} }

// answering writes what a handler returns as JSON. An answer may come together with an error, which is then a warning beside it.
func (p *page) answering(answer func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		defer cancel()
		body, err := answer(r.WithContext(ctx))
		if err == nil || body != nil {
			write(w, http.StatusOK, body)
			return
		}
		var m *mistake
		switch {
		case errors.As(err, &m):
			write(w, m.status, failure{m.msg, m.offset})
		case errors.Is(err, context.DeadlineExceeded):
			refuse(w, http.StatusGatewayTimeout, "that takes longer than 30 s; choose a shorter range of time")
		default:
			refuse(w, http.StatusBadGateway, err.Error())
		}
	})
}

// failure is the body of every answer that is none.
type failure struct {
	Error  string `json:"error"`
	Offset int    `json:"offset"` // in the query, in bytes; -1: it is not about the query
}

func refuse(w http.ResponseWriter, status int, msg string) { write(w, status, failure{msg, -1}) }

func write(w http.ResponseWriter, status int, body any) {
	text, err := json.Marshal(body)
	if err != nil {
		status, text = http.StatusInternalServerError, []byte(`{"error":"the answer is no JSON","offset":-1}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(text) // who does not listen any more misses nothing
}

// ask calls do with the source, when it is its turn.
func (p *page) ask(ctx context.Context, do func(search.Source) error) error {
	source, err := p.Agent.Source()
	if err != nil {
		return &mistake{http.StatusNotFound, err.Error(), -1}
	}
	select {
	case p.busy <- struct{}{}:
		defer func() { <-p.busy }()
		return do(source)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// warning is the text of an error that came together with an answer.
func warning(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

const (
	defaultRange = 15 * time.Minute
	maxColumns   = 400
)

// selection reads q, from and to.
func (p *page) selection(r *http.Request) (s search.Selection, err error) {
	if s.Query, err = parseQuery(r); err != nil {
		return s, err
	}
	now := p.now()
	if s.From, err = instant(r, "from", now, now.Add(-defaultRange)); err != nil {
		return s, err
	}
	if s.To, err = instant(r, "to", now, now); err == nil && !s.From.Before(s.To) {
		err = wrong("from is not before to")
	}
	return s, err
}

func parseQuery(r *http.Request) (*query.Query, error) {
	q, err := query.Parse(r.FormValue("q"))
	var at *query.Error
	if errors.As(err, &at) {
		return nil, &mistake{http.StatusBadRequest, at.Msg, at.Offset}
	}
	return q, err
}

// instant reads a time: RFC 3339, now, or now-15m with a duration of Go or in days.
func instant(r *http.Request, name string, now, otherwise time.Time) (time.Time, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	if back, relative := strings.CutPrefix(text, "now"); relative {
		if back == "" {
			return now, nil
		}
		if length, ok := duration(strings.TrimPrefix(back, "-")); ok && back[0] == '-' {
			return now.Add(-length), nil
		}
	} else if t, ok := event.ParseTime(text); ok {
		return t, nil
	}
	return time.Time{}, wrong(name + " is no time; write 2026-11-22T12:00:00Z, now, or now-15m")
}

func duration(text string) (time.Duration, bool) {
	if days, ok := strings.CutSuffix(text, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err == nil
	}
	length, err := time.ParseDuration(text)
	return length, err == nil && length >= 0
}

// number reads a whole number within bounds.
func number(r *http.Request, name string, least, most, otherwise int) (int, error) {
	text := r.FormValue(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < least || n > most {
		return 0, wrong(name + " must be a number from " + strconv.Itoa(least) + " to " + strconv.Itoa(most))
	}
	return n, nil
}

// steps are the widths of columns that people can read.
var steps = []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 50 * time.Millisecond, 100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond,
	time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}

// step is the smallest one of which at most so many make up the range.
func step(s search.Selection, columns int) time.Duration {
	length := s.To.Sub(s.From)
	for _, step := range steps {
		if length <= step*time.Duration(columns) {
			return step
		}
	}
	return length/time.Duration(columns) + 1
}

// span is the range of time that an answer is about, in milliseconds since 1970.
type span struct {
	From int64 `json:"from"`
	To   int64 `json:"to"`
	Step int64 `json:"step,omitempty"`
}

func spanOf(s search.Selection, step time.Duration) span {
	return span{s.From.UnixMilli(), s.To.UnixMilli(), step.Milliseconds()}
}
