// Package event is the leaf that everything else speaks: what flows from a log file to an output, and who owns it.
//
// A Batch is one arena of bytes read from one file; it has one owner at a time and is handed on with the channel it
// is sent through. An Event is a reusable view of one line of that arena. An Ack is a small value that outlives
// both and tells the checkpoint how far a file has been delivered.
package event

// Kind says how the bytes of a value are to be read.
type Kind uint8

const (
	Text   Kind = iota // plain valid UTF-8 text; escaped and quoted when it is encoded
	JSON               // one complete, valid JSON value, copied as it stands
	Object             // as JSON; its members follow in Event.Fields up to Field.End
)

// Value is a piece of a line together with how to read it. The zero Value is absent.
type Value struct {
	Bytes []byte
	Kind  Kind
	Set   bool
}

// Field is one member of a document.
//
// Fields of a JSON line form a tree in document order: the members of an Object stand right behind it, up to its End.
// Fields of every other format are flat.
type Field struct {
	Name    []byte // what stands between the quotes of a JSON key: already escaped, never empty
	Value   []byte
	Kind    Kind
	Removed bool  // not encoded; a removed Object takes its members along
	Changed bool  // an Object that has a removed member, so that its Value cannot be copied as it stands
	Apart   bool  // in the line something stands before it that is no field, so that it cannot be copied together with the one before
	Parent  int32 // index of the Object it is a member of; -1 at the top
	End     int32 // index behind its last descendant; its own index + 1 unless it is an Object
	From    int32 // where `"name":value` stands in Event.Line: [From,To); To is 0 for what is not in the line
	To      int32
}

// Known is a set of names that tailspan adds to every document unless the line has them already.
type Known uint16

const (
	HasPath       Known = 1 << iota // log.file.path
	HasOffset                       // log.offset
	HasDataset                      // event.dataset
	HasHost                         // host.name
	HasECSVersion                   // ecs.version
	HasService                      // service.name
)

// Event is a view of one line, owned by one worker and used again for the next line. All bytes it refers to are valid
// until the parser's next Parse or the release of the Batch the line came from, whichever is first.
type Event struct {
	Raw    []byte // the line as it stands in the file, without its newline; hashed into _id
	Line   []byte // the valid UTF-8 that Fields refer to: Raw, or what became of it
	Offset int64  // of the first byte of Raw in its file
	Cut    bool   // the line was longer than the limit and lost its end

	Time        Time
	Message     Value
	Level       []byte // lower case; nil when unknown
	Service     Value
	TraceID     []byte // 32 lower-case hexadecimal digits, or nil
	SpanID      []byte // 16, or nil
	ParentID    []byte // 16, or nil
	Duration    int64  // nanoseconds; only when HasDuration
	HasDuration bool
	Fields      []Field
	Known       Known
	Failure     []byte    // why the line could not be parsed, for error.message; nil when it could
	Original    Value     // event.original
	Facts       *Facts    // of the file that the line is from; nil for none
	Template    *Template // of the message; nil when nobody asks for it, or it has none
	Dropped     bool      // by a rule of the user's: it has no document
	Route       int       // 1 + which of its pipeline's routes its document takes; 0 is where the pipeline's documents go
}

// Reset forgets the line but keeps the memory.
func (e *Event) Reset() {
	*e = Event{Fields: e.Fields[:0]}
}

// Add appends a flat field at the top of the document.
func (e *Event) Add(name, value []byte, kind Kind) {
	f := e.Append()
	f.Name, f.Value, f.Kind, f.Parent, f.End, f.From, f.To = name, value, kind, -1, int32(len(e.Fields)), 0, 0
}

// Append appends a field, of which only Removed, Changed and Apart are cleared: whoever makes it sets all else. It is valid until
// the next one is appended.
func (e *Event) Append() *Field {
	n := len(e.Fields)
	if n == cap(e.Fields) {
		e.Fields = append(e.Fields, Field{})
	} else {
		e.Fields = e.Fields[:n+1]
	}
	f := &e.Fields[n]
	f.Removed, f.Changed, f.Apart = false, false, false
	return f
}

// Remove takes field i out of the document and tells the objects around it that they changed.
func (e *Event) Remove(i int) {
	e.Fields[i].Removed = true
	e.changed(e.Fields[i].Parent)
}
