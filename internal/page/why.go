package page

import (
	"net/http"
	"time"

	"github.com/tailspan/tailspan/internal/cause"
	"github.com/tailspan/tailspan/internal/search"
)

// maxWindow bounds how long before and behind a time is looked at.
const maxWindow = 31 * 24 * time.Hour

// why answers /api/why: what changed at a time, ranked.
func (p *page) why(r *http.Request) (any, error) {
	now := p.now()
	options := cause.Options{Window: cause.DefaultWindow, Service: r.FormValue("service")}
	var err error
	if options.At, err = instant(r, "at", now, now.Add(-cause.DefaultWindow)); err != nil {
		return nil, err
	}
	if text := r.FormValue("window"); text != "" {
		var ok bool
		if options.Window, ok = duration(text); !ok || options.Window < time.Second || options.Window > maxWindow {
			return nil, wrong("window must be a duration from 1s to 31d")
		}
	}
	study := cause.NewStudy(options)
	if err := p.ask(r.Context(), func(source search.Source) error { return study.Read(r.Context(), source) }); err != nil {
		return nil, err
	}
	report, err := study.Report()
	if err != nil {
		return nil, err
	}
	return report, nil
}
