package redfa

import "slices"

// op copies n registers from src on, as they were before, to those from dst on; or the position (src is here) to dst.
type op struct{ dst, src, n int32 }

// accept is where a match has its groups.
type accept struct {
	slots []int32 // registers, here or none
	reads []bool  // by register: a slot has its value there; shorter when it is none of the last ones
}

func newAccept(slots []int32) accept {
	a := accept{slots: slices.Clone(slots)}
	for _, v := range slots {
		for v >= int32(len(a.reads)) {
			a.reads = append(a.reads, false)
		}
		if v >= 0 {
			a.reads[v] = true
		}
	}
	return a
}

// moves writes to d.ops what brings each value from its source to its register: moves in an order in which no value is
// overwritten before it is read, then the position.
func (d *tdfa) moves(regs []int32) {
	var pending []op
	d.ops = d.ops[:0]
	for i, src := range d.sources {
		if src != regs[i] && src != here {
			pending = append(pending, op{regs[i], src, 1})
		}
	}
	for len(pending) > 0 {
		i := slices.IndexFunc(pending, func(o op) bool {
			return !slices.ContainsFunc(pending, func(p op) bool { return p.src == o.dst })
		})
		if i < 0 { // a cycle: the value of its first source waits in the scratch register
			d.ops = append(d.ops, op{scratchRegister, pending[0].src, 1})
			pending[0].src = scratchRegister
			continue
		}
		d.ops = append(d.ops, pending[i])
		pending = slices.Delete(pending, i, i+1)
	}
	for i, src := range d.sources {
		if src == here {
			d.ops = append(d.ops, op{regs[i], here, 1})
		}
	}
}

// joined returns the operations with neighbours in one: threads that began one after another, as where a count of runes
// is searched for, hand their registers down at every rune.
func joined(ops []op) []op {
	var out []op
	for _, o := range ops {
		if last := len(out) - 1; last >= 0 && o.src >= 0 {
			if b := &out[last]; b.src >= 0 && b.dst < b.src && o.dst == b.dst+b.n && o.src == b.src+b.n {
				b.n++
				continue
			}
		}
		out = append(out, o)
	}
	return slices.Clip(out)
}

// reads reports whether the match has the position of a group in the register.
func (d *tdfa) reads(accept, register int32) bool {
	reads := d.accepts[accept].reads
	return int(register) < len(reads) && reads[register]
}

// overwrites reports whether the operations change a register that the match reads.
func (d *tdfa) overwrites(ops []op, accept int32) bool {
	for _, o := range ops {
		for dst := o.dst; dst < o.dst+o.n; dst++ {
			if d.reads(accept, dst) {
				return true
			}
		}
	}
	return false
}

// apply runs the operations of a transition at position p.
func (d *tdfa) apply(ops []op, p int32) {
	regs := d.regs
	for _, o := range ops {
		switch {
		case o.src == here:
			regs[o.dst] = p
		case o.n == 1:
			regs[o.dst] = regs[o.src]
		default:
			copy(regs[o.dst:o.dst+o.n], regs[o.src:o.src+o.n])
		}
	}
}
