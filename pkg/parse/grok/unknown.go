package grok

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

const mostNear = 3 // names that an unknown one may have meant

// unknown says that a name has no definition, and which names are nearest.
func (d Definitions) unknown(name string) string {
	msg := fmt.Sprintf("there is no definition %s", name)
	if near := d.nearest(name); len(near) > 0 {
		msg += "; did you mean " + strings.Join(near, ", ") + "?"
	}
	return msg
}

// nearest are the names that differ from the name by a third of its letters at most, nearest first.
func (d Definitions) nearest(name string) []string {
	type candidate struct {
		name     string
		distance int
	}
	if len(name) > 100 {
		return nil
	}
	var near []candidate
	for other := range d {
		distance := levenshtein.Distance(strings.ToUpper(name), strings.ToUpper(other), nil)
		if distance <= max(1, len(name)/3) {
			near = append(near, candidate{other, distance})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		if a.distance != b.distance {
			return a.distance - b.distance
		}
		return strings.Compare(a.name, b.name)
	})
	var names []string
	for _, c := range near[:min(len(near), mostNear)] {
		names = append(names, c.name)
	}
	return names
}
