package redfa

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Error says what is wrong with an expression and where.
type Error struct {
	Expr string // the expression as it was given
	Pos  int    // byte offset in Expr
	Msg  string
}

func (e *Error) Error() string {
	rest := e.Expr[min(e.Pos, len(e.Expr)):]
	if len(rest) > 40 {
		rest = rest[:40] + "…"
	}
	return fmt.Sprintf("regular expression: %s at offset %d: `%s`", e.Msg, e.Pos, rest)
}

// renaming is an expression whose groups bear names that regexp/syntax accepts.
type renaming struct {
	expr  string // as it was given
	text  string // with group k of the named ones called "gk"
	names []string
	edits []edit
}

// edit is one renamed group: text[to:] continues what expr[from:] says.
type edit struct{ from, to int }

const generatedPrefix = "g"

// renameGroups replaces the name of each group, so that names may hold dots, dashes and brackets.
func renameGroups(expr string) (*renaming, error) {
	r := &renaming{expr: expr}
	var text strings.Builder
	seen := map[string]bool{}
	copied := 0
	for i := 0; i < len(expr); {
		start, end := groupName(expr, i)
		if start < 0 {
			i = skipToken(expr, i)
			continue
		}
		name := expr[start:end]
		if err := checkName(expr, start, name, seen); err != nil {
			return nil, err
		}
		text.WriteString(expr[copied:start])
		text.WriteString(generatedPrefix + strconv.Itoa(len(r.names)))
		r.names = append(r.names, name)
		r.edits = append(r.edits, edit{end, text.Len()})
		copied, i = end, end
	}
	text.WriteString(expr[copied:])
	r.text = text.String()
	return r, nil
}

// groupName returns where the name of a group opened at i stands, or -1. A name without its ">" is left to
// regexp/syntax, which refuses it.
func groupName(expr string, i int) (start, end int) {
	rest := expr[i:]
	switch {
	case strings.HasPrefix(rest, "(?P<"):
		start = i + 4
	case strings.HasPrefix(rest, "(?<") && !strings.HasPrefix(rest, "(?<=") && !strings.HasPrefix(rest, "(?<!"):
		start = i + 3
	default:
		return -1, -1
	}
	n := strings.IndexByte(expr[start:], '>')
	if n < 0 {
		return -1, -1
	}
	return start, start + n
}

// checkName refuses names that are empty, given twice, or hold what no field name holds.
func checkName(expr string, pos int, name string, seen map[string]bool) error {
	if name == "" {
		return &Error{expr, pos, "empty group name"}
	}
	for i, r := range name {
		if !nameRune(r) {
			return &Error{expr, pos + i, fmt.Sprintf("character %q in a group name", r)}
		}
	}
	if seen[name] {
		return &Error{expr, pos, fmt.Sprintf("group name %q given twice", name)}
	}
	seen[name] = true
	return nil
}

func nameRune(r rune) bool {
	return unicode.IsLetter(r) && r != utf8.RuneError || unicode.IsDigit(r) || strings.ContainsRune("_.-@:/[]", r)
}

// skipToken returns the end of the escape, quotation, bracket class or single byte at i: the places where "(?P<" is
// text and opens no group.
func skipToken(expr string, i int) int {
	switch expr[i] {
	case '\\':
		if strings.HasPrefix(expr[i:], `\Q`) {
			if n := strings.Index(expr[i:], `\E`); n >= 0 {
				return i + n + 2
			}
			return len(expr)
		}
		return min(i+2, len(expr))
	case '[':
		return skipClass(expr, i)
	}
	return i + 1
}

// skipClass returns the end of the bracket class at i, or the end of the text if it is never closed.
func skipClass(expr string, i int) int {
	i++
	if i < len(expr) && expr[i] == '^' {
		i++
	}
	for first := true; i < len(expr); first = false {
		switch {
		case expr[i] == ']' && !first:
			return i + 1
		case strings.HasPrefix(expr[i:], "[:"):
			if n := strings.Index(expr[i+2:], ":]"); n >= 0 {
				i += n + 4
				continue
			}
			i++
		case expr[i] == '\\':
			i += 2
		default:
			i++
		}
	}
	return len(expr)
}

// groupNames returns the names of all groups of the parsed expression in their original form.
func (r *renaming) groupNames(tree *syntax.Regexp) []string {
	names := tree.CapNames()
	for i, name := range names {
		if name != "" {
			k, _ := strconv.Atoi(strings.TrimPrefix(name, generatedPrefix))
			names[i] = r.names[k]
		}
	}
	return names
}

// syntaxError gives an error of regexp/syntax its position in the original text.
func (r *renaming) syntaxError(err error) error {
	var se *syntax.Error
	if !errors.As(err, &se) {
		return &Error{r.expr, 0, err.Error()}
	}
	pos := strings.Index(r.text, se.Expr)
	if se.Code == syntax.ErrMissingParen || se.Code == syntax.ErrUnexpectedParen {
		pos = unbalanced(r.text)
	}
	return &Error{r.expr, r.original(max(pos, 0)), se.Code.String()}
}

// original translates a position in text to one in expr.
func (r *renaming) original(pos int) int {
	shift := 0
	for _, e := range r.edits {
		if pos < e.to {
			break
		}
		shift = e.from - e.to
	}
	return min(pos+shift, len(r.expr))
}

// unbalanced returns the position of the first parenthesis of text without a partner.
func unbalanced(text string) int {
	var open []int
	for i := 0; i < len(text); i = skipToken(text, i) {
		switch text[i] {
		case '(':
			open = append(open, i)
		case ')':
			if len(open) == 0 {
				return i
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) == 0 {
		return 0
	}
	return open[0]
}
