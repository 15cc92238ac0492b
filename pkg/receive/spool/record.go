package spool

import "bytes"

// AppendRecord appends a line as a record: where it came from, a blank, "-" or the letters of marks, a blank, the text, and a
// newline.
//
//	e  the text holds newlines, which are written \n, and \ is written \\
//	c  the text was longer than it may be and lost its end
//
// from must hold no blank and no newline; "-" is for unknown.
func AppendRecord(dst []byte, from string, text []byte, cut bool) []byte {
	if from == "" {
		from = "-"
	}
	dst = append(append(dst, from...), ' ')
	escaped := bytes.IndexByte(text, '\n') >= 0
	switch {
	case escaped && cut:
		dst = append(dst, "ec "...)
	case escaped:
		dst = append(dst, "e "...)
	case cut:
		dst = append(dst, "c "...)
	default:
		dst = append(dst, "- "...)
	}
	if !escaped {
		return append(append(dst, text...), '\n')
	}
	for _, c := range text {
		switch c {
		case '\n':
			dst = append(dst, `\n`...)
		case '\\':
			dst = append(dst, `\\`...)
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '\n')
}

// Overhead is by how much a record may be longer than its text is long, when that has no newlines; with them it may be twice
// as long.
const Overhead = 512

// Record is a line taken out of the spool.
type Record struct {
	From []byte // nil for unknown
	Text []byte
	Cut  bool
}

// Split takes a record, without its newline, apart. Its slices are those of line, or of spare, which is used again and
// returned grown: so they are valid until the next call with the same spare. What is no record is a text from nowhere.
func Split(line, spare []byte) (Record, []byte) {
	from, rest, ok := bytes.Cut(line, blank)
	marks, text, is := bytes.Cut(rest, blank)
	if !ok || !is || len(marks) == 0 || len(marks) > 2 {
		return Record{Text: line}, spare
	}
	r := Record{From: from, Text: text}
	if string(from) == "-" {
		r.From = nil
	}
	for _, m := range marks {
		switch m {
		case 'c':
			r.Cut = true
		case 'e':
			spare = appendUnescaped(spare[:0], text)
			r.Text = spare
		case '-':
		default:
			return Record{Text: line}, spare
		}
	}
	return r, spare
}

var blank = []byte{' '}

func appendUnescaped(dst, text []byte) []byte {
	for len(text) > 0 {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 == len(text) {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		if c := text[i+1]; c == 'n' {
			dst = append(dst, '\n')
		} else {
			dst = append(dst, c)
		}
		text = text[i+2:]
	}
	return dst
}
