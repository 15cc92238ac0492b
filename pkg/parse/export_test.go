package parse

import "math"

// RaceEnabled says that the race detector watches, and takes its time.
const RaceEnabled = raceEnabled

// WithoutShapes makes p read every JSON line member by member.
func (p *Parser) WithoutShapes() {
	for _, f := range p.chain {
		f, ok := f.(*jsonFormat)
		if !ok {
			panic("not a chain of JSON formats")
		}
		f.whole.pause, f.parts.pause = math.MaxInt, math.MaxInt
	}
}
