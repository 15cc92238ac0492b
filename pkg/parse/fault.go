package parse

import "strconv"

// failAt notes why the line is not of the format, and where, and is false.
func (p *Parser) failAt(format, reason string, at int) bool {
	p.fault = append(p.fault[:0], format...)
	p.fault = append(p.fault, ": "...)
	p.fault = append(p.fault, reason...)
	p.fault = append(p.fault, " at byte "...)
	p.fault = strconv.AppendInt(p.fault, int64(at), 10)
	return false
}
