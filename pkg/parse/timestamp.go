package parse

import "github.com/tailspan/tailspan/pkg/event"

type timeParser struct{}

func newTimeParser(cfg Timestamp) (*timeParser, error) { return &timeParser{}, nil }

func (p *timeParser) parse(text []byte) (event.Time, bool) { return event.Time{}, false }

func (p *timeParser) find(line []byte) (t event.Time, start, end int, ok bool) {
	return event.Time{}, 0, 0, false
}
