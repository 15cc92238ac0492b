package template

import "bytes"

// read fills the line with the tokens of a message: of its first line, when it has several.
func (l *line) read(message []byte) {
	l.text, l.n, l.mark, l.value = firstLine(message), 0, 0, false
	var unclosed [2]bool
	for i := 0; i < len(l.text) && !l.full; {
		switch c := l.text[i]; {
		case has(c, isBlank):
			i++
		case c == '=' && !beside(l.text, i, '='):
			if l.value {
				l.none()
			}
			l.value, l.behind, l.mark = !l.tells(), i+1, c
			i++
		case l.value && (c == '"' || c == '\''):
			i = l.quoted(i, &unclosed[c&1])
		case has(c, isStop), leader(l.text, i):
			i = l.punctuation(i)
		default:
			i = l.token(i)
		}
	}
	if l.value && !l.full {
		l.none()
	}
}

// firstLine is what is looked at of a message.
func firstLine(message []byte) []byte {
	message = message[:min(len(message), mostBytes)]
	for len(message) > 0 && (message[0] == '\n' || message[0] == '\r') {
		message = message[1:]
	}
	if end := bytes.IndexByte(message, '\n'); end >= 0 {
		message = message[:end]
	}
	return message
}

// beside reports whether b stands right before or behind position i.
func beside(text []byte, i int, b byte) bool {
	return i > 0 && text[i-1] == b || i+1 < len(text) && text[i+1] == b
}

// tells reports whether the last token is a key whose value says what happened: msg="it failed".
func (l *line) tells() bool {
	t := l.last()
	return t != nil && t.role&telling != 0
}

// leader reports whether dots stand at i that lead the eye to what is behind them, or say that something goes on.
func leader(text []byte, i int) bool { return text[i] == '.' && beside(text, i, '.') }

// none is the value of a key that has none.
func (l *line) none() { l.vary(l.behind, l.behind, anything) }

// quoted takes the value of a key between quotes; unclosed says that there is no such quote any more.
func (l *line) quoted(i int, unclosed *bool) int {
	if !*unclosed {
		for end := i + 1; end < len(l.text); end++ {
			if l.text[end] == l.text[i] && l.text[end-1] != '\\' {
				l.vary(i, end+1, anything)
				return end + 1
			}
		}
		*unclosed = true
	}
	l.mark = l.text[i]
	return i + 1
}

// punctuation passes a byte that stands between words.
func (l *line) punctuation(i int) int {
	c := l.text[i]
	if l.value && (c == ',' || c == ';' || closes(c)) {
		l.none()
	}
	if closes(c) {
		l.shut(i)
	}
	if c == ':' && i > 0 && l.text[i-1] == '"' { // of JSON
		l.value, l.behind = !l.tells(), i+1
	}
	l.mark = l.text[i]
	return i + 1
}

// token takes what begins at i, and returns where it ends.
func (l *line) token(i int) int {
	if end := l.locator(i); end > i {
		return end
	}
	if end, k := colons(l.text[i:]); end > 0 {
		l.vary(i, i+end, k)
		return i + end
	}
	end, digit := i, false
	for end < len(l.text) && !has(l.text[end], isStop) && !leader(l.text, end) {
		digit = digit || has(l.text[end], isDigit)
		end++
	}
	if behind := l.numbered(i, end); behind > 0 {
		l.vary(i, behind, form(l.text[i:end]))
		return behind
	}
	to := end
	for to > i && (l.text[to-1] == '.' || l.text[to-1] == '!' || l.text[to-1] == '?') {
		to--
	}
	switch w := l.text[i:to]; {
	case to == i:
		l.mark = '.'
	case l.value && l.mark == '=' && l.isKey(end):
		l.none()
		l.word(i, to)
	case digit:
		l.vary(i, to, form(w))
	case bytes.IndexByte(w, '@') > 0:
		l.vary(i, to, email)
	default:
		l.word(i, to)
	}
	return end
}

// locator takes a URL or a path.
func (l *line) locator(i int) (end int) {
	text, k := l.text, path
	letters := i
	for letters < len(text) && has(text[letters], isLetter) {
		letters++
	}
	next := func(n int) bool { return i+n < len(text) && !has(text[i+n], isStop) }
	switch {
	case letters > i && bytes.HasPrefix(text[letters:], []byte("://")):
		k, end = url, letters+3
	case letters == i+1 && bytes.HasPrefix(text[letters:], []byte(`:\`)):
		end = letters + 1
	case (text[i] == '/' || text[i] == '\\') && next(1):
		end = i + 1
	case (text[i] == '.' || text[i] == '~') && next(1) && text[i+1] == '/':
		end = i + 2
	default:
		return i
	}
	query := false
	for end < len(text) {
		c := text[end]
		if has(c, isStop) && c != ':' && !(query && c == '=') && !(k == url && (c == '=' || c == '(' || c == '[')) ||
			c == ':' && (end+1 == len(text) || has(text[end+1], isBlank)) {
			break
		}
		query = query || c == '?'
		end++
	}
	l.vary(i, end, k)
	return end
}

// colons takes groups of digits with colons between them: a time, or an address of one kind or another; end is 0 when there
// are none.
func colons(text []byte) (end int, k kind) {
	groups, digits, longest, run := 1, 0, 0, 0
	limit := min(len(text), 48)
	for end < limit {
		c := text[end]
		if c == ':' {
			if end+1 == len(text) || !has(text[end+1], isHex) && text[end+1] != ':' {
				break
			}
			groups, run = groups+1, 0
		} else if has(c, isHex) {
			if run++; run > longest {
				longest = run
			}
			if has(c, isDigit) {
				digits++
			}
		} else {
			break
		}
		end++
	}
	switch {
	case groups < 3 || digits == 0 || end < len(text) && has(text[end], isLetter):
		return 0, word
	case groups == 6 && end == 17:
		return end, hardware
	case groups <= 4 && digits+groups-1 == end && longest <= 4:
		return end, moment
	}
	return end, address
}

// numbered returns where a name ends that has a number behind it without which it is none: host.example:443, or LOCAL(0) behind
// a preposition; 0 when the word is no such.
func (l *line) numbered(from, to int) int {
	if to+1 >= len(l.text) || !has(l.text[to+1], isDigit) {
		return 0
	}
	end := to + 1
	for end < len(l.text) && end < to+8 && has(l.text[end], isDigit) {
		end++
	}
	prev := l.last()
	switch l.text[to] {
	case ':':
		dot := bytes.IndexByte(l.text[from:to], '.')
		if (prev == nil || dot > 0 && l.text[to-1] != '.') && (end == len(l.text) || has(l.text[end], isStop)) {
			return end
		}
	case '(':
		if prev != nil && prev.role&(pointing|towards) != 0 && !prev.varies() && end < len(l.text) && l.text[end] == ')' {
			return end + 1
		}
	}
	return 0
}

// isKey reports whether a '=' follows, perhaps behind blanks.
func (l *line) isKey(i int) bool {
	for i < len(l.text) && l.text[i] == ' ' {
		i++
	}
	return i < len(l.text) && l.text[i] == '='
}
