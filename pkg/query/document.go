package query

import "github.com/valyala/fastjson"

// Document is a document taken apart into its values. It belongs to one goroutine; the zero value is ready.
type Document struct {
	parser fastjson.Parser
	text   []byte
	leaves []Leaf
	names  []byte // holds the names of all leaves
}

// Leaf is one value of a document that is no object, array or null.
type Leaf struct {
	from, to int    // of the name in names
	Text     []byte // a string without quotes and escapes; what JSON has of a number or boolean
	Type     fastjson.Type
}

// Parse takes a document apart. What it was before is not valid any more.
func (d *Document) Parse(document []byte) error {
	v, err := d.parser.ParseBytes(document)
	if err != nil {
		return err
	}
	d.leaves, d.names, d.text = d.leaves[:0], d.names[:0], d.text[:0]
	d.add(0, v, 0)
	return nil
}

// Leaves returns the values in the order of the document. They are valid until the next Parse.
func (d *Document) Leaves() []Leaf { return d.leaves }

// Field is the dotted name of a leaf's field, valid until the next Parse.
func (d *Document) Field(l *Leaf) []byte { return d.names[l.from:l.to] }

// maxObjects bounds how deep values are looked for; fastjson parses no deeper.
const maxObjects = 300

// add takes a value apart whose name is names[from:].
func (d *Document) add(from int, v *fastjson.Value, depth int) {
	if depth > maxObjects {
		return
	}
	to := len(d.names)
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, member *fastjson.Value) {
			start := len(d.names)
			d.names = append(d.names, d.names[from:to]...)
			if to > from {
				d.names = append(d.names, '.')
			}
			d.names = append(d.names, key...)
			d.add(start, member, depth+1)
		})
	case fastjson.TypeArray:
		for _, item := range v.GetArray() {
			d.names = append(d.names, d.names[from:to]...)
			d.add(len(d.names)-(to-from), item, depth+1)
		}
	case fastjson.TypeString:
		d.leaves = append(d.leaves, Leaf{from, to, v.GetStringBytes(), fastjson.TypeString})
	case fastjson.TypeNumber:
		at := len(d.text)
		d.text = v.MarshalTo(d.text)
		d.leaves = append(d.leaves, Leaf{from, to, d.text[at:len(d.text):len(d.text)], fastjson.TypeNumber})
	case fastjson.TypeTrue:
		d.leaves = append(d.leaves, Leaf{from, to, yes, fastjson.TypeTrue})
	case fastjson.TypeFalse:
		d.leaves = append(d.leaves, Leaf{from, to, no, fastjson.TypeFalse})
	}
}

var yes, no = []byte("true"), []byte("false")
