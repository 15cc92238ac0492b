package process

import "bytes"

// secretKind is a kind of secret that redact knows by itself.
type secretKind struct {
	name string
	// find returns where in t the first secret at or behind from is, or -1.
	find func(t []byte, from int) (start, end int)
	// may says quickly of most texts that there is nothing to find.
	may func(t []byte) bool
}

// secretKinds are looked for in this order: those that may hold others first.
var secretKinds = []secretKind{
	{"key", findKey, func([]byte) bool { return true }},
	{"jwt", findJWT, func([]byte) bool { return true }},
	{"bearer", findBearer, func([]byte) bool { return true }},
	{"email", findEmail, mayBeEmail},
	{"card", findCard, func([]byte) bool { return true }},
	{"ip", findIP, mayBeIP},
}

func mayBeEmail(t []byte) bool {
	return bytes.IndexByte(t, '@') >= 0 || bytes.Contains(t, []byte("%40"))
}

func mayBeIP(t []byte) bool {
	return bytes.Count(t, []byte(".")) > 2 || bytes.Contains(t, []byte("::")) || bytes.Count(t, []byte(":")) > 6
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isHex(c byte) bool    { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

// Bytes of runes beyond ASCII count as letters: names are written in all scripts.
func isMailbox(c byte) bool {
	return isLetter(c) || isDigit(c) || c >= 0x80 || c == '.' || c == '_' || c == '%' || c == '+' || c == '-' || c == '\''
}
func isHost(c byte) bool { return isLetter(c) || isDigit(c) || c >= 0x80 || c == '-' || c == '.' }

// maxMailbox is longer than the name of any mailbox (RFC 5321 has 64 bytes).
const maxMailbox = 256

// findEmail finds name@host.tld; in a URL the sign may stand as %40.
func findEmail(t []byte, from int) (start, end int) {
	for at := from; at < len(t); at++ {
		sign := 1
		switch {
		case t[at] == '@':
		case t[at] == '%' && at+2 < len(t) && t[at+1] == '4' && t[at+2] == '0':
			sign = 3
		default:
			continue
		}
		start, end = at, at+sign
		for start > from && at-start < maxMailbox && isMailbox(t[start-1]) {
			start--
		}
		for end < len(t) && isHost(t[end]) {
			end++
		}
		host := bytes.TrimRight(t[at+sign:end], ".-")
		if start == at || !isDomain(host) {
			continue
		}
		return start, at + sign + len(host)
	}
	return -1, -1
}

// isDomain reports labels with dots between them, the last of which is no number.
func isDomain(host []byte) bool {
	dot := bytes.LastIndexByte(host, '.')
	if dot < 1 || len(host)-dot < 3 {
		return false
	}
	for _, c := range host[dot+1:] {
		if !isDigit(c) {
			return true
		}
	}
	return false
}

// minCard and maxCard are how many digits the number of a payment card has (ISO/IEC 7812).
const minCard, maxCard = 12, 19

// findCard finds numbers of payment cards: digits, with single blanks or dashes between them, that begin as those of an
// issuer and whose check digit is right.
func findCard(t []byte, from int) (start, end int) {
	for {
		i := digitsFrom(t, from)
		if i < 0 {
			return -1, -1
		}
		for ; i < len(t) && inCard(t[i]); i++ {
			if !isDigit(t[i]) || i > 0 && isDigit(t[i-1]) {
				continue
			}
			if last := cardAt(t, i); last > 0 && !inHexID(t, i, last) {
				return i, last
			}
		}
		from = i
	}
}

// digitsFrom returns where at or behind from as many digits as a card has begin, with nothing but blanks and dashes between
// them; -1 for nowhere. Of any two neighbours in there one is a digit, or there is no card, so most bytes need not be looked at.
func digitsFrom(t []byte, from int) int {
	const stride = minCard / 2
	for i := from + stride; i < len(t); i += stride {
		if !isDigit(t[i]) && !isDigit(t[i-1]) {
			continue
		}
		start, digits := i, 0
		for start > from && inCard(t[start-1]) {
			start--
		}
		end := start
		for ; end < len(t) && digits < minCard && (end < i || inCard(t[end])); end++ {
			if isDigit(t[end]) {
				digits++
			}
		}
		if digits == minCard {
			return start
		}
		i = max(i, end)
	}
	return -1
}

func inCard(c byte) bool { return isDigit(c) || c == ' ' || c == '-' }

// cardAt returns the end of the longest card number at i, or 0.
func cardAt(t []byte, i int) (end int) {
	if c := t[i]; c < '2' || c > '6' && c != '8' {
		return 0
	}
	var digits [maxCard]byte
	n := 0
	for j := i; j < len(t) && n < maxCard; j++ {
		if !isDigit(t[j]) {
			if t[j] != ' ' && t[j] != '-' || j+1 == len(t) || !isDigit(t[j+1]) {
				break
			}
			continue
		}
		digits[n] = t[j] - '0'
		if n++; n >= minCard && (j+1 == len(t) || !isDigit(t[j+1])) && luhn(digits[:n]) {
			end = j + 1
		}
	}
	return end
}

// luhn reports whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).
func luhn(digits []byte) bool {
	sum, odd := 0, false
	for i := len(digits) - 1; i >= 0; i-- {
		d := int(digits[i])
		if odd {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum, odd = sum+d, !odd
	}
	return sum%10 == 0
}

// inHexID reports digits that are part of an id in hexadecimal digits, as of a trace.
func inHexID(t []byte, start, end int) bool {
	from, to := start, end
	for from > 0 && isHex(t[from-1]) && end-from < 64 {
		from--
	}
	for to < len(t) && isHex(t[to]) && to-from < 65 {
		to++
	}
	switch to - from {
	case 16, 32, 40, 64:
		return to-from > end-start && bytes.IndexByte(t[start:end], ' ') < 0
	}
	return false
}

// findIP finds addresses of both versions of the Internet Protocol.
func findIP(t []byte, from int) (start, end int) {
	for i := from; i < len(t); i++ {
		if !isHex(t[i]) && t[i] != ':' || i > 0 && (isLetter(t[i-1]) || isDigit(t[i-1])) {
			continue
		}
		if i == 0 || t[i-1] != ':' {
			if end = ipv6At(t, i); end > 0 {
				return i, end
			}
		}
		if i > 1 && t[i-1] == '.' && isDigit(t[i-2]) {
			continue
		}
		if end = ipv4At(t, i); end > 0 && (end+1 >= len(t) || t[end] != '.' || !isDigit(t[end+1])) {
			return i, end
		}
	}
	return -1, -1
}

// ipv4At returns the end of four numbers up to 255 with dots between them at i, or 0.
func ipv4At(t []byte, i int) (end int) {
	for part := range 4 {
		if part > 0 {
			if i >= len(t) || t[i] != '.' {
				return 0
			}
			i++
		}
		n, digits := 0, 0
		for i < len(t) && isDigit(t[i]) && digits < 4 {
			n = n*10 + int(t[i]-'0')
			digits++
			i++
		}
		if digits == 0 || digits > 3 || n > 255 {
			return 0
		}
	}
	if i < len(t) && isLetter(t[i]) {
		return 0
	}
	return i
}

// ipv6At returns the end of an address at i (RFC 4291, 2.2), or 0.
func ipv6At(t []byte, i int) (end int) {
	to := i
	colons := 0
	for to < len(t) && to-i < 46 && (isHex(t[to]) || t[to] == ':' || t[to] == '.') {
		if t[to] == ':' {
			colons++
		}
		to++
	}
	if colons < 2 || to < len(t) && (isLetter(t[to]) || isDigit(t[to])) {
		return 0
	}
	for to > i+2 {
		if isIPv6(t[i:to]) {
			return to
		}
		if c := t[to-1]; c != ':' && c != '.' { // the end of a sentence
			return 0
		}
		to--
	}
	return 0
}

// isIPv6 reports an address that is not the unspecified one.
func isIPv6(a []byte) bool {
	groups, gap := 0, false
	for i := 0; i < len(a); {
		if a[i] == ':' {
			if i+1 < len(a) && a[i+1] == ':' {
				if gap {
					return false
				}
				gap = true
				i += 2
				continue
			}
			if i == 0 || i+1 == len(a) || a[i-1] == ':' {
				return false
			}
			i++
			continue
		}
		if end := ipv4At(a, i); end == len(a) {
			groups += 2
			break
		}
		digits := 0
		for i < len(a) && isHex(a[i]) {
			i++
			digits++
		}
		if digits == 0 || digits > 4 || i < len(a) && a[i] != ':' {
			return false
		}
		groups++
	}
	return groups == 8 && !gap || gap && groups > 0 && groups < 8
}
