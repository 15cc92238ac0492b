package query

import "strings"

// All matches every document: `*`. In a finished tree it stands only below a Not, or below an Or of values of a field.
type All struct{}

func (All) appendTo(b *strings.Builder) { b.WriteByte('*') }

// simplest flattens what is nested without need.
func (n And) simplest() Node {
	var flat And
	for _, part := range n {
		switch part := part.(type) {
		case And:
			flat = append(flat, part...)
		case All: // it takes nothing away
		default:
			flat = append(flat, part)
		}
	}
	switch len(flat) {
	case 0:
		return All{}
	case 1:
		return flat[0]
	}
	return flat
}

func (n Or) simplest() Node {
	var flat Or
	for _, part := range n {
		switch part := part.(type) {
		case Or:
			flat = append(flat, part...)
		case All:
			return part
		default:
			flat = append(flat, part)
		}
	}
	return flat
}
