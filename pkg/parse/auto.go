package parse

import (
	"bytes"
	"math/bits"
	"strings"

	"github.com/tailspan/tailspan/pkg/event"
)

// auto tells the format of each line by itself: the one that fitted the line before is tried first, then all others that
// may fit, the strict before the loose, and what nothing fits is text.
type auto struct {
	known   []known
	asked   [256]uint32 // by the first byte of a line, a bit for each of known that may fit
	dated   uint32      // those that may fit where a date of ISO 8601 begins the line
	leveled uint32      // those that may fit where a time of ISO 8601 and a level do
	barred  uint32      // those that may fit only where there is a bar
	last    int
	fit     int          // 1 + the one that the line fitted; 0 for none
	heads   *headsFormat // the last of known
	inside  *auto        // for what an envelope held; nil in there
}

// known is a format that auto tries.
type known struct {
	*kind
	format
}

func newAuto(cfg *Config) (format, error) {
	outer, err := newAutoOf(cfg, true)
	if err != nil {
		return nil, err
	}
	outer.inside, err = newAutoOf(cfg, false)
	return outer, err
}

func newAutoOf(cfg *Config, envelopes bool) (*auto, error) {
	a := &auto{heads: &headsFormat{heads: allHeads()}}
	for i := range kinds {
		k := &kinds[i]
		if k.fits == nil || k.envelope && !envelopes {
			continue
		}
		f, err := k.make(cfg)
		if err != nil {
			return nil, err
		}
		a.known = append(a.known, known{k, f})
	}
	a.known = append(a.known, known{&anyHead, a.heads})
	for i, k := range a.known {
		bit := uint32(1) << i
		for c := range a.asked {
			if k.begins == "" || strings.IndexByte(k.begins, byte(c)) >= 0 {
				a.asked[c] |= bit
			}
		}
		if !k.undated {
			a.dated |= bit
		}
		if !k.unleveled {
			a.leveled |= bit
		}
		if k.barred {
			a.barred |= bit
		}
	}
	return a, nil
}

// anyHead is the kind of all that is told by its heads: trying is as cheap as asking.
var anyHead = kind{fits: func([]byte) bool { return true }}

func (a *auto) take(p *Parser, ev *event.Event, found *resolution) bool {
	heads := len(a.known) - 1
	if (a.last < heads || !a.heads.loose()) && a.known[a.last].fits(ev.Line) && a.try(a.last, p, ev, found, a.last == heads) {
		a.fit = 1 + a.last
		return true
	}
	for may := a.mayFit(ev.Line); may != 0; may &= may - 1 {
		i := bits.TrailingZeros32(may)
		if i == a.last && (i < heads || !a.heads.loose()) {
			continue // it was tried, and did not fit
		}
		if a.known[i].fits(ev.Line) && a.try(i, p, ev, found, false) {
			a.last, a.fit = i, 1+i
			return true
		}
	}
	a.fit = 0
	return textFormat{}.take(p, ev, found)
}

// mayFit has a bit for each of known that the line may be of, as far as its first bytes tell.
func (a *auto) mayFit(line []byte) uint32 {
	if len(line) == 0 {
		return 0
	}
	may := a.asked[line[0]]
	if hasDate(line) {
		may &= a.dated
		if levelBehindTime(line) {
			may &= a.leveled
		}
	}
	if may&a.barred != 0 && bytes.IndexByte(line, '|') < 0 {
		may &^= a.barred
	}
	return may
}

// levelBehindTime reports a level behind a time of ISO 8601, whose date has been seen. Where syslog has a host and a
// container's runtime the stream, only a program writes it.
func levelBehindTime(line []byte) bool {
	const clock = len("2006-01-02T")
	n := isoTime(line)
	if n == 0 || line[n] == ':' || !isDigit(line[clock]) || !isDigit(line[clock+1]) {
		return false
	}
	start := skipBlanks(line, n)
	end := start
	for end < len(line) && isLetter(line[end]) {
		end++
	}
	return end < len(line) && line[end] == ' ' && levelOf(line[start:end]) != nil
}

// try takes the line as format i, which it fits; strictly, unless it may be of a stricter format all the same.
func (a *auto) try(i int, p *Parser, ev *event.Event, found *resolution, strictly bool) bool {
	k := &a.known[i]
	n, before := len(ev.Fields), *found
	if !k.take(p, ev, found) || strictly && a.heads.loose() {
		ev.Fields, *found, p.known.told = ev.Fields[:n], before, false
		return false
	}
	if k.envelope && p.unwrap(ev, found) {
		a.inside.take(p, ev, found)
	}
	return true
}
