package local

import (
	"strconv"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
)

// maxWords is how many bytes of words of one document are in the index. A search looks at longer documents themselves.
const maxWords = 64 << 10

// row is a document as it is stored. It belongs to one goroutine and is used again.
type row struct {
	time  int64 // nanoseconds since 1970
	cells [columnCount]any
	odd   bool   // a column does not hold what the document has, or words are missing: only the document itself tells
	words []byte // of everything without a column, between spaces

	doc   query.Document
	split query.Words
	timed bool
}

// read takes a document apart.
func (r *row) read(document []byte) {
	r.cells, r.words, r.time, r.odd, r.timed = [columnCount]any{}, r.words[:0], 0, false, false
	if r.doc.Parse(document) != nil {
		r.odd = true
		return
	}
	leaves := r.doc.Leaves()
	for i := range leaves {
		l := &leaves[i]
		name := r.doc.Field(l)
		if place, ok := columnOf[string(name)]; ok {
			r.put(place, l)
		} else if string(name) == "@timestamp" {
			r.at(l)
		} else if string(name) != "event.original" { // which is not searched
			r.odd = r.odd || belowColumn(name)
			r.add(l)
		}
	}
	r.odd = r.odd || !r.timed || len(r.words) > maxWords
	if len(r.words) > maxWords {
		r.words = r.words[:0]
	}
}

// belowColumn reports whether a field is a member of one that has a column, which then is no plain value.
func belowColumn(name []byte) bool {
	for i, dots := 0, 0; i < len(name); i++ {
		if name[i] != '.' {
			continue
		}
		if dots++; dots > 1 {
			if _, ok := columnOf[string(name[:i])]; ok {
				return true
			}
		}
	}
	return false
}

// longestCell is what a column takes at most; longer text may be beyond what its field is searched for.
const longestCell = 1024

// put fills a column with a value, unless it is not of its type or not the only one.
func (r *row) put(place int, l *query.Leaf) {
	numeric := columns[place].numeric
	switch {
	case r.cells[place] != nil, numeric != (l.Type == fastjson.TypeNumber), !numeric && (l.Type != fastjson.TypeString || len(l.Text) > longestCell):
		r.odd = true
	case numeric:
		n, err := strconv.ParseInt(string(l.Text), 10, 64)
		if err != nil {
			r.odd = true
			return
		}
		r.cells[place] = n
	default:
		r.cells[place] = string(l.Text)
	}
}

// at takes the time over.
func (r *row) at(l *query.Leaf) {
	t, ok := event.ParseTime(string(l.Text))
	if !ok || r.timed {
		r.odd = true
		return
	}
	r.time, r.timed = t.UnixNano(), true
}

// add appends the words of a value to the index.
func (r *row) add(l *query.Leaf) {
	switch {
	case len(r.words) > maxWords:
	case l.Type == fastjson.TypeNumber:
		r.words = append(query.AppendNumber(r.words, l.Text), ' ')
	case l.Type == fastjson.TypeString:
		r.split.Reset(l.Text)
		for word := r.split.Next(); word != nil; word = r.split.Next() {
			r.words = append(append(r.words, word...), ' ')
		}
	}
}
