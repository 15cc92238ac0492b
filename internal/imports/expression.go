package imports

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// plainName is a name that stands in an expression as it is.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)

// words have a meaning of their own in expressions.
var words = []string{"and", "or", "not", "in", "matches", "contains", "startsWith", "endsWith", "true", "false", "nil", "let", "if", "else", "field"}

// FieldText is a field as an expression names it.
func FieldText(name string) string {
	if plainName.MatchString(name) && !slices.ContainsFunc(strings.Split(name, "."), func(part string) bool { return slices.Contains(words, part) }) {
		return name
	}
	return "field(" + strconv.Quote(name) + ")"
}

// Grouped puts brackets around an expression of several parts, so that it can be one of others.
func Grouped(text string) string {
	if strings.Contains(text, " and ") || strings.Contains(text, " or ") {
		return "(" + text + ")"
	}
	return text
}

var variableRef = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_.]*)(:[^}]*)?\}`)

// Environment writes ${NAME:default}, as Logstash and Beats have it, as ${NAME:-default}.
func Environment(text string) string {
	return variableRef.ReplaceAllStringFunc(text, func(form string) string {
		parts := variableRef.FindStringSubmatch(form)
		name := strings.ReplaceAll(parts[1], ".", "_")
		if len(parts[2]) > 1 {
			return "${" + name + ":-" + strings.TrimPrefix(parts[2][1:], "-") + "}"
		}
		return "${" + name + "}"
	})
}

var notInName = regexp.MustCompile(`[^a-z0-9_.]+`)

// PipelineName makes a name that a data set may have.
func PipelineName(text string) string {
	name := strings.Trim(notInName.ReplaceAllString(strings.ToLower(text), "_"), "_.")
	if name == "" {
		return "app"
	}
	return name[:min(len(name), 60)]
}

// PathName names a pipeline after its files: the file's name, or when that is a glob its folder's.
func PathName(path string) string {
	path = strings.TrimRight(strings.ReplaceAll(path, `\`, "/"), "/")
	parts := strings.Split(path, "/")
	for i := len(parts) - 1; i >= 0; i-- {
		name, _, _ := strings.Cut(parts[i], ".")
		if name != "" && !strings.ContainsAny(parts[i], "*?[{$") {
			return PipelineName(name)
		}
	}
	return "app"
}

// Unique is the name, with a number when it is taken; it is taken then.
func Unique(taken map[string]bool, name string) string {
	made := name
	for n := 2; taken[made]; n++ {
		made = name + "_" + strconv.Itoa(n)
	}
	taken[made] = true
	return made
}
