package parse

import "github.com/tailspan/tailspan/pkg/event"

var mongodbKinds = []kind{{name: "mongodb", make: func(*Config) (format, error) {
	return &mongodbFormat{headsFormat{heads: newHeads(mongodbHeads), name: "mongodb"}, jsonFormat{}}, nil
}}}

// mongodbHeads are those of MongoDB before 4.4; later ones write JSON.
var mongodbHeads = []string{"<time> <letter> <component> [<thread>] <message>"}

// mongodbFormat takes the log of MongoDB, whose letters for the members of its JSON only jsonFormat can tell from other JSON.
type mongodbFormat struct {
	text headsFormat
	json jsonFormat
}

func (f *mongodbFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	if beginsObject(ev.Line) {
		return f.json.take(p, ev, found)
	}
	return f.text.take(p, ev, found)
}

// mongodbNames are the members of MongoDB's structured log that have other names in ECS.
var mongodbNames = []struct {
	short string
	name  []byte
}{
	{"s", []byte("log.level")}, {"c", []byte("log.logger")}, {"ctx", []byte("process.thread.name")}, {"id", []byte("event.code")},
}

var (
	nameTimestamp    = []byte("timestamp")
	nameMongodbTook  = []byte("attr.durationMillis")
	mongodbDebug     = []byte(`"debug"`)
	roleMilliseconds = role{rank: 2, unit: millisecond}
)

// isMongodb reports whether an object begins as MongoDB's structured log does: {"t":{"$date":"…"},"s":"I",…
func isMongodb(fields []event.Field) bool {
	return len(fields) > 2 && string(fields[0].Name) == "t" && fields[0].Kind == event.Object && string(fields[1].Name) == "$date" &&
		fields[0].End == fields[1].End
}

// nameMongodb gives the members of an object, whose fields begin at index first, the names of ECS.
func (p *Parser) nameMongodb(ev *event.Event, found *resolution, first int) {
	date := ev.Fields[first+1]
	ev.Remove(first)
	ev.Add(nameTimestamp, date.Value, date.Kind)
	for i := first; i < len(ev.Fields); i = int(ev.Fields[i].End) {
		for _, n := range mongodbNames {
			if f := &ev.Fields[i]; string(f.Name) == n.short && scalar(f) {
				rename(f, n.name)
				if n.short == "s" && len(f.Value) == 4 && f.Value[1] == 'D' { // D1 to D5
					f.Value = mongodbDebug
				}
			}
		}
	}
	if i := lookupIn(ev.Fields, int32(first), int32(len(ev.Fields)), nameMongodbTook); i >= 0 && p.want.duration {
		p.assignDuration(ev, found, i, &roleMilliseconds)
	}
	found.twins = true
}
