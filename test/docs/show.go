package docs

import (
	"regexp"
	"strings"
)

// blanks are left out of JSON that is broken into lines, and are one blank elsewhere: columns are as wide as what is in them.
var (
	blanks  = regexp.MustCompile(`[ \t]+`)
	folded  = regexp.MustCompile(`,\n +`)
	omitted = regexp.MustCompile(`(?m)^…\n`)
)

// shown reports whether the output is what the page shows. … stands for any text of a line, and alone for any lines.
func shown(page, output string) bool {
	page = folded.ReplaceAllString(page, ",")
	pattern := omitted.ReplaceAllString(tidy(page)+"\n", "\x00")
	pattern = regexp.QuoteMeta(pattern)
	pattern = strings.NewReplacer("\x00", `(?:.*\n)*`, "…", `.*`).Replace(pattern)
	return regexp.MustCompile(`^` + pattern + `$`).MatchString(tidy(output) + "\n")
}

func tidy(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		lines = append(lines, strings.TrimSpace(blanks.ReplaceAllString(line, " ")))
	}
	return strings.Join(lines, "\n")
}
