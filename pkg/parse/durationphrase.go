package parse

// How far before `in 12ms` the word stands that says what is over.
const (
	phraseReach = 96 // bytes
	phraseWords = 8
)

// endsClause reports whether what ends before pos ends a clause: the line, its quotes or brackets, or a sentence.
func endsClause(line []byte, pos int) bool {
	rest := skipBlanks(line, pos)
	if rest == len(line) || rest > pos && line[rest] == '(' { // Rails' `Completed 200 OK in 180ms (Views: 0.4ms`
		return true
	}
	switch line[pos] {
	case ',', ';', ')', ']', '}', '"', '\'', '\\', '.', '!', '\r', '\n':
		return true
	}
	return false
}

// saysDone reports whether the words before `in 12ms` say that something is over: `completed`, `Completed 200 OK`, `GET / 200`.
// Otherwise it may be about what is to come, as `retrying in 5s`, or about a limit, as `100 requests in 1m`.
func saysDone(text []byte) bool {
	text = text[max(0, len(text)-phraseReach):]
	for range phraseWords {
		rest, word, opens := lastWord(text)
		if word == nil {
			return false
		}
		switch tenseOf(word) {
		case tensePast:
			_, before, _ := lastWord(rest)
			return opens || string(before) != "be" // will be closed in 30s
		case tenseFuture:
			return false
		}
		if opens {
			return false
		}
		text = rest
	}
	return false
}

// lastWord cuts the last word off text; nil when there is none or when it ends a clause before this one. opens says that the
// clause begins with it.
func lastWord(text []byte) (rest, word []byte, opens bool) {
	end := len(text)
	for end > 0 && isBlank(text[end-1]) {
		end--
	}
	start := end
	for start > 0 && !isBlank(text[start-1]) {
		start--
	}
	if start == end {
		return nil, nil, false
	}
	word = text[start:end]
	switch word[len(word)-1] {
	case ',', ';', ':', '.', '!', '?', ')', ']', '}', '"', '\'', '|':
		return nil, nil, false
	}
	for i := len(word) - 1; i >= 0; i-- { // msg="completed
		if c := word[i]; c == '"' || c == '\'' || c == '(' || c == '[' || c == '{' {
			return nil, word[i+1:], true
		}
	}
	return text[:start], word, false
}

// What a word before `in 12ms` says about it.
const (
	tenseNone = iota
	tensePast
	tenseFuture
)

// longestTense is the length of "successfully".
const longestTense = len("successfully")

// tenseOf tells it of one word.
func tenseOf(word []byte) int {
	if len(word) < 2 || len(word) > longestTense {
		return tenseNone
	}
	var folded [longestTense]byte
	copyLower(folded[:], word)
	text := folded[:len(word)]
	switch string(text) {
	case "done", "ran", "took", "built", "sent", "found", "wrote", "made", "got", "ready", "ok", "success", "successfully",
		"get", "post", "put", "patch", "delete", "head", "options":
		return tensePast
	case "will", "be", "to", "again", "next", "try", "retry", "retries", "expires", "expire", "until", "scheduled", "delayed",
		"deferred", "postponed", "planned", "expected", "needed", "required", "allowed", "permitted", "limited", "exceeded",
		"embed", "speed", "within", "per", "every", "not", "no":
		return tenseFuture
	}
	switch n := len(text); {
	case n > 4 && string(text[n-2:]) == "ed":
		return tensePast
	case n > 5 && string(text[n-3:]) == "ing":
		return tenseFuture
	}
	return tenseNone
}

// isQueryOrStatistic reports whether what stands before the name of a duration makes it the parameter of a URL, a statistic
// or a setting: none of these is how long took what the line is about.
func isQueryOrStatistic(text []byte) bool {
	if n := len(text); n > 0 && (text[n-1] == '?' || text[n-1] == '&') {
		return true
	}
	text = text[max(0, len(text)-phraseReach):]
	end := len(text)
	for end > 0 && isBlank(text[end-1]) {
		end--
	}
	start, least := end, max(0, end-longestTense-1)
	for start > least && !endsWord[text[start-1]] {
		start--
	}
	return isStatistic(text[start:end])
}

// endsWord is what a word of running text does not have inside.
var endsWord = func() (ends [256]bool) {
	for _, c := range []byte(" \t\"'([{") {
		ends[c] = true
	}
	return ends
}()

// isStatistic reports a word that makes the duration behind it a statistic or a setting.
func isStatistic(word []byte) bool {
	if len(word) < 3 || len(word) > longestTense {
		return false
	}
	var folded [longestTense]byte
	copyLower(folded[:], word)
	switch string(folded[:len(word)]) {
	case "max", "maximum", "min", "minimum", "avg", "average", "mean", "median", "default", "expected", "cache", "session",
		"poll", "lease":
		return true
	}
	return false
}
