package tail

import (
	"cmp"
	"maps"
	"slices"
)

// sought is a record whose content is looked for.
type sought struct {
	record
	known *record // the one in the store
	stays bool    // what it is about is still there; else it is dropped when its copy goes on
}

// telling reports whether there is something to know the content by.
func (r *record) telling() bool { return r.Head.Len > 0 && r.Place.Len > 0 }

// contents knows which of the records that are looked for a file is a copy of: by what it begins with, of which records remember
// few different lengths, and then by what it has at the places reached. So however many are looked for, a file is opened once, and
// what is compressed is unpacked once.
type contents struct {
	left    int
	byHead  map[head][]*milestone // those of one beginning in the order of their positions: unpacking goes forward
	lengths []int                 // of the beginnings, the shortest first
	being   []*sought             // those that were being read just now, of which a copy may be that ends before
}

// milestone is a place that was reached, by any number of records.
type milestone struct {
	mark
	reachedBy []*sought
}

func newContents(all []*sought) *contents {
	c := &contents{byHead: map[head][]*milestone{}}
	type content struct {
		begins head
		has    mark
	}
	places := map[content]*milestone{}
	for _, s := range all {
		if !s.telling() {
			continue
		}
		c.left++
		if len(s.begins) > 0 {
			c.being = append(c.being, s)
		}
		p := places[content{s.Head, s.Place}]
		if p == nil {
			p = &milestone{mark: s.Place}
			places[content{s.Head, s.Place}] = p
			c.byHead[s.Head] = append(c.byHead[s.Head], p)
		}
		p.reachedBy = append(p.reachedBy, s)
	}
	lengths := map[int]bool{}
	for h, list := range c.byHead {
		lengths[h.Len] = true
		slices.SortFunc(list, func(a, b *milestone) int { return cmp.Compare(a.At, b.At) })
	}
	c.lengths = slices.Sorted(maps.Keys(lengths))
	return c
}

// heldBy returns the record whose content f has: of several the one of which most was read; nil when there is none.
func (c *contents) heldBy(f *file, state fileState) (held *sought) {
	begins, err := beginning(f, headSize)
	if err != nil {
		return nil
	}
	near := &nearby{f: f}
	for _, n := range c.lengths {
		if n > len(begins) {
			break
		}
		for _, p := range c.byHead[headOf(begins[:n])] {
			if f.zip == nil && p.At > state.Size {
				break
			}
			if s := p.of(near, state); s != nil && (held == nil || s.Offset > held.Offset) {
				held = s
			}
		}
	}
	if held != nil {
		return held
	}
	for _, s := range c.being {
		if !s.sameInode(state.identity) && s.cutShort(f, state) {
			s.Offset, s.source = state.Size, nil // all of it was read
			return s
		}
	}
	return nil
}

// of returns a record that has reached the place in what a file is a copy of.
func (p *milestone) of(near *nearby, state fileState) *sought {
	i := slices.IndexFunc(p.reachedBy, func(s *sought) bool {
		return !s.sameInode(state.identity) && (near.f.zip != nil || s.Offset <= state.Size)
	})
	if i < 0 {
		return nil
	}
	if same, err := p.matches(near); err != nil || !same { // what cannot be read is not the same
		return nil
	}
	return p.reachedBy[i]
}

// drop takes out what has been found.
func (c *contents) drop(found *sought) {
	c.left--
	is := func(s *sought) bool { return s == found }
	c.being = slices.DeleteFunc(c.being, is)
	for _, p := range c.byHead[found.Head] {
		p.reachedBy = slices.DeleteFunc(p.reachedBy, is)
	}
	c.byHead[found.Head] = slices.DeleteFunc(c.byHead[found.Head], func(p *milestone) bool { return len(p.reachedBy) == 0 })
}

// nearby reads a file a little ahead: thousands that begin alike may have been read to places close to each other, and all of those are
// compared with each of them.
type nearby struct {
	f   *file
	at  int64
	n   int
	buf [4 << 10]byte
}

// ReadAt implements io.ReaderAt.
func (r *nearby) ReadAt(b []byte, at int64) (int, error) {
	if at >= r.at && at+int64(len(b)) <= r.at+int64(r.n) {
		return copy(b, r.buf[at-r.at:]), nil
	}
	if r.f.zip != nil || len(b) > len(r.buf) {
		return r.f.ReadAt(b, at)
	}
	n, err := r.f.ReadAt(r.buf[:], at)
	r.at, r.n = at, n
	if copied := copy(b, r.buf[:n]); copied < len(b) {
		return copied, err
	}
	return len(b), nil
}
