package process

import "bytes"

// isToken tells the bytes that tokens are made of: those of base64, of its form for URLs, and of RFC 6750.
func isToken(c byte) bool {
	return isLetter(c) || isDigit(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '+' || c == '/' || c == '='
}

func isURLBase64(c byte) bool { return isLetter(c) || isDigit(c) || c == '-' || c == '_' }

// findJWT finds JSON Web Tokens: parts in base64 with dots between them, the first of which is a JSON object.
func findJWT(t []byte, from int) (start, end int) {
	for from < len(t) {
		i := bytes.Index(t[from:], []byte("eyJ"))
		if i < 0 {
			break
		}
		start = from + i
		parts, at := 1, start
		for at < len(t) && (isURLBase64(t[at]) || t[at] == '.') {
			if t[at] == '.' {
				parts++
			}
			at++
		}
		if parts >= 3 && at-start > 20 {
			return start, at
		}
		from = max(at, start+3)
	}
	return -1, -1
}

// findBearer finds what is behind the word Bearer when it looks like a token and not like a word.
func findBearer(t []byte, from int) (start, end int) {
	for i := from; i+7 < len(t); i++ {
		if t[i]|0x20 != 'b' || !bytes.EqualFold(t[i:i+6], []byte("bearer")) || !isSpace(t[i+6]) {
			continue
		}
		start = i + 6
		for start < len(t) && isSpace(t[start]) {
			start++
		}
		if end = tokenEnd(t, start); end-start >= 20 || hasDigit(t[start:end]) && end-start >= 6 {
			return start, end
		}
	}
	return -1, -1
}

// isSpace tells what is written for a blank, also in URLs.
func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '+' }

func tokenEnd(t []byte, i int) int {
	for i < len(t) && isToken(t[i]) {
		i++
	}
	return i
}

func hasDigit(t []byte) bool {
	for _, c := range t {
		if isDigit(c) {
			return true
		}
	}
	return false
}

// issued are the beginnings of keys that say by themselves what they are, and how many bytes of a token follow at least.
var issued = []struct {
	begin string
	least int
}{
	{"AKIA", 16}, {"ASIA", 16}, {"ABIA", 16}, {"ACCA", 16}, // Amazon
	{"ghp_", 30}, {"gho_", 30}, {"ghu_", 30}, {"ghs_", 30}, {"ghr_", 30}, {"github_pat_", 30}, // GitHub
	{"glpat-", 16}, {"npm_", 30}, {"pypi-", 30}, {"dckr_pat_", 20}, {"hf_", 30},
	{"xoxb-", 10}, {"xoxp-", 10}, {"xoxa-", 10}, {"xoxr-", 10}, {"xoxs-", 10}, {"xapp-", 10}, // Slack
	{"sk_live_", 10}, {"sk_test_", 10}, {"rk_live_", 10}, {"rk_test_", 10}, {"whsec_", 16}, // Stripe
	{"sk-", 20}, {"AIza", 30}, {"ya29.", 20}, {"SG.", 30}, {"hvs.", 20}, {"dop_v1_", 30}, {"shpat_", 20}, {"EAACEdEose0cBA", 10},
}

// words name a secret when a value follows. They are compared in small letters without dashes and underscores.
var words = []string{"password", "passwd", "passphrase", "pwd", "secret", "clientsecret", "secretkey", "token", "accesstoken", "refreshtoken", "idtoken",
	"authtoken", "sessiontoken", "apikey", "xapikey", "accesskey", "secretaccesskey", "privatekey", "authorization", "proxyauthorization", "cookie", "setcookie"}

// starts tells the bytes that keys and words begin with.
var starts = func() (t [256]bool) {
	for _, k := range issued {
		t[k.begin[0]] = true
	}
	t['-'] = true
	return t
}()

// findKey finds keys: those that say what they are, private keys in PEM, and what follows a word such as password.
func findKey(t []byte, from int) (start, end int) {
	for i := from; i < len(t); i++ {
		switch c := t[i]; {
		case c == '=' || c == ':':
			if start, end = assigned(t, from, i); start >= 0 {
				return start, end
			}
		case starts[c] && (i == 0 || !isLetter(t[i-1]) && !isDigit(t[i-1])):
			if end = issuedAt(t, i); end > 0 {
				return i, end
			}
		}
	}
	return -1, -1
}

// issuedAt returns the end of a key that says what it is at i, or 0.
func issuedAt(t []byte, i int) (end int) {
	const pem = "-----BEGIN "
	if t[i] == '-' {
		if bytes.HasPrefix(t[i:], []byte(pem)) {
			return pemEnd(t, i+len(pem))
		}
		return 0
	}
	for _, k := range issued {
		if t[i] != k.begin[0] || len(t)-i < len(k.begin) || string(t[i:i+len(k.begin)]) != k.begin {
			continue
		}
		if end = tokenEnd(t, i+len(k.begin)); end-i-len(k.begin) >= k.least {
			return end
		}
	}
	return 0
}

// pemEnd returns the end of a private key whose label begins at i, or 0; one that does not end goes to the end of the text.
func pemEnd(t []byte, i int) int {
	label := t[i:min(len(t), i+40)]
	if !bytes.Contains(label, []byte("PRIVATE KEY")) {
		return 0
	}
	end := bytes.Index(t[i:], []byte("-----END "))
	if end < 0 {
		return len(t)
	}
	end += i + len("-----END ")
	if last := bytes.Index(t[end:], []byte("-----")); last >= 0 {
		return end + last + len("-----")
	}
	return len(t)
}

// longestWord is that of words, with dashes or underscores in it.
const longestWord = 32

// assigned finds the value behind the sign at i when the word before it names a secret.
func assigned(t []byte, from, i int) (start, end int) {
	to := i
	for to > from && (t[to-1] == ' ' || t[to-1] == '"' || t[to-1] == '\'' || t[to-1] == '\\') {
		to--
	}
	at := to
	for at > 0 && to-at < longestWord && (isLetter(t[at-1]) || t[at-1] == '_' || t[at-1] == '-') {
		at--
	}
	if !namesSecret(t[at:to]) {
		return -1, -1
	}
	start = i + 1
	for start < len(t) && (isSpace(t[start]) || t[start] == '=' || t[start] == '\\') {
		start++
	}
	if start == len(t) {
		return -1, -1
	}
	if quote := t[start]; quote == '"' || quote == '\'' {
		start++
		if end = bytes.IndexByte(t[start:], quote); end < 0 {
			end = len(t) - start
		}
		if end += start; end > start && t[end-1] == '\\' {
			end--
		}
	} else {
		start, end = bareValue(t, start)
	}
	if end <= start || t[start] == '[' && t[end-1] == ']' { // nothing, or redacted already
		return -1, -1
	}
	return start, end
}

// bareValue is a value without quotes; the scheme of an Authorization stays.
func bareValue(t []byte, start int) (from, to int) {
	for _, scheme := range [...]string{"bearer ", "basic ", "token ", "negotiate ", "digest "} {
		if len(t)-start > len(scheme) && bytes.EqualFold(t[start:start+len(scheme)], []byte(scheme)) {
			start += len(scheme)
			break
		}
	}
	end := start
	for end < len(t) && !bytes.ContainsRune([]byte(" \t\r\n,;&\"'()<>{}|"), rune(t[end])) {
		end++
	}
	return start, end
}

// namesSecret reports whether a name, or its last part, is a word for a secret.
func namesSecret(name []byte) bool {
	var plain [longestWord]byte
	n := 0
	for _, c := range name[max(0, len(name)-longestWord):] {
		if isLetter(c) || isDigit(c) {
			plain[n] = c | 0x20
			n++
		}
	}
	for _, word := range words {
		if n >= len(word) && string(plain[n-len(word):n]) == word {
			return true
		}
	}
	return false
}
