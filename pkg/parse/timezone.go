package parse

import (
	"bytes"
	"fmt"
	"time"
)

// zone is the time zone as a line writes it; the zero zone is none.
type zone struct {
	kind   zoneKind
	offset int32  // seconds east of Greenwich, for zoneOffset and zoneName
	name   uint16 // index into zoneNames, for zoneName
	place  *time.Location
}

type zoneKind uint8

const (
	noZone     zoneKind = iota // the configured one
	zoneOffset                 // an offset, or UTC
	zoneName                   // an abbreviation, which the configured location may know better
	zonePlace                  // a name of the IANA database
)

// zoneNames are the usual meanings of time zone abbreviations, in minutes east of Greenwich. Several have more than one
// meaning: a configured location that uses the abbreviation decides, else the one here.
var zoneNames = []struct {
	name    string
	minutes int32
}{
	{"UTC", 0}, {"GMT", 0}, {"UT", 0}, {"UCT", 0}, {"WET", 0}, {"WEST", 60}, {"BST", 60}, {"CET", 60}, {"MET", 60},
	{"CEST", 120}, {"MEST", 120}, {"EET", 120}, {"EEST", 180}, {"MSK", 180}, {"MSD", 240}, {"SAST", 120}, {"EAT", 180},
	{"WAT", 60}, {"IST", 330}, {"PKT", 300}, {"NPT", 345}, {"ICT", 420}, {"WIB", 420}, {"SGT", 480}, {"HKT", 480},
	{"AWST", 480}, {"JST", 540}, {"KST", 540}, {"ACST", 570}, {"ACDT", 630}, {"AEST", 600}, {"AEDT", 660}, {"NZST", 720},
	{"NZDT", 780}, {"BRT", -180}, {"ART", -180}, {"NST", -210}, {"NDT", -150}, {"AST", -240}, {"ADT", -180}, {"EST", -300},
	{"EDT", -240}, {"CST", -360}, {"CDT", -300}, {"MST", -420}, {"MDT", -360}, {"PST", -480}, {"PDT", -420},
	{"AKST", -540}, {"AKDT", -480}, {"HST", -600}, {"HDT", -540},
}

// zoneOf is the zone of an abbreviation in upper case.
func zoneOf(word []byte) (zone, bool) {
	if len(word) < 2 || len(word) > 4 || !endsZone(word[len(word)-1]) {
		return zone{}, false
	}
	for i := range zoneNames {
		if string(word) == zoneNames[i].name {
			return zone{kind: zoneName, offset: zoneNames[i].minutes * 60, name: uint16(i)}, true
		}
	}
	return zone{}, false
}

// endsZone reports whether any of zoneNames ends in c, which no level word in upper case does.
func endsZone(c byte) bool { return c == 'T' || c == 'C' || c == 'D' || c == 'K' || c == 'B' }

// placeOf is the zone of a place that a line names, as Europe/Berlin. Places are remembered, up to a bound, for finding
// one out reads a file.
func (p *timeParser) placeOf(name []byte) (zone, bool) {
	place, known := p.places[string(name)]
	if !known && bytes.IndexByte(name, '/') > 0 && len(p.places) < 256 {
		place, _ = time.LoadLocation(string(name))
		if p.places == nil {
			p.places = map[string]*time.Location{}
		}
		p.places[string(name)] = place
	}
	return zone{kind: zonePlace, place: place}, place != nil
}

// offsetAt reads ±hh, ±hhmm or ±hh:mm at the start of text (RFC 3339, ISO 8601, RFC 5322) and tells its length; 0 when
// there is none. No place on Earth is 19 hours away.
func offsetAt(text []byte) (seconds int32, length int) {
	if len(text) < 3 || text[0] != '+' && text[0] != '-' {
		return 0, 0
	}
	hours, ok := twoDigits(text[1:])
	if !ok || hours > 18 {
		return 0, 0
	}
	length, minutes := 3, 0
	rest := text[3:]
	if len(rest) > 0 && rest[0] == ':' {
		rest = rest[1:]
	}
	if m, ok := twoDigits(rest); ok {
		minutes = m
		length = len(text) - len(rest) + 2
	}
	if minutes > 59 || length < len(text) && isDigit(text[length]) {
		return 0, 0
	}
	seconds = int32(hours*3600 + minutes*60)
	if text[0] == '-' {
		seconds = -seconds
	}
	return seconds, length
}

// twoDigits is the number that the first two bytes of text write.
func twoDigits(text []byte) (int, bool) {
	if len(text) < 2 || !isDigit(text[0]) || !isDigit(text[1]) {
		return 0, false
	}
	return int(text[0]-'0')*10 + int(text[1]-'0'), true
}

// utc turns seconds on a wall clock in the zone into Unix seconds.
func (p *timeParser) utc(local int64, z *zone) int64 {
	switch z.kind {
	case zoneOffset:
		return local - int64(z.offset)
	case zoneName:
		if p.place != nil {
			if there := localIn(p.place, local); abbreviated(p.place, there, zoneNames[z.name].name) {
				return there
			}
		}
		return local - int64(z.offset)
	case zonePlace:
		return localIn(z.place, local)
	}
	if p.place != nil {
		return localIn(p.place, local)
	}
	return local - p.offset
}

// abbreviated reports whether the place uses the abbreviation at the instant.
func abbreviated(place *time.Location, sec int64, name string) bool {
	used, _ := time.Unix(sec, 0).In(place).Zone()
	return used == name
}

// localIn is the instant at which clocks in the place show the local seconds. An hour that comes twice means the first
// time; one that is skipped is read as if the clocks had not been moved, as java.time and RFC 5545 have it.
func localIn(place *time.Location, local int64) int64 {
	before, after := offsetIn(place, local-86400), offsetIn(place, local+86400)
	if before == after {
		return local - before
	}
	if offsetIn(place, local-before) == before {
		return local - before
	}
	if offsetIn(place, local-after) == after {
		return local - after
	}
	return local - before
}

// offsetIn is how far clocks in the place are ahead of UTC at an instant.
func offsetIn(place *time.Location, sec int64) int64 {
	_, offset := time.Unix(sec, 0).In(place).Zone()
	return int64(offset)
}

// loadZone reads the timezone of the configuration: an IANA name or an offset. A place is nil when an offset is enough.
func loadZone(name string) (place *time.Location, offset int64, err error) {
	switch name {
	case "", "UTC", "Z", "GMT":
		return nil, 0, nil
	}
	if seconds, n := offsetAt([]byte(name)); n == len(name) {
		return nil, int64(seconds), nil
	}
	place, err = time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, 0, fmt.Errorf("unknown time zone %q; allowed are IANA names as Europe/Berlin and offsets as +09:00", name)
	}
	return place, 0, nil
}
