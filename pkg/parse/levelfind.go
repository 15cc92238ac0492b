package parse

// How far into a line its level may stand: Blue Gene's is the longest head there is.
const (
	levelReach = 160 // bytes
	levelWords = 4   // other words in lower case
)

// findLevel is the level that a text line says near its beginning, nil when it says none: glog's letter, logcat's letter,
// a word in brackets, a value of level=, a word in capitals, or any word where a level stands right behind a time or before a
// colon. In running text a word of that kind is no level.
func findLevel(line []byte) []byte {
	line = line[:min(len(line), levelReach)]
	if level := glogLevel(line); level != nil {
		return level
	}
	head, numbers, digits := levelHead(line)
	if numbers >= 2 && head+1 < len(line) && line[head+1] == ' ' && head > 0 && line[head-1] == ' ' {
		if level := logcatLevel(line[head]); level != nil {
			return level
		}
	}
	words := 0
	for i := head; i < len(line) && words < levelWords; {
		if !isLetter(line[i]) {
			i++
			continue
		}
		end := i
		for end < len(line) && isLetter(line[end]) {
			end++
		}
		w := levelWord{line: line, start: i, end: end, first: i == head && digits >= 8, early: words < 2}
		level, done := w.level()
		if done {
			return level
		}
		if w.plain() {
			words++
		}
		i = end
	}
	return nil
}

// levelHead skips what timestamps, process ids and their punctuation consist of at the beginning of a line. It tells where
// the rest begins, how many bare numbers end the head, and how many digits there were.
func levelHead(line []byte) (head, numbers, digits int) {
	bare := true
	for ; head < len(line); head++ {
		switch c := line[head]; {
		case isDigit(c):
			digits++
			if bare && (head == 0 || line[head-1] == ' ') {
				numbers++
			}
		case c == ' ', c == '\t':
			bare = true
		case c == 'T' && head > 0 && isDigit(line[head-1]), c == 'Z' && head > 0 && isDigit(line[head-1]):
			numbers = 0
		case c == ':', c == '.', c == ',', c == '-', c == '/', c == '+', c == '_', c == '[', c == ']', c == '(', c == ')', c == '|':
			numbers, bare = 0, false
		default:
			return head, numbers, digits
		}
	}
	return head, numbers, digits
}

// glogLevel is the level of glog's and klog's `I0102 15:04:05` or `I20060102 15:04:05`.
func glogLevel(line []byte) []byte {
	if len(line) < 14 || !isGlogLevel(line[0]) {
		return nil
	}
	n := 1
	for n < 9 && isDigit(line[n]) {
		n++
	}
	if n != 5 && n != 9 || line[n] != ' ' || !isDigit(line[n+1]) {
		return nil
	}
	return levelOf(line[:1])
}

// logcatLevel is the level of Android's letters, behind the time, the process and the thread.
func logcatLevel(c byte) []byte {
	switch c {
	case 'V', 'D', 'I', 'W', 'E', 'F':
		return levelOf([]byte{c})
	}
	return nil
}

// levelWord is a word of a line that may be its level.
type levelWord struct {
	line       []byte
	start, end int
	first      bool // it is the first thing behind a timestamp
	early      bool // at most one other word stands before it
}

// level is the level that the word says by itself or as the name of a level's value; done when it does.
func (w *levelWord) level() (level []byte, done bool) {
	word := w.line[w.start:w.end]
	if isLevelKey(word) {
		if level = w.value(); level != nil {
			return level, true
		}
	}
	if len(word) > longestLevel {
		return nil, false
	}
	if level = levelOf(word); level == nil {
		return nil, false
	}
	before, after := w.around()
	switch {
	case len(word) < 3:
		return level, isUpper(word[0]) && len(word) == 1 && before == '[' && after == ']'
	case enclosed(before, after), before == ':' && after == ']':
		return level, true
	case before == '[' && w.start == 1 && (after == ' ' || after == ':') && areUpper(word): // [WARN  tini (7)], [ERROR:flutter/lib/ui.cc(186)]
		return level, true
	case (before == ':' || before == '.') && after == ':' && areUpper(word): // 672:DEBUG:text, Laravel's local.ERROR:
		return level, true
	case before != ' ' && before != '|' && before != ']' && before != ',' && before != '-':
		return level, false
	case w.first && (after == ' ' || after == ':' || after == ']'):
		return level, true
	case after == ':' && w.early:
		return level, true
	}
	return level, areUpper(word) && (after == ' ' || after == ':' || after == '|' || after == ']' || after == ',' || after == '-')
}

// value is the level behind a key for it: level=error, "level":"error", level: error.
func (w *levelWord) value() []byte {
	i := w.end
	if i < len(w.line) && w.line[i] == '"' {
		i++
	}
	if i == len(w.line) || w.line[i] != '=' && w.line[i] != ':' {
		return nil
	}
	i++
	for i < len(w.line) && (w.line[i] == ' ' || w.line[i] == '"' || w.line[i] == '\'') {
		i++
	}
	end := i
	for end < len(w.line) && isLetter(w.line[end]) {
		end++
	}
	return levelOf(w.line[i:end])
}

// around is the bytes before and after the word, a blank at the ends of the line, and the brackets that a word padded with
// blanks stands in.
func (w *levelWord) around() (before, after byte) {
	i, j := w.start, w.end
	for i > 0 && isBlank(w.line[i-1]) {
		i--
	}
	for j < len(w.line) && isBlank(w.line[j]) {
		j++
	}
	before, after = ' ', ' '
	if i > 0 && (i == w.start || j < len(w.line) && enclosed(w.line[i-1], w.line[j])) {
		before = w.line[i-1]
	}
	if j < len(w.line) && (j == w.end || enclosed(before, w.line[j])) {
		after = w.line[j]
	}
	return before, after
}

// plain reports a word of running text.
func (w *levelWord) plain() bool {
	before, after := w.around()
	return before == ' ' && after == ' ' && w.end-w.start > 1 && !areUpper(w.line[w.start:w.end])
}

// enclosed reports the brackets that loggers put levels in.
func enclosed(before, after byte) bool {
	return before == '[' && after == ']' || before == '<' && after == '>' || before == '|' && after == '|'
}

// areUpper reports a word in capitals.
func areUpper(word []byte) bool {
	for _, c := range word {
		if !isUpper(c) {
			return false
		}
	}
	return true
}

// isLevelKey reports the names under which levels stand in text.
func isLevelKey(word []byte) bool {
	if len(word) < 3 || len(word) > 8 {
		return false
	}
	var folded [8]byte
	copyLower(folded[:], word)
	switch string(folded[:len(word)]) {
	case "level", "lvl", "severity", "loglevel":
		return true
	}
	return false
}
