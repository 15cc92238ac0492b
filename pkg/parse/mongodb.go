package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var mongodbKinds = []kind{{name: "mongodb", make: newMongodb, fits: fitsMongodb, begins: "{"}}

// mongodbHeads are those of MongoDB before 4.4.
var mongodbHeads = []string{"<time> <letter> <component> [<thread>] <message>"}

// mongodbFormat takes the log of MongoDB: text before 4.4, and since then JSON whose members have names of one letter.
type mongodbFormat struct {
	text headsFormat
	json jsonFormat
}

func newMongodb(*Config) (format, error) {
	return &mongodbFormat{headsFormat{heads: newHeads(headSources("mongodb", mongodbHeads, false)), name: "mongodb"}, jsonFormat{apart: true}}, nil
}

func (f *mongodbFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	if !beginsObject(ev.Line) {
		return f.text.take(p, ev, found)
	}
	first := len(ev.Fields)
	if !f.json.take(p, ev, found) {
		return false
	}
	p.known.told = false // fields get other names below
	found.twins = true
	if i := memberAt(ev.Fields, first, []byte("t")); i >= 0 && ev.Fields[i].Kind == event.Object && ev.Fields[i].End == int32(i)+2 {
		date := ev.Fields[i+1]
		ev.Remove(i)
		ev.Add(nameTimestamp, date.Value, date.Kind)
	}
	for _, n := range mongodbNames {
		if i := memberAt(ev.Fields, first, n.short); i >= 0 && scalar(&ev.Fields[i]) {
			rename(&ev.Fields[i], n.name)
		}
	}
	if i := memberAt(ev.Fields, first, nameLevel); i >= 0 && bytes.HasPrefix(ev.Fields[i].Value, []byte(`"D`)) { // D1 to D5
		ev.Fields[i].Value = mongodbDebug
	}
	if i := event.Lookup(ev.Fields, nameMongodbTook); i >= 0 && p.want.duration {
		p.assignDuration(ev, found, i, &roleMilliseconds)
	}
	return true
}

// mongodbNames are the members that have other names in ECS.
var mongodbNames = []struct{ short, name []byte }{
	{[]byte("s"), nameLevel}, {[]byte("c"), nameLogger}, {[]byte("ctx"), []byte("process.thread.name")}, {[]byte("id"), []byte("event.code")},
}

var (
	nameMongodbTook  = []byte("attr.durationMillis")
	mongodbDebug     = []byte(`"debug"`)
	roleMilliseconds = role{rank: 2, unit: millisecond}
)

// fitsMongodb reports an object as MongoDB begins it.
func fitsMongodb(line []byte) bool { return bytes.HasPrefix(line, []byte(`{"t":{"$date":`)) }
