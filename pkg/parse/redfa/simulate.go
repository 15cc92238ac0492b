package redfa

// simulation runs a program without building states: Pike's, one step of the program for each rune. It is slower than
// the tagged DFA but needs no more memory than the program, whatever the input.
type simulation struct {
	step     *stepper
	from, to kernel
}

// run continues from the threads in m.from at position p until none is left, and reports whether there was a match;
// caps then holds its groups.
func (m *simulation) run(in []byte, p int, caps []int) bool {
	matched := false
	prog := m.step.p
	for {
		symbol, n := prog.symbols-1, 0
		if p < len(in) {
			symbol, n = prog.next(in, p)
		}
		if m.step.step(&m.from, &m.to, symbol, int32(p)) {
			matched = true
			for i, v := range m.step.accept {
				caps[i] = int(v)
			}
			caps[1] = p
		}
		if n == 0 || len(m.to.pcs) == 0 && !m.to.search {
			return matched
		}
		m.from, m.to = m.to, m.from
		p += n
	}
}
