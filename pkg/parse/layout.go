package parse

import (
	"fmt"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

// layout is one configured way to write a time: a word, or the directives and literals of strptime in their order.
type layout struct {
	word  layoutWord
	steps []layoutStep
}

// layoutWord names a format that strptime cannot describe.
type layoutWord uint8

const (
	noWord layoutWord = iota
	wordISO8601
	wordUnix
	wordUnixMS
	wordUnixUS
	wordUnixNS
	wordTAI64N
)

// layoutWords are the words that the configuration may have in place of a strptime layout.
var layoutWords = map[string]layoutWord{
	"iso8601": wordISO8601, "unix": wordUnix, "unix_ms": wordUnixMS, "unix_us": wordUnixUS, "unix_ns": wordUnixNS,
	"tai64n": wordTAI64N,
}

// layoutStep is a directive, or a literal byte when directive is 0, or any blanks when that byte is one.
type layoutStep struct {
	directive byte
	literal   byte
}

const (
	layoutDirectives = "YymdeHIMSfjbBaApzZ" // that stand for themselves
	layoutAllowed    = "allowed are %Y %y %m %d %e %b %B %a %A %H %I %M %S %f %p %z %Z %j %T %D %F and the words " +
		"iso8601, unix, unix_ms, unix_us, unix_ns, tai64n"
)

// composed are the directives that stand for several.
var composed = map[byte]string{'T': "%H:%M:%S", 'D': "%m/%d/%y", 'F': "%Y-%m-%d"}

// layoutError says which layout of the configuration is wrong.
func layoutError(i int, err error) error {
	return confkey.Errorf(fmt.Sprintf("timestamp.layouts[%d]", i), "%v", err)
}

// compileLayout reads one layout of the configuration.
func compileLayout(text string) (layout, error) {
	if word, ok := layoutWords[text]; ok {
		return layout{word: word}, nil
	}
	if !strings.Contains(text, "%") {
		return layout{}, fmt.Errorf("unknown word %q; %s", text, layoutAllowed)
	}
	steps, err := compileSteps(nil, text)
	if err != nil {
		return layout{}, err
	}
	for i := range steps[1:] { // a Z that ends the time of day means UTC, as RFC 3339 has it
		before := steps[i].directive
		if steps[i+1] == (layoutStep{literal: 'Z'}) && (before == 'S' || before == 'f') {
			steps[i+1].directive = 'z'
		}
	}
	return layout{steps: steps}, nil
}

// compileSteps appends the steps of a layout; those of composed directives go in their place.
func compileSteps(steps []layoutStep, text string) ([]layoutStep, error) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c != '%' {
			steps = append(steps, layoutStep{literal: c})
			continue
		}
		if i++; i == len(text) {
			return nil, fmt.Errorf("layout %q ends in the middle of a directive; %s", text, layoutAllowed)
		}
		switch parts := composed[text[i]]; {
		case parts != "":
			steps, _ = compileSteps(steps, parts)
		case text[i] == '%':
			steps = append(steps, layoutStep{literal: '%'})
		case strings.IndexByte(layoutDirectives, text[i]) >= 0:
			steps = append(steps, layoutStep{directive: text[i]})
		default:
			return nil, fmt.Errorf("unknown directive %q in layout %q; %s", "%"+text[i:i+1], text, layoutAllowed)
		}
	}
	return steps, nil
}

// parse reads the whole text by the layout.
func (l *layout) parse(p *timeParser, text []byte) (event.Time, bool) {
	switch l.word {
	case wordISO8601:
		return p.iso8601(text)
	case wordUnix:
		return unixTime(text, 0)
	case wordUnixMS:
		return unixTime(text, 3)
	case wordUnixUS:
		return unixTime(text, 6)
	case wordUnixNS:
		return unixTime(text, 9)
	case wordTAI64N:
		return tai64n(text)
	}
	s := timeScan{text: text}
	s.c.month, s.c.day = 1, 1
	for _, step := range l.steps {
		if !s.step(p, step) {
			return event.Time{}, false
		}
	}
	if s.i != len(text) {
		return event.Time{}, false
	}
	return p.instant(&s.c)
}

// iso8601 reads a date of ISO 8601, with or without a time of day.
func (p *timeParser) iso8601(text []byte) (event.Time, bool) {
	if t, n, ok := p.rfc3339(text); ok && n == len(text) {
		return t, true
	}
	s := timeScan{text: text, whole: true}
	if n := s.digits(); n != 4 && n != 8 || n == 4 && s.at(4) != '-' {
		return event.Time{}, false
	}
	if !s.run() {
		return event.Time{}, false
	}
	return p.instant(&s.c)
}

// step reads what one directive or literal stands for.
func (s *timeScan) step(p *timeParser, step layoutStep) bool {
	switch step.directive {
	case 0:
		if isBlank(step.literal) {
			s.blanks()
			return true
		}
		return s.next(step.literal)
	case 'f':
		return s.stepFraction()
	case 'p':
		s.halfOfDay()
		return s.c.half != noHalf
	case 'b', 'B':
		return s.month()
	case 'a', 'A':
		word := s.wordAt(s.i)
		s.i += len(word)
		return isWeekday(word)
	case 'z', 'Z':
		return s.stepZone(p, step)
	}
	return s.stepNumber(step.directive)
}

// stepNumber reads a number, which may have blanks before it or lack its leading zeros.
func (s *timeScan) stepNumber(directive byte) bool {
	if directive != 'Y' && directive != 'y' {
		s.blanks()
	}
	n := min(s.digits(), layoutWidth(directive))
	if n == 0 {
		return false
	}
	v := s.take(n)
	c := &s.c
	switch directive {
	case 'Y':
		c.year, c.hasYear = v, true
	case 'y':
		c.year, c.hasYear = pivotYear(v), true
	case 'm':
		c.month = v
	case 'd', 'e':
		c.day = v
	case 'j':
		c.day, c.ordinal = v, true
	case 'H', 'I':
		c.hour = v
		return directive == 'H' || v >= 1 && v <= 12
	case 'M':
		c.minute = v
	case 'S':
		c.second = v
	}
	return true
}

// layoutWidth is how many digits a directive reads at most.
func layoutWidth(directive byte) int {
	switch directive {
	case 'Y':
		return 4
	case 'j':
		return 3
	}
	return 2
}

// stepFraction reads one to nine digits of a second.
func (s *timeScan) stepFraction() bool {
	if n := s.digits(); n == 0 || n > 9 {
		return false
	}
	var n int
	s.c.nsec, s.c.digits, n = decimals(s.text[s.i:])
	s.i += n
	return true
}

// stepZone reads Z or an offset for %z, and an abbreviation, the name of a place or an offset for %Z.
func (s *timeScan) stepZone(p *timeParser, step layoutStep) bool {
	s.blanks()
	if seconds, n := offsetAt(s.text[s.i:]); n > 0 && step.literal == 0 {
		s.i += n
		s.c.zone = zone{kind: zoneOffset, offset: seconds}
		return true
	}
	if s.at(0)|0x20 == 'z' && !isLetter(s.at(1)) {
		s.i++
		s.c.zone = zone{kind: zoneOffset}
		return true
	}
	if step.literal != 0 {
		return false
	}
	end := s.i
	for end < len(s.text) && (isLetter(s.text[end]) || s.text[end] == '/' || s.text[end] == '_') {
		end++
	}
	z, ok := zoneOf(s.text[s.i:end])
	if !ok && step.directive == 'Z' {
		z, ok = p.placeOf(s.text[s.i:end])
	}
	if ok {
		s.i = end
		s.c.zone = z
	}
	return ok
}
