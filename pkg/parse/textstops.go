package parse

// textStops tell where textWalk has to look in a text, by one pass over it 64 bytes at a time: there are few such places, and
// the walk goes from one to the next. The zero value is ready for use. They belong to one goroutine.
type textStops struct {
	words []uint64
}

const (
	stopBlock = 64      // bytes that are looked at together
	maxStops  = 1 << 13 // the size of words, for texts of 512 KiB, from which they are not kept for the next text
)

// find sets bit i%64 of word i/64 where byte i of text isStop, or beginsValue behind a blank. The words are valid until the
// next call.
func (s *textStops) find(text []byte) []uint64 {
	blocks := (len(text) + stopBlock - 1) / stopBlock
	if blocks > len(s.words) || len(s.words) > maxStops {
		s.words = make([]uint64, max(blocks, stopBlock))
	}
	words := s.words[:blocks]
	if len(text) < stopBlock {
		var short [stopBlock]byte
		copy(short[:], text)
		stopBlocks(words, short[:])
	} else if stopBlocks(words, text); len(text)%stopBlock > 0 {
		words[blocks-1] >>= stopBlock - len(text)%stopBlock
	}
	return words
}

// stopWords is stopBlocks for any processor.
func stopWords(words []uint64, text []byte) {
	before := uint8(0)
	for k := range words {
		at := k * stopBlock
		if last := len(text) - stopBlock; at > last {
			at, before = last, textClass[text[last-1]]
		}
		stops := uint64(0)
		for i, c := range text[at : at+stopBlock] {
			class := textClass[c]
			if class&isStop != 0 || class&beginsValue != 0 && before&isGap != 0 {
				stops |= 1 << i
			}
			before = class
		}
		words[k] = stops
	}
}

// What a byte may be in a text.
const (
	isStop      = 1 << iota // behind a name, or the first of a report
	isGap                   // a blank before a value
	beginsValue             // a digit or the P of ISO 8601
	endsName                // what may end a name that means something, or stand between it and what isStop
)

// textClass has the bits of each byte.
var textClass = func() (class [256]uint8) {
	for _, c := range []byte("=:RS") {
		class[c] |= isStop
	}
	for _, c := range []byte(" \t") {
		class[c] |= isGap
	}
	for _, c := range []byte("0123456789P") {
		class[c] |= beginsValue
	}
	for i := range class {
		if c := byte(i); mayEndTraceKey(c) || mayEndDuration(c) || skipsBehindName(c) {
			class[i] |= endsName
		}
	}
	return class
}()
