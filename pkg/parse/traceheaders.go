package parse

import "bytes"

// traceparent reads W3C Trace Context, section 3.2: `version-traceid-parentid-flags`, all lower case. Version 00 has
// nothing behind the flags, later versions may have more behind another dash, and version ff is invalid.
func (ids *traceIDs) traceparent(value []byte) bool {
	const length = len("00-") + 32 + len("-") + 16 + len("-00")
	if len(value) < length || value[2] != '-' || value[35] != '-' || value[52] != '-' {
		return false
	}
	version, flags := value[:2], value[53:length]
	if !areHex(version) || !areHex(flags) || string(version) == "ff" {
		return false
	}
	if len(value) > length && (string(version) == "00" || value[length] != '-') {
		return false
	}
	return ids.setTrace(value[3:35], false) && ids.setSpan(value[36:52], false)
}

// b3 reads the single header of openzipkin/b3-propagation: `traceid-spanid[-sampled[-parentspanid]]`. A header of only
// the sampling decision has no ids.
func (ids *traceIDs) b3(value []byte) bool {
	trace, rest, ok := bytes.Cut(value, dash)
	if !ok || len(rest) < 16 || !ids.setTrace(trace, false) || !ids.setSpan(rest[:16], false) {
		return false
	}
	switch rest = rest[16:]; len(rest) {
	case 0:
		return true
	case 2, 19:
		if rest[0] != '-' || rest[1] != '0' && rest[1] != '1' && rest[1] != 'd' {
			return false
		}
		return len(rest) == 2 || rest[2] == '-' && ids.setParent(rest[3:], false)
	}
	return false
}

var dash = []byte("-")

// header reads one of the headers that spread a context over several: B3's and OpenTracing's. A malformed one spoils all.
func (ids *traceIDs) header(role traceRole, value []byte) bool {
	if len(value) == 0 {
		return false
	}
	ok := false
	switch role {
	case b3Trace, otTrace:
		ok = ids.setTrace(value, false)
	case b3Span, otSpan:
		ok = ids.setSpan(value, false)
	case b3Parent:
		ok = ids.setParent(value, false)
	case b3Sampled, otSampled:
		ok = isSampled(value)
	}
	if !ok {
		ids.has |= spoiled
	}
	return ok
}

// isSampled reports whether a sampling flag is one that the propagators of OpenTelemetry accept.
func isSampled(value []byte) bool {
	switch len(value) {
	case 1:
		return value[0] == '0' || value[0] == '1'
	case 4:
		return bytes.EqualFold(value, []byte("true"))
	case 5:
		return bytes.EqualFold(value, []byte("false"))
	}
	return false
}

// jaeger reads uber-trace-id of the Jaeger clients: `traceid:spanid:parentid:flags`, whose colons may be URL-encoded. The
// parent is deprecated: a malformed one changes nothing.
func (ids *traceIDs) jaeger(value []byte) bool {
	trace, rest, ok := cutColon(value)
	if !ok || !ids.setTrace(trace, false) {
		return false
	}
	span, rest, ok := cutColon(rest)
	if !ok || !ids.setSpan(span, false) {
		return false
	}
	parent, flags, ok := cutColon(rest)
	if !ok || !isJaegerFlag(flags) {
		return false
	}
	ids.setParent(parent, false)
	return true
}

// cutColon cuts text at its first colon, plain or URL-encoded.
func cutColon(text []byte) (before, after []byte, ok bool) {
	for i, c := range text {
		if c == ':' {
			return text[:i], text[i+1:], true
		}
		if c == '%' && i+2 < len(text) && text[i+1] == '3' && lower(text[i+2]) == 'a' {
			return text[:i], text[i+3:], true
		}
	}
	return text, nil, false
}

// isJaegerFlag reports whether flags are a hexadecimal number of at most 63 bits, or left out.
func isJaegerFlag(flags []byte) bool {
	if len(flags) > 0 && (flags[0] == '-' || flags[0] == '+') {
		flags = flags[1:]
		if len(flags) == 0 {
			return false
		}
	}
	for len(flags) > 0 && flags[0] == '0' {
		flags = flags[1:]
	}
	for _, c := range flags {
		if !isHex(lower(c)) {
			return false
		}
	}
	return len(flags) < 16 || len(flags) == 16 && flags[0] < '8'
}

// xray reads X-Amzn-Trace-Id of AWS: `Root=1-8hex-24hex;Parent=16hex;Sampled=1`, in any order and with other keys between.
func (ids *traceIDs) xray(value []byte) bool {
	for len(value) > 0 {
		var part []byte
		part, value, _ = bytes.Cut(value, []byte(";"))
		key, text, ok := bytes.Cut(trimBlanks(part), []byte("="))
		if !ok {
			return false
		}
		switch string(key) {
		case "Root":
			ok = ids.xrayTrace(text)
		case "Parent":
			ok = ids.setSpan(text, false)
		}
		if !ok {
			return false
		}
	}
	return true
}

// xrayTrace reads the trace id of AWS X-Ray: version 1, eight digits of time, 24 of chance.
func (ids *traceIDs) xrayTrace(id []byte) bool {
	if !isXrayRoot(id) {
		return false
	}
	var joined [32]byte
	copy(joined[:8], id[2:])
	copy(joined[8:], id[11:])
	return ids.setTrace(joined[:], false)
}

// isXrayRoot reports the shape of X-Ray's trace ids.
func isXrayRoot(id []byte) bool {
	return len(id) == 35 && id[0] == '1' && id[1] == '-' && id[10] == '-'
}
