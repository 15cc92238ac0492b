package redfa

import (
	"bytes"
	"regexp/syntax"
	"unicode/utf8"
)

// needs returns texts that every match contains, in this order and without overlap. Where one is missing, the search
// behind the start of the input is not begun.
func needs(tree *syntax.Regexp) [][]byte {
	var out [][]byte
	var walk func(n *syntax.Regexp)
	walk = func(n *syntax.Regexp) {
		switch n.Op {
		case syntax.OpLiteral:
			out = appendNeeds(out, n)
		case syntax.OpCapture, syntax.OpPlus, syntax.OpConcat:
			for _, sub := range n.Sub {
				walk(sub)
			}
		case syntax.OpRepeat:
			if n.Min > 0 {
				walk(n.Sub[0])
			}
		}
	}
	walk(tree)
	return out
}

// appendNeeds appends the parts of a literal that stand for themselves: not what letter case changes, nor U+FFFD, which
// invalid bytes match too.
func appendNeeds(out [][]byte, n *syntax.Regexp) [][]byte {
	var text []byte
	flush := func() {
		if len(text) > 0 {
			out = append(out, text)
		}
		text = nil
	}
	for _, r := range n.Rune {
		if r == utf8.RuneError || len(literalSet(r, n.Flags)) != 2 {
			flush()
			continue
		}
		text = utf8.AppendRune(text, r)
	}
	flush()
	return out
}

// meets reports whether the text contains what every match contains.
func meets(text []byte, needs [][]byte) bool {
	for _, n := range needs {
		i := bytes.Index(text, n)
		if i < 0 {
			return false
		}
		text = text[i+len(n):]
	}
	return true
}
