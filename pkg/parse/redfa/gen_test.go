package redfa

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// generator makes expressions from a small grammar and lines that fit them more or less.
type generator struct {
	r     *rand.Rand
	group int
	size  int
}

var (
	genClasses = []string{`[ab]`, `[^ab]`, `[^"]`, `[^ ]`, `\d`, `\w`, `\s`, `\S`, `.`, `[a-zä]`, `[^é]`, `[ -~]`, `[0-9.]`,
		`[[:alpha:]]`, `\pL`, `\D`, `(?s:.)`, `[\x{FFFD}b]`, `(?i:k)`, `(?i:ab)`}
	genLiterals = []string{"a", "b", "ab", " ", `"`, "1", "é", "-", `\.`, "foo", "日本", "\\n", "x", ":", `\x{FFFD}`}
	genAnchors  = []string{"^", "$", `\b`, `\B`, `\A`, `\z`, "(?m:^)", "(?m:$)"}
	genRepeats  = []string{"*", "+", "?", "*?", "+?", "??", "{2}", "{1,3}", "{0,2}?", "{2,}", "{0}"}
	genPieces   = []string{"a", "b", "ab", " ", `"`, "1", "é", "ä", "-", ".", "foo", "日本", "\n", "x", ":", "\xff", "\xe6\x97",
		"\x80", "K", "k", "\u212a", "\ufffd", "aaaa", "abab", "12", "_", "A", "\x00"}
)

func pick(r *rand.Rand, of []string) string { return of[r.IntN(len(of))] }

// expr returns an expression; depth bounds its nesting.
func (g *generator) expr(depth int) string {
	g.size++
	if depth == 0 || g.size > 14 {
		return g.atom()
	}
	switch g.r.IntN(10) {
	case 0, 1, 2, 3:
		var b strings.Builder
		for range 1 + g.r.IntN(4) {
			b.WriteString(g.expr(depth - 1))
		}
		return b.String()
	case 4:
		return "(?:" + g.expr(depth-1) + "|" + g.expr(depth-1) + ")"
	case 5, 6:
		g.group++
		if g.r.IntN(3) == 0 {
			return "(?P<n." + strconv.Itoa(g.group) + ">" + g.expr(depth-1) + ")"
		}
		return "(" + g.expr(depth-1) + ")"
	case 7, 8:
		return "(?:" + g.expr(depth-1) + ")" + pick(g.r, genRepeats)
	}
	return g.atom()
}

func (g *generator) atom() string {
	switch g.r.IntN(8) {
	case 0:
		return pick(g.r, genAnchors)
	case 1, 2:
		return pick(g.r, genClasses)
	case 3, 4:
		return pick(g.r, genClasses) + pick(g.r, genRepeats)
	}
	return pick(g.r, genLiterals)
}

// pattern returns a whole expression, anchored at times.
func (g *generator) pattern() string {
	g.group, g.size = 0, 0
	p := g.expr(4)
	if g.r.IntN(4) == 0 {
		p = "^(?:" + p + ")$"
	}
	return p
}

// fields returns an expression of the kind logs are read with: repeats told apart by what follows.
func (g *generator) fields() string {
	var b strings.Builder
	if g.r.IntN(2) == 0 {
		b.WriteByte('^')
	}
	for i := range 1 + g.r.IntN(4) {
		body := pick(g.r, []string{`[^ ]*`, `\d+`, `[a-zé]+`, `[^"]+?`, `\S+`, `\w*`, `[ab]{2}`, `\d{1,3}`, `(?:a|b)`, `(?:-|\d+)`, `.{2}`})
		if g.r.IntN(2) == 0 {
			body = "(?P<f." + strconv.Itoa(i) + ">" + body + ")"
		}
		b.WriteString(pick(g.r, []string{"", `"`, " ", "ab ", ": ", "é"}) + body + pick(g.r, []string{" ", `"`, `\b`, "(?: x)?", "", "-"}))
	}
	if g.r.IntN(2) == 0 {
		b.WriteByte('$')
	}
	return b.String()
}

// line returns a line of pieces that the expressions are made of.
func (g *generator) line() []byte {
	var b []byte
	for range g.r.IntN(12) {
		b = append(b, pick(g.r, genPieces)...)
	}
	return b
}

// lineFor returns a line made of the literal text of the expression, mutated.
func (g *generator) lineFor(pattern string) []byte {
	text := strings.NewReplacer(`\d`, "1", `\S`, "a", `\w`, "b", "[^ ]", "ab", `[^"]`, "é", "(", "", ")", "", "?", "", "+", "",
		"*", "", "^", "", "$", "", `\b`, "", ":", "").Replace(pattern)
	b := []byte(text)
	for range g.r.IntN(4) {
		if len(b) == 0 {
			return b
		}
		i := g.r.IntN(len(b))
		switch g.r.IntN(3) {
		case 0:
			b = append(b[:i], b[i+1:]...)
		case 1:
			b = append(b[:i:i], append([]byte(pick(g.r, genPieces)), b[i:]...)...)
		default:
			b[i] = pick(g.r, genPieces)[0]
		}
	}
	return b
}
