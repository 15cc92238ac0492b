package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

// maxHead bounds the words before the time of an access line.
const maxHead = 24

// accessHead is what stands before the time of an access line: the client or several, as X-Forwarded-For has them, the
// identity and the user, and perhaps the virtual host before all of them.
type accessHead struct {
	vhost, port, source, identity, user []byte
}

// scan takes head apart; anything may be missing.
func (h *accessHead) scan(head []byte) {
	var words [maxHead]span
	n := 0
	for i := skipBlanks(head, 0); i < len(head) && n < maxHead; i = skipBlanks(head, i) {
		from := i
		for i < len(head) && !isBlank(head[i]) {
			i++
		}
		words[n] = span{from, i}
		n++
	}
	if n == 0 {
		return
	}
	first, last := 0, 0 // of the addresses
	for last+1 < n && head[words[last].to-1] == ',' {
		last++
	}
	if next := last + 1; n-next >= 3 && string(words[next].of(head)) != "-" &&
		(last > 0 || string(words[next+1].of(head)) == "-" || looksLikeAddress(words[next].of(head))) {
		if last == 0 {
			h.host(words[0].of(head))
			first = 1
		}
		last++
	}
	h.source = clientOf(head, words[first:last+1])
	if last+1 < n {
		h.identity = unlessNone(words[last+1].of(head))
	}
	if user := behindForwarded(head, words[:n], last+2); user < n {
		h.user = unlessNone(unquoted(trimBlanks(head[words[user].from:])))
	}
}

// behindForwarded is the index of the user, for which words[i] stands unless ingress-nginx wrote `[forwarded, …] - ` before it, as it
// did before 0.21.
func behindForwarded(head []byte, words []span, i int) int {
	if i >= len(words) || head[words[i].from] != '[' {
		return i
	}
	for j := i; j+2 < len(words); j++ {
		if head[words[j].to-1] == ']' && string(words[j+1].of(head)) == "-" {
			return j + 2
		}
	}
	return i
}

// host takes the virtual host, with its port.
func (h *accessHead) host(word []byte) {
	h.vhost = unlessNone(word)
	if i := bytes.LastIndexByte(word, ':'); i > 0 && i+1 < len(word) && allDigits(word[i+1:]) {
		h.vhost, h.port = word[:i], word[i+1:]
	}
}

func (h *accessHead) add(ev *event.Event) {
	addText(ev, nameVhost, h.vhost)
	addNumber(ev, nameVhostPort, h.port)
	addText(ev, nameSource, h.source)
	addText(ev, nameIdentity, h.identity)
	addText(ev, nameUser, h.user)
}

// clientOf chooses of several addresses the first that is not private, as that of the client; else the first.
func clientOf(head []byte, words []span) []byte {
	for _, w := range words {
		if address := bareAddress(w.of(head)); len(address) > 0 && !isPrivate(address) {
			return unlessNone(address)
		}
	}
	return unlessNone(bareAddress(words[0].of(head)))
}

// bareAddress is a word of a list without what separates it.
func bareAddress(word []byte) []byte { return unquoted(bytes.TrimSuffix(word, []byte(","))) }

// unquoted is a word without a quote on either side.
func unquoted(word []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimPrefix(word, []byte(`"`)), []byte(`"`))
}

// isPrivate reports the IPv4 addresses of RFC 1918 and of the host itself.
func isPrivate(address []byte) bool {
	n := bytes.IndexByte(address, '.')
	if n < 0 {
		return false
	}
	rest := address[n+1:]
	switch string(address[:n]) {
	case "10", "127":
		return true
	case "192":
		return bytes.HasPrefix(rest, []byte("168."))
	case "172":
		return len(rest) > 2 && rest[2] == '.' && (rest[0] == '1' && rest[1] >= '6' || rest[0] == '2' || rest[0] == '3' && rest[1] <= '1')
	}
	return false
}

// looksLikeAddress reports digits and three dots, or what may be IPv6; neither with a port.
func looksLikeAddress(word []byte) bool {
	colons, dots, hex := 0, 0, true
	for _, c := range word {
		switch {
		case c == ':':
			colons++
		case c == '.':
			dots++
		case !isDigit(c):
			hex = hex && c|0x20 >= 'a' && c|0x20 <= 'f'
			if colons == 0 && dots > 0 || !hex {
				return false
			}
		}
	}
	return colons > 1 || colons == 0 && dots == 3
}

// unlessNone is the word, or nothing when it is `-`.
func unlessNone(word []byte) []byte {
	if string(word) == "-" {
		return nil
	}
	return word
}
