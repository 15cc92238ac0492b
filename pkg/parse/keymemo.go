package parse

// keyMemo remembers what names in free text mean, by a hash of theirs: a service writes the same few again and again. The
// zero value is ready for use.
type keyMemo struct {
	keys [128]keyMeaning
	rare keyMeaning // of a name too long to be remembered
}

// keyMeaning is what a name before a value says about it.
type keyMeaning struct {
	name     [24]byte
	size     uint8
	trace    traceRole
	unit     durationUnit // of a bare number
	duration bool
}

// of tells the meaning of name; valid until the next call.
func (m *keyMemo) of(name []byte) *keyMeaning {
	if len(name) < 2 || len(name) > len(m.rare.name) {
		m.rare.learn(name)
		return &m.rare
	}
	key := &m.keys[(uint(len(name))*31^uint(name[0])*7^uint(name[len(name)-1])*3^uint(name[len(name)/2]))%uint(len(m.keys))]
	if string(key.name[:key.size]) != string(name) {
		key.size = uint8(copy(key.name[:], name))
		key.learn(name)
	}
	return key
}

func (k *keyMeaning) learn(name []byte) {
	k.trace = traceKey(name)
	k.unit, k.duration = impliedUnit(name)
}
