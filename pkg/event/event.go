// Package event is the leaf that everything else speaks: what flows from a log file to an output, and who owns it.
//
// A Batch is one arena of bytes read from one file; it has one owner at a time and is handed on with the channel it
// is sent through. An Event is a reusable view of one line of that arena. An Ack is a small value that outlives
// both and tells the checkpoint how far a file has been delivered.
package event

import "time"

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
	Failure     []byte // why the line could not be parsed, for error.message; nil when it could
	Original    Value  // event.original
}

// Reset forgets the line but keeps the memory.
func (e *Event) Reset() {
	*e = Event{Fields: e.Fields[:0]}
}

// Add appends a flat field at the top of the document.
func (e *Event) Add(name, value []byte, kind Kind) {
	n := int32(len(e.Fields))
	e.Fields = append(e.Fields, Field{Name: name, Value: value, Kind: kind, Parent: -1, End: n + 1})
}

// Remove takes field i out of the document and tells the objects around it that they changed.
func (e *Event) Remove(i int) {
	f := &e.Fields[i]
	f.Removed = true
	for p := f.Parent; p >= 0 && !e.Fields[p].Changed; p = e.Fields[p].Parent {
		e.Fields[p].Changed = true
	}
}

// Time is an instant with the precision it was written in. The zero Time is unknown.
type Time struct {
	Sec    int64 // since 1970-01-01T00:00:00Z
	Nsec   int32 // [0, 1e9)
	Digits uint8 // how many decimals of the second were written, 0 to 9
	Set    bool
}

// TimeOf is t with all its nanoseconds.
func TimeOf(t time.Time) Time {
	return Time{Sec: t.Unix(), Nsec: int32(t.Nanosecond()), Digits: 9, Set: true}
}

// Std is t as the standard library has it, in UTC.
func (t Time) Std() time.Time { return time.Unix(t.Sec, int64(t.Nsec)).UTC() }

// Append appends t in RFC 3339, UTC with Z, with as many decimals as were written.
func (t Time) Append(dst []byte) []byte {
	const day = 24 * 60 * 60
	days, second := t.Sec/day, t.Sec%day
	if second < 0 {
		days, second = days-1, second+day
	}
	year, month, dayOfMonth := civil(days)
	if year < 0 || year > 9999 {
		dst = t.Std().AppendFormat(dst, "2006-01-02T15:04:05")
	} else {
		dst = append(dst, '0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10), '-',
			'0'+byte(month/10), '0'+byte(month%10), '-', '0'+byte(dayOfMonth/10), '0'+byte(dayOfMonth%10), 'T',
			'0'+byte(second/36000), '0'+byte(second/3600%10), ':', '0'+byte(second/600%6), '0'+byte(second/60%10), ':',
			'0'+byte(second/10%6), '0'+byte(second%10))
	}
	if t.Digits > 0 {
		dst = append(dst, '.')
		for n, unit := t.Digits, int32(100_000_000); n > 0; n, unit = n-1, unit/10 {
			dst = append(dst, '0'+byte(t.Nsec/unit%10))
		}
	}
	return append(dst, 'Z')
}

// civil is the Gregorian date of a day since 1970-01-01. It counts from March, so that a leap day ends a year, in eras of
// 400 years, which all have 146,097 days (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms).
func civil(days int64) (year, month, day int64) {
	days += 719468 // since 0000-03-01
	era := days / 146097
	if days < 0 {
		era = (days - 146096) / 146097
	}
	inEra := days - era*146097
	yearInEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	inYear := inEra - (365*yearInEra + yearInEra/4 - yearInEra/100)
	month = (5*inYear + 2) / 153 // from March
	day = inYear - (153*month+2)/5 + 1
	year = yearInEra + era*400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}
