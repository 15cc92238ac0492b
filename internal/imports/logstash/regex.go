package logstash

import (
	"regexp"
	"regexp/syntax"
	"strings"
)

// re2 writes a regular expression of Ruby's as one of RE2's, which Go has; the error says what of it RE2 lacks.
func re2(ruby string) (string, error) {
	out := namedGroup.ReplaceAllString(ruby, "(?P<$1>")
	out = strings.NewReplacer(`\h`, `[0-9a-fA-F]`, `\Z`, `\z`, `\R`, `(?:\r\n|\n|\r)`, `\/`, `/`, `\"`, `"`, `\'`, `'`, `\#`, `#`, `\-`, `\-`).Replace(out)
	if _, err := syntax.Parse(out, syntax.Perl); err != nil {
		return "", err
	}
	return out, nil
}

var (
	namedGroup = regexp.MustCompile(`\(\?<([A-Za-z_]\w*)>`)
	groupRef   = regexp.MustCompile(`\\(?:(\d)|k<(\w+)>)`)
)

// replacement writes the replacement of gsub as Go has it: \1 as ${1}.
func replacement(ruby string) string {
	out := strings.ReplaceAll(ruby, "$", "$$")
	return groupRef.ReplaceAllString(out, "$${$1$2}")
}

var (
	fieldRefPlus = regexp.MustCompile(`%\{[^{}]*\}`)
	fieldRef     = regexp.MustCompile(`%\{([^{}+]+)\}`)
	nameParts    = regexp.MustCompile(`[^\[\]]+`)
)

// dotted writes [a][b], or a name without brackets, with dots.
func dotted(name string) string {
	return strings.Join(nameParts.FindAllString(name, -1), ".")
}
