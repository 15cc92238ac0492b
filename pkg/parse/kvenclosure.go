package parse

import "strings"

// What may enclose a value, and what closes it.
const (
	kvOpening = `"'([<`
	kvClosing = `"')]>`
)

// kvEnclosure remembers what was found when the end of an enclosed value was looked for, so that a line with very many
// opening brackets and no closing one is not looked through again for each of them.
type kvEnclosure struct {
	from, to int  // between them stands no closing character, except behind backslashes; to may be len(line)
	ends     bool // a value may end behind the one at to
	escaped  int  // the last one before to that stands behind a backslash and a value may end behind it; 0 for none
}

// enclosure reads the value that begins at i when it is enclosed and nothing but a splitting character follows.
func (f *kvFormat) enclosure(line []byte, i int) (value []byte, next int, ok bool) {
	if i == len(line) {
		return nil, i, false
	}
	kind := strings.IndexByte(kvOpening, line[i])
	if kind < 0 {
		return nil, i, false
	}
	e := &f.enclosed[kind]
	if i < e.from || i >= e.to {
		f.look(line, i, kind)
	}
	switch {
	case e.ends:
		next = e.to
	case e.escaped > i:
		next = e.escaped
	default:
		return nil, i, false
	}
	value = line[i+1 : next]
	next, _ = f.ends(line, next+1)
	return value, next, true
}

// look finds the end of a value that is opened at i.
func (f *kvFormat) look(line []byte, i, kind int) {
	e := kvEnclosure{from: i, to: len(line)}
	for j := i + 1; j < len(line); j++ {
		c := line[j]
		if c == '\\' && j+1 < len(line) && line[j+1] != '\n' {
			j++
			if line[j] == kvClosing[kind] {
				if _, ok := f.ends(line, j+1); ok {
					e.escaped = j
				}
			}
			continue
		}
		if c == kvClosing[kind] {
			e.to = j
			_, e.ends = f.ends(line, j+1)
			break
		}
	}
	f.enclosed[kind] = e
}

// ends reports whether a value may end before i, and where the splitting character stands.
func (f *kvFormat) ends(line []byte, i int) (next int, ok bool) {
	if next = i; f.lenient {
		next = skipSpaces(line, i)
	}
	if next == len(line) || line[next] == '\n' {
		return next, true
	}
	if kind, _ := f.splits.at(line, i); kind&kvFieldSplit != 0 {
		return i, true
	}
	kind, _ := f.splits.at(line, next)
	return next, kind&kvFieldSplit != 0
}
