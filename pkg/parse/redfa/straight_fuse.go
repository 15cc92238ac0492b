package redfa

// fuse makes runs of pieces of the instructions of which they consist. A run ends where paths join, so that no instruction is in two of
// them and none is entered in its midst.
func (s *straight) fuse() {
	entries := s.entries()
	for pc := range s.code {
		if entries[pc] {
			f := fuser{code: s.code, entries: entries, first: int32(pc), pc: int32(pc)}
			f.fuse()
		}
	}
}

// entries tells where runs may begin: where more than one path comes from, or one that is no run.
func (s *straight) entries() []bool {
	entries, seen := make([]bool, len(s.code)), make([]bool, len(s.code))
	come := func(to int32, run bool) {
		entries[to] = entries[to] || seen[to] || !run
		seen[to] = true
	}
	come(s.start, false)
	for pc := range s.code {
		i := &s.code[pc]
		if i.op == opBranch {
			come(i.alt, false)
		}
		come(i.next, i.op == opCapture || i.isText() || i.isPieceSet())
	}
	return entries
}

func (i *instr) isText() bool { return i.op == opByte || i.op == opLiteral }

// isPieceSet reports what can be the set of a piece: what is found byte by byte.
func (i *instr) isPieceSet() bool {
	switch i.op {
	case opScan, opScanTo:
		return true
	case opSet:
		return i.beyond == noneBeyond
	case opCount:
		return i.beyond == noneBeyond && max(i.min, i.max) <= maxPieceSet
	}
	return false
}

// fuser makes a run of the instructions from first on.
type fuser struct {
	code    []instr
	entries []bool
	first   int32
	pc      int32  // of the next instruction
	text    []byte // what is left of the last one
	taken   int    // instructions
	run     []piece
}

// fuse puts a run in the place of its first instruction, if it saves some.
func (f *fuser) fuse() {
	for f.at() != nil || len(f.text) > 0 {
		e := f.piece()
		e.index = len(f.run)
		f.run = append(f.run, e)
	}
	if f.taken < 3 {
		return
	}
	f.run = append(f.run, piece{kind: pieceEnd, index: len(f.run)})
	i := &f.code[f.first]
	i.op, i.run, i.next = opRun, f.run, f.pc
}

// at returns the next instruction if it may be part of the run.
func (f *fuser) at() *instr {
	if f.pc != f.first && f.entries[f.pc] {
		return nil
	}
	if i := &f.code[f.pc]; i.op == opCapture || i.isText() || i.isPieceSet() {
		return i
	}
	return nil
}

func (f *fuser) take() {
	f.pc = f.code[f.pc].next
	f.taken++
}

// piece takes the instructions of one piece.
func (f *fuser) piece() piece {
	e := piece{kind: pieceSet, from: noFrom, to: noTo}
	e.setTable(new([256]bool))
	if len(f.text) == 0 {
		f.position(&e.from)
		f.set(&e)
		f.position(&e.to)
		f.nextText()
	}
	n := min(len(f.text), maxPieceText)
	e.setText(f.text[:n])
	f.text = f.text[n:]
	return e
}

// position takes a position that is asked for.
func (f *fuser) position(n *int) {
	if i := f.at(); i != nil && i.op == opCapture {
		*n = int(i.n)
		f.take()
	}
}

// set takes a set.
func (f *fuser) set(e *piece) {
	i := f.at()
	if i == nil || !i.isPieceSet() {
		return
	}
	switch e.setTable(i.table); i.op {
	case opScanTo:
		e.kind, e.until = pieceUntil, i.c
	case opSet:
		e.setCount(1, 1)
	case opScan:
		e.setCount(int(i.min), -1)
	case opCount:
		e.setCount(int(i.min), int(i.max))
	}
	f.take()
}

// nextText takes a text.
func (f *fuser) nextText() {
	i := f.at()
	switch {
	case i == nil:
		return
	case i.op == opByte:
		f.text = []byte{i.c}
	case i.op == opLiteral:
		f.text = i.lit
	default:
		return
	}
	f.take()
}
