package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// maxTail bounds how many words behind the known parts of an access line are looked at.
const maxTail = 48

var (
	nameTraceparent = []byte("traceparent")
	nameDomain      = []byte("url.domain")
)

// addTail adds what the words of ev.Line from i on say by themselves: `name=value` and `name="value"`, a traceparent, the
// addresses that a request was forwarded for. Of bare numbers nobody knows what they measure; the message keeps them.
func addTail(ev *event.Event, i int) {
	line := ev.Line
	for range maxTail {
		i = skipBlanks(line, i)
		if i == len(line) {
			return
		}
		if line[i] == '"' {
			var text span
			n, ok := quotedAt(line, i, &text)
			if !ok {
				return
			}
			addWord(ev, text.of(line))
			addForwarded(ev, text.of(line))
			i = n
			continue
		}
		from := i
		for i < len(line) && !isBlank(line[i]) && line[i] != '=' {
			i++
		}
		if i < len(line) && line[i] == '=' && isTailName(line[from:i]) {
			i = addPair(ev, from, i)
			continue
		}
		for i < len(line) && !isBlank(line[i]) {
			i++
		}
		addWord(ev, line[from:i])
	}
}

// addPair adds the value behind the `=` at equals, under its name unless there is such a field, and returns where it ends.
func addPair(ev *event.Event, from, equals int) (end int) {
	line := ev.Line
	var value span
	end, ok := equals+1, false
	if end < len(line) && line[end] == '"' {
		end, ok = quotedAt(line, end, &value)
	}
	if !ok {
		for end < len(line) && !isBlank(line[end]) {
			end++
		}
		value = span{equals + 1, end}
	}
	name := line[from:equals]
	if string(name) == "host" { // the one that was asked for, not the one that logs
		name = nameDomain
	}
	if text := unlessNone(value.of(line)); len(text) > 0 && event.Lookup(ev.Fields, name) < 0 {
		ev.Add(name, text, event.Text)
	}
	return end
}

// isTailName reports a name that an administrator gives.
func isTailName(word []byte) bool {
	for i, c := range word {
		if !isLetter(c) && !isDigit(c) && (!isSeparator(c) || c == '.' && (i+1 == len(word) || word[i+1] == '.')) {
			return false
		}
	}
	return len(word) > 0 && len(word) <= 64 && (isLetter(word[0]) || word[0] == '_')
}

// addWord adds a word that has no name but is known by what it looks like: a traceparent.
func addWord(ev *event.Event, word []byte) {
	if len(word) == len("00-")+32+1+16+len("-01") && word[2] == '-' && word[35] == '-' && word[52] == '-' {
		addUnlessThere(ev, nameTraceparent, word)
	}
}

// addForwarded adds the first of the addresses in X-Forwarded-For, which servers log in quotes.
func addForwarded(ev *event.Event, text []byte) {
	if i := bytes.IndexByte(text, ','); i > 0 {
		text = text[:i]
	}
	if looksLikeAddress(text) {
		addUnlessThere(ev, nameForwarded, text)
	}
}

func addUnlessThere(ev *event.Event, name, text []byte) {
	if event.Lookup(ev.Fields, name) < 0 {
		ev.Add(name, text, event.Text)
	}
}
