package parse

// places remembers the name that stood at each place of the document last: a service writes the same names in the same
// order line after line, and comparing costs less than reading. That is a twentieth of what a line costs.
type places []place

type place struct {
	token []byte // the name with its quotes and colon
	dots  uint64 // nameBit of what is before the first dot; 0 without one
}

// maxMemo bounds what a line with very many fields leaves behind, and longestMemo what one with long names does.
const (
	maxMemo     = 1024
	longestMemo = 128
)

// same returns where the name that begins at i ends, colon included, if it is the one that stood at place n last; else 0.
func (p places) same(line []byte, i, n int) int {
	if n >= len(p) {
		return 0
	}
	token := p[n].token
	end := i + len(token)
	if len(token) == 0 || end > len(line) || string(line[i:end]) != string(token) {
		return 0
	}
	return end
}

// remember notes the name at place n, which stands in the line as it is spelled.
func (p *places) remember(n int, name []byte, dotted bool) {
	if n >= maxMemo || len(name) > longestMemo {
		return
	}
	for n >= len(*p) {
		*p = append(*p, place{})
	}
	at := &(*p)[n]
	at.token = append(append(append(at.token[:0], '"'), name...), '"', ':')
	if at.dots = 0; dotted {
		at.dots = nameBit(beforeDot(name))
	}
}
