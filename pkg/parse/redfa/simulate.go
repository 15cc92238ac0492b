package redfa

// simulation runs a program without building states: Pike's, one step of the program for each rune. It is slower than
// the tagged DFA but needs no more memory than the program, whatever the input.
type simulation struct {
	step     *stepper
	from, to kernel
}

// run continues from the threads in m.from at position p until none is left, and reports whether there was a match;
// caps then holds its groups. step.gaveUp tells that the answer is unknown.
func (m *simulation) run(in *input, p int, caps []int) bool {
	matched := false
	for {
		symbol, n := m.step.p.symbolAt(in, p)
		ended := m.step.step(&m.from, &m.to, symbol, int32(p))
		if m.step.gaveUp {
			return false
		}
		if ended {
			matched = true
			for i, v := range m.step.accept {
				caps[i] = int(v)
			}
			if caps[1] < 0 {
				caps[1] = p
			}
		}
		if n == 0 || m.to.empty() {
			return matched
		}
		m.from, m.to = m.to, m.from
		p += n
	}
}
