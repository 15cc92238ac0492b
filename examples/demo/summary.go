package main

import (
	"cmp"
	"slices"
	"time"
)

// summary gathers documents.
type summary struct {
	documents []*document
	seen      map[string]bool // path and offset
	twice     int
}

func (s *summary) add(d *document) {
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	if key := d.path + "\x00" + d.offset; s.seen[key] {
		s.twice++
	} else {
		s.seen[key] = true
	}
	s.documents = append(s.documents, d)
}

// serviceRow is one row of the summary.
type serviceRow struct {
	service       string
	lines, errors int
	p50, p95, max time.Duration // 0: no line has a duration
}

// rows sums up each service, in the order of names; services that are not among them follow.
func (s *summary) rows(names []string) []serviceRow {
	names = slices.Clone(names)
	lines := map[string][]*document{}
	for _, d := range s.documents {
		if !slices.Contains(names, d.service) {
			names = append(names, d.service)
		}
		lines[d.service] = append(lines[d.service], d)
	}
	rows := make([]serviceRow, len(names))
	for i, name := range names {
		rows[i] = rowOf(name, lines[name])
	}
	return rows
}

func rowOf(service string, documents []*document) serviceRow {
	row := serviceRow{service: service, lines: len(documents)}
	var durations []time.Duration
	for _, d := range documents {
		if d.failed {
			row.errors++
		}
		if d.timed {
			durations = append(durations, d.duration)
		}
	}
	slices.Sort(durations)
	row.p50, row.p95, row.max = percentile(durations, 50), percentile(durations, 95), percentile(durations, 100)
	return row
}

// percentile returns the smallest of the sorted values that at least p percent of them do not exceed; 0 when there are none.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	rank := (len(sorted)*p + 99) / 100 // rounded up, from 1
	return sorted[max(rank, 1)-1]
}

// slowest returns the lines of the trace with the longest duration in it, in the order in which what they tell of began;
// of those that began together the longest is first, since it called the others. Nil when no line has both an id and a
// duration.
func (s *summary) slowest() []*document {
	var worst *document
	for _, d := range s.documents {
		if d.trace != "" && d.timed && (worst == nil || d.duration > worst.duration) {
			worst = d
		}
	}
	if worst == nil {
		return nil
	}
	var lines []*document
	for _, d := range s.documents {
		if d.trace == worst.trace {
			lines = append(lines, d)
		}
	}
	slices.SortStableFunc(lines, func(a, b *document) int {
		return cmp.Or(a.start().Compare(b.start()), cmp.Compare(b.duration, a.duration))
	})
	return lines
}
