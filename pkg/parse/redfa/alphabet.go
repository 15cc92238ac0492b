package redfa

import (
	"slices"
	"unicode"
	"unicode/utf8"
)

// alphabet divides the runes into classes that no set of an expression tells apart. The engines beyond straight-line
// mode see classes only; one more symbol, end, stands for the end of the input.
type alphabet struct {
	ascii   [utf8.RuneSelf]uint16 // class of each rune below U+0080
	starts  []rune                // first rune of each interval from U+0080 on, ascending
	class   []uint16              // class of the interval
	n       int                   // number of classes
	in      []bool                // in[set*n+class]: whether the class belongs to the set
	samples []rune                // a rune of each class
}

// setTable numbers the distinct sets of an expression.
type setTable struct {
	sets  []runeSet
	index map[string]int
}

func (t *setTable) add(s runeSet) int {
	bytes := make([]byte, 0, 3*len(s))
	for _, r := range s {
		bytes = append(bytes, byte(r>>16), byte(r>>8), byte(r))
	}
	key := string(bytes)
	if i, ok := t.index[key]; ok {
		return i
	}
	if t.index == nil {
		t.index = map[string]int{}
	}
	t.sets = append(t.sets, s)
	t.index[key] = len(t.sets) - 1
	return len(t.sets) - 1
}

// newAlphabet computes the classes: the sets cut the runes into intervals, and intervals that belong to the same sets
// are one class.
func newAlphabet(sets []runeSet) *alphabet {
	a := &alphabet{}
	bounds := []rune{0, utf8.RuneSelf}
	for _, s := range sets {
		for i := 0; i < len(s); i += 2 {
			bounds = append(bounds, s[i], s[i+1]+1)
		}
	}
	slices.Sort(bounds)
	bounds = slices.Compact(bounds)
	classes := map[string]uint16{}
	var members []string
	for i, lo := range bounds {
		if lo > unicode.MaxRune {
			break
		}
		signature := make([]byte, len(sets))
		for k, s := range sets {
			if s.has(lo) {
				signature[k] = 1
			}
		}
		c, ok := classes[string(signature)]
		if !ok {
			c = uint16(len(members))
			classes[string(signature)] = c
			members = append(members, string(signature))
			a.samples = append(a.samples, lo)
		}
		if lo >= utf8.RuneSelf {
			a.starts, a.class = append(a.starts, lo), append(a.class, c)
			continue
		}
		for r := lo; r < utf8.RuneSelf && (i+1 == len(bounds) || r < bounds[i+1]); r++ {
			a.ascii[r] = c
		}
	}
	a.n = len(members)
	a.in = make([]bool, len(sets)*a.n)
	for c, m := range members {
		for k := range sets {
			a.in[k*a.n+c] = m[k] == 1
		}
	}
	return a
}

// of returns the class of a rune.
func (a *alphabet) of(r rune) int {
	if r < utf8.RuneSelf {
		return int(a.ascii[r])
	}
	if len(a.starts) == 1 {
		return int(a.class[0])
	}
	i, ok := slices.BinarySearch(a.starts, r)
	if !ok {
		i--
	}
	return int(a.class[i])
}

// next returns the class of the rune at p and its length.
func (a *alphabet) next(in []byte, p int) (class, n int) {
	if c := in[p]; c < utf8.RuneSelf {
		return int(a.ascii[c]), 1
	}
	r, n := utf8.DecodeRune(in[p:])
	return a.of(r), n
}
