package frame

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
)

// Config is how the bytes of a file become events. The zero value of each key is its default unless the comment names
// another.
type Config struct {
	Encoding  string    `mapstructure:"encoding"`  // utf-8 (default), or a name of the Encoding Standard or IANA; a BOM wins
	Framing   string    `mapstructure:"framing"`   // line (default), cri or docker
	Multiline Multiline `mapstructure:"multiline"` // which lines are one event
	MaxLine   int       `mapstructure:"max_line"`  // bytes of an event; default 1 MiB; longer lines are cut and flagged
}

// Multiline is written as auto, off, or a map of the other keys, of which exactly one of start, continue and end.
type Multiline struct {
	Mode     confkey.Mode  `mapstructure:"mode"`      // default off
	Start    string        `mapstructure:"start"`     // a line that matches begins an event
	Continue string        `mapstructure:"continue"`  // a line that matches goes on with the event before it
	End      string        `mapstructure:"end"`       // a line that matches ends its event
	Timeout  time.Duration `mapstructure:"timeout"`   // an unfinished event is handed on when the file has not grown for so long; default 1s
	MaxLines int           `mapstructure:"max_lines"` // of one event, the next line begins another; default 1000
}

const (
	// DefaultTimeout is long enough for what one write tears apart, a poll of a file system without notifications
	// included.
	DefaultTimeout = time.Second
	// DefaultMaxLines holds a stack overflow of Java, 1024 frames, nearly whole; who wants more says so.
	DefaultMaxLines = 1000
)

// withDefaults fills in what is not set.
func (c Config) withDefaults() Config {
	c.Encoding, c.Framing = cmp.Or(c.Encoding, "utf-8"), cmp.Or(c.Framing, "line")
	c.MaxLine = cmp.Or(c.MaxLine, 1<<20)
	c.Multiline.Timeout = cmp.Or(c.Multiline.Timeout, DefaultTimeout)
	c.Multiline.MaxLines = cmp.Or(c.Multiline.MaxLines, DefaultMaxLines)
	return c
}

// compile makes the rule that the configuration asks for; nil when each line is an event.
func (m *Multiline) compile() (rule, error) {
	switch {
	case m.MaxLines < 1:
		return nil, confkey.Errorf("multiline.max_lines", "an event has at least one line; write 1 or more, better 1000")
	case m.Mode == confkey.Auto:
		return traces{}, nil
	case m.Mode == confkey.Field:
		return m.compilePattern()
	}
	return nil, nil
}

// compilePattern makes a rule of the one expression that is there.
func (m *Multiline) compilePattern() (rule, error) {
	var named []string
	for _, one := range m.patterns() {
		if one.text != "" {
			named = append(named, one.key)
		}
	}
	if len(named) != 1 {
		return nil, confkey.Errorf("multiline", "needs exactly one of start, continue and end, and has %d: %s", len(named), strings.Join(named, ", "))
	}
	for _, one := range m.patterns() {
		if one.text == "" {
			continue
		}
		re, err := regexp.Compile(one.text)
		if err != nil {
			return nil, confkey.Errorf("multiline."+one.key, "%s; write a regular expression of RE2", explain(one.text, err))
		}
		return one.rule(re), nil
	}
	return nil, nil
}

type patternKey struct {
	key, text string
	rule      func(*regexp.Regexp) rule
}

func (m *Multiline) patterns() []patternKey {
	return []patternKey{
		{"start", m.Start, func(re *regexp.Regexp) rule { return starts{re} }},
		{"continue", m.Continue, func(re *regexp.Regexp) rule { return continues{re} }},
		{"end", m.End, func(re *regexp.Regexp) rule { return ends{re} }},
	}
}

// explain says where in the expression what is wrong.
func explain(pattern string, err error) string {
	var wrong *syntax.Error
	if !errors.As(err, &wrong) {
		return err.Error()
	}
	at := strings.LastIndex(pattern, wrong.Expr)
	if at < 0 || wrong.Expr == pattern {
		return fmt.Sprintf("%q: %s", pattern, wrong.Code)
	}
	return fmt.Sprintf("%q at character %d: %s", wrong.Expr, len([]rune(pattern[:at]))+1, wrong.Code)
}
