package redfa

import (
	"regexp/syntax"
	"strings"
	"unicode"
)

// tables returns the union of tables of package unicode.
func tables(of ...*unicode.RangeTable) runeSet {
	var s runeSet
	for _, t := range of {
		var one runeSet
		add := func(lo, hi, stride rune) {
			if stride == 1 {
				one = append(one, lo, hi)
				return
			}
			for r := lo; r <= hi; r += stride {
				one = append(one, r, r)
			}
		}
		for _, r := range t.R16 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		for _, r := range t.R32 {
			add(rune(r.Lo), rune(r.Hi), rune(r.Stride))
		}
		s = s.union(one)
	}
	return s
}

var (
	alphabetic = tables(unicode.L, unicode.Nl, unicode.Other_Alphabetic)
	wordRunes  = tables(unicode.L, unicode.M, unicode.N, unicode.Pc).union(alphabetic).intersect(
		tables(unicode.No).complement())
	spaceRunes = tables(unicode.White_Space)
)

// posixSet returns the set of a POSIX bracket, as Oniguruma has them for Unicode.
func posixSet(name string) (runeSet, bool) {
	switch name {
	case "alpha":
		return alphabetic, true
	case "alnum":
		return alphabetic.union(tables(unicode.Nd)), true
	case "ascii":
		return runeSet{0, 0x7f}, true
	case "blank":
		return tables(unicode.Zs).union(runeSet{'\t', '\t'}), true
	case "cntrl":
		return tables(unicode.Cc), true
	case "digit":
		return tables(unicode.Nd), true
	case "lower":
		return tables(unicode.Ll, unicode.Other_Lowercase), true
	case "upper":
		return tables(unicode.Lu, unicode.Other_Uppercase), true
	case "punct":
		return tables(unicode.P).union(runeSet{'$', '$', '+', '+', '<', '>', '^', '^', '`', '`', '|', '|', '~', '~'}), true
	case "space":
		return spaceRunes, true
	case "word":
		return wordRunes, true
	case "xdigit":
		return runeSet{'0', '9', 'A', 'F', 'a', 'f'}, true
	case "graph":
		return graphRunes(), true
	case "print":
		return graphRunes().union(tables(unicode.Zs)), true
	}
	return nil, false
}

// graphRunes are all assigned runes that show.
func graphRunes() runeSet {
	return tables(unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Cf, unicode.Co)
}

// propertySet returns the set of \p{name}: POSIX names, categories and scripts, without regard to case, blanks,
// hyphens and underscores.
func propertySet(name string) (runeSet, bool) {
	name = plainName(name)
	if name == "any" {
		return anyRune, true
	}
	if set, ok := posixSet(name); ok {
		return set, true
	}
	for _, known := range []map[string]*unicode.RangeTable{unicode.Categories, unicode.Scripts} {
		for k, table := range known {
			if plainName(k) == name {
				return tables(table), true
			}
		}
	}
	return nil, false
}

func plainName(name string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "", "_", "").Replace(name))
}

// folded closes the set under letter case.
func (s runeSet) folded() runeSet {
	n := &syntax.Regexp{Op: syntax.OpCharClass, Rune: s}
	f, err := syntax.Parse("(?i:"+n.String()+")", syntax.Perl)
	if err != nil {
		return s
	}
	if set, ok := singleSet(f); ok {
		return set
	}
	return s
}
