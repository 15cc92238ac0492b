package parse

import (
	"bytes"

	"github.com/cespare/xxhash/v2"

	"github.com/tailspan/tailspan/pkg/event"
)

// untangler removes fields given twice, once dotted and once nested, as in {"a.b":1,"a":{"b":2}}: a field may be given
// one way only, and as of a name given twice the last one stays.
type untangler struct {
	leaves        map[uint64]int32 // hash of a full name → its field
	path, another []byte
}

func (u *untangler) untangle(ev *event.Event) {
	if u.leaves == nil || len(u.leaves) > maxMemo {
		u.leaves = map[uint64]int32{} // a map never shrinks
	}
	clear(u.leaves)
	for i := int32(0); i < int32(len(ev.Fields)); i++ {
		switch f := &ev.Fields[i]; {
		case f.Removed:
			i = f.End - 1
		case f.Kind != event.Object:
			u.leaf(ev, i)
		}
	}
}

// leaf notes field i, and removes the one before it that has the same full name.
func (u *untangler) leaf(ev *event.Event, i int32) {
	u.path = event.AppendPath(u.path[:0], ev.Fields, i)
	key := xxhash.Sum64(u.path)
	if twin, ok := u.leaves[key]; ok {
		u.another = event.AppendPath(u.another[:0], ev.Fields, twin)
		if bytes.Equal(u.path, u.another) {
			ev.Remove(int(twin))
		}
	}
	u.leaves[key] = i
}
