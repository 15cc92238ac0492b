package parse

// pow10 holds the powers of ten that fit into 64 bits.
var pow10 = [20]uint64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
}

// isDigit reports a decimal digit.
func isDigit(c byte) bool { return c-'0' < 10 }

// isUpper reports an ASCII letter in upper case.
func isUpper(c byte) bool { return c-'A' < 26 }

// isLetter reports an ASCII letter.
func isLetter(c byte) bool { return (c|0x20)-'a' < 26 }

// isBlank reports a space or a tab, HTTP's optional white space.
func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isSeparator reports what stands between the words of a name.
func isSeparator(c byte) bool { return c == '_' || c == '-' || c == '.' }

// lower is an ASCII letter in lower case and everything else unchanged.
func lower(c byte) byte {
	if isUpper(c) {
		return c | 0x20
	}
	return c
}

// trimBlanks is text without the blanks and line ends around it.
func trimBlanks(text []byte) []byte {
	if n := len(text); n > 0 && text[0] > ' ' && text[n-1] > ' ' {
		return text
	}
	return trimSome(text)
}

// trimSome is trimBlanks where there is something to be trimmed.
func trimSome(text []byte) []byte {
	for len(text) > 0 && (isBlank(text[0]) || text[0] == '\r' || text[0] == '\n') {
		text = text[1:]
	}
	for n := len(text); n > 0 && (isBlank(text[n-1]) || text[n-1] == '\r' || text[n-1] == '\n'); n-- {
		text = text[:n-1]
	}
	return text
}
