package parse

import (
	"bytes"

	"github.com/cespare/xxhash/v2"
)

// isProxyField reports the names that proxies give to what they measure of a request: nginx's $request_time and
// $upstream_response_time, Envoy's upstream_service_time and its headers.
func isProxyField(name []byte) bool {
	name = name[bytes.LastIndexByte(name, '.')+1:]
	var folded [longestProxyField]byte
	n := min(len(name), len(folded))
	for i, c := range name[:n] {
		if folded[i] = lower(c); c == '-' {
			folded[i] = '_'
		}
	}
	if bytes.HasPrefix(folded[:n], []byte("x_envoy_")) {
		return true
	}
	if n < len(name) {
		return false
	}
	switch string(folded[:n]) {
	case "request_time", "upstream_response_time", "upstream_service_time":
		return true
	}
	return false
}

// longestProxyField is the length of "upstream_response_time".
const longestProxyField = len("upstream_response_time")

// deriveSpan makes the id of the span that a proxy's line is about: as 16 hexadecimal digits the xxhash64 of the trace, the
// parent and the line, so that a line that is read again has the same. It is valid until the next reset.
func (c *traceContext) deriveSpan(traceID, parentID, line []byte) []byte {
	var d xxhash.Digest
	d.Reset()
	for _, part := range [...][]byte{traceID, parentID, line} {
		_, _ = d.Write(part) // never fails
	}
	putHex(&c.derived, max(d.Sum64(), 1))
	return c.derived[:]
}

// putHex writes v in 16 lower-case hexadecimal digits.
func putHex(dst *[16]byte, v uint64) {
	for i := len(dst) - 1; i >= 0; i-- {
		dst[i] = "0123456789abcdef"[v&15]
		v >>= 4
	}
}
