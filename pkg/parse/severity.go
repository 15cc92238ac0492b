package parse

import "github.com/tailspan/tailspan/pkg/event"

// scale is what numbers say about the level.
type scale uint8

const (
	noScale     scale = iota
	syslogScale       // RFC 5424's severities, from 0 for an emergency to 7 for debug
	otelScale         // OpenTelemetry's severity numbers, of which four each are one level: 1 to 4 trace, 21 to 24 fatal
)

// otelLevels are the levels of OpenTelemetry's severity numbers.
var otelLevels = [6][]byte{levelTrace, levelDebug, levelInfo, levelWarn, levelError, levelFatal}

// level is the level of a number; nil when it is none of the scale's.
func (s scale) level(number []byte) []byte {
	if len(number) == 0 || len(number) > 2 || !allDigits(number) {
		return nil
	}
	n := 0
	for _, c := range number {
		n = n*10 + int(c-'0')
	}
	switch {
	case s == syslogScale && n < len(severities):
		return severities[n]
	case s == otelScale && n > 0 && n <= 4*len(otelLevels):
		return otelLevels[(n-1)/4]
	}
	return nil
}

// nameShortMessage is the field that only GELF has, whose levels are those of syslog.
var nameShortMessage = []byte("short_message")

// assignSeverity takes field i, a number or digits in quotes, as log.level.
func (p *Parser) assignSeverity(ev *event.Event, found *resolution, i int, r *role) bool {
	if !found.wins(found.level, i, r.rank) || found.level.rank == 0 && ev.Level != nil { // a word that was read directly
		return false
	}
	text, _ := p.textOf(&ev.Fields[i])
	level := r.scale.level(text)
	if level == nil {
		return false
	}
	ev.Level = level
	found.level.take(ev, i, r.rank, found.envelope)
	return true
}
