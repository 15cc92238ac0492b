package parse

import (
	"github.com/tailspan/tailspan/pkg/event"
)

var kvKinds = []kind{{name: "kv", make: newKVFormat, keys: []string{"kv"}}}

// kvFormat finds keys and values in a line as Logstash's kv filter does with the same options. Values are text. What
// belongs to no pair is no error, but a line that has such text is kept in the message.
//
// Logstash's expression is `KEY ( *[V] *)(ENCLOSED|[^F]+)?(?:[F]|$)`, tried at one place of the line after the other, with
// V and F the sets of splitting characters, none of which counts behind a backslash. It never fails behind the V, so that
// one pass does: a KEY that no V follows is skipped up to the next F. Against Logstash, where F is no blank, the blanks
// around keys and values are no part of them in lenient mode.
type kvFormat struct {
	splits   kvSplits
	lenient  bool
	enclosed [len(kvOpening)]kvEnclosure
	repeats  repeats
}

func (f *kvFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	first, left := len(ev.Fields), false
	f.repeats.begin(ev.Fields)
	f.enclosed = [len(kvOpening)]kvEnclosure{}
	for i := 0; i < len(line); {
		end, split := f.key(line, i)
		if end == i { // a splitting character, which begins no key
			_, width := f.splits.at(line, i)
			i += width
			continue
		}
		if split < 0 {
			left, i = true, end
			continue
		}
		value, next := f.value(line, split)
		ev.Add(p.nameOf("", f.trim(line[i:end])), value, event.Text)
		f.repeats.note(ev.Fields)
		if i = next; i < len(line) {
			if _, width := f.splits.at(line, i); width > 0 {
				i += width
			}
		}
	}
	if len(ev.Fields) == first {
		p.fault = append(p.fault[:0], "kv: no key with a value"...)
		return false
	}
	f.repeats.join(p, ev)
	if left {
		keepWhole(ev, found)
	}
	found.chosen = true
	return true
}

// keepWhole keeps a line of which only a part went into fields.
func keepWhole(ev *event.Event, found *resolution) {
	whole := event.Value{Bytes: ev.Line, Kind: event.Text, Set: true}
	found.free = ev.Line
	switch {
	case event.Lookup(ev.Fields, nameMessage) < 0:
		ev.Message = whole
	case !ev.Original.Set:
		ev.Original = whole
	}
}

// key returns where the key that begins at i ends, and where its value begins; split is -1 when it has none.
func (f *kvFormat) key(line []byte, i int) (end, split int) {
	start, escaped := i, -1 // the last splitting character behind a backslash
	for i = f.splits.skipPlain(line, i); i < len(line); i = f.splits.skipPlain(line, i) {
		kind, width := f.splits.at(line, i)
		if kind != 0 {
			break
		}
		if line[i] == '\\' && i+1 < len(line) && line[i+1] != '\n' {
			i++
			kind, width = f.splits.at(line, i)
			if kind&kvValueSplit != 0 {
				escaped = i
			}
		}
		i += max(width, 1)
	}
	if i == start {
		return i, -1
	}
	if split = f.split(line, i); split < 0 && escaped > start {
		// Nothing else follows the key, so the backslash belongs to it and is none before a splitting character.
		return escaped, f.split(line, escaped)
	}
	return i, split
}

// split returns the index behind what splits key and value at i, or -1.
func (f *kvFormat) split(line []byte, i int) int {
	j := i
	if f.lenient {
		j = skipSpaces(line, i)
	}
	if kind, width := f.splits.at(line, j); kind&kvValueSplit != 0 {
		j += width
	} else if j == i || f.splits.class[' ']&kvValueSplit == 0 {
		return -1
	}
	if f.lenient {
		j = skipSpaces(line, j)
	}
	return j
}

// value returns the value that begins at i, and where it ends: at a splitting character, or where the line ends.
func (f *kvFormat) value(line []byte, i int) (value []byte, next int) {
	if value, next, ok := f.enclosure(line, i); ok {
		return value, next
	}
	start := i
	for i = f.splits.skipPlain(line, i); i < len(line); i = f.splits.skipPlain(line, i) {
		kind, width := f.splits.at(line, i)
		if kind&kvFieldSplit != 0 {
			break
		}
		if line[i] == '\\' && i+1 < len(line) && line[i+1] != '\n' {
			i++
			_, width = f.splits.at(line, i)
		}
		i += max(width, 1)
	}
	return f.trim(line[start:i]), i
}

// trim takes blanks off where they do not split.
func (f *kvFormat) trim(text []byte) []byte {
	if !f.lenient || f.splits.class[' '] != 0 {
		return text
	}
	for len(text) > 0 && text[0] == ' ' {
		text = text[1:]
	}
	for len(text) > 0 && text[len(text)-1] == ' ' {
		text = text[:len(text)-1]
	}
	return text
}

func skipSpaces(line []byte, i int) int {
	for i < len(line) && line[i] == ' ' {
		i++
	}
	return i
}
