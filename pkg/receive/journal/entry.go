package journal

import (
	"bytes"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// number says that a field's value is written as one.
type kind uint8

const (
	text kind = iota
	number
)

// names are the fields of systemd.journal-fields(7) that have a place in ECS.
var names = map[string]struct {
	name string
	kind kind
}{
	"MESSAGE":                     {"message", text},
	"_PID":                        {"process.pid", number},
	"_COMM":                       {"process.name", text},
	"_EXE":                        {"process.executable", text},
	"_CMDLINE":                    {"process.command_line", text},
	"TID":                         {"process.thread.id", number},
	"_UID":                        {"user.id", text},
	"_GID":                        {"group.id", text},
	"_HOSTNAME":                   {"host.hostname", text},
	"_MACHINE_ID":                 {"host.id", text},
	"_BOOT_ID":                    {"host.boot.id", text},
	"SYSLOG_IDENTIFIER":           {"log.syslog.appname", text},
	"SYSLOG_PID":                  {"log.syslog.procid", text},
	"SYSLOG_FACILITY":             {"log.syslog.facility.code", number},
	"CODE_FILE":                   {"log.origin.file.name", text},
	"CODE_LINE":                   {"log.origin.file.line", number},
	"CODE_FUNC":                   {"log.origin.function", text},
	"ERRNO":                       {"error.code", text},
	"_TRANSPORT":                  {"systemd.transport", text},
	"_SYSTEMD_UNIT":               {"systemd.unit", text},
	"_SYSTEMD_USER_UNIT":          {"systemd.user_unit", text},
	"_SYSTEMD_SLICE":              {"systemd.slice", text},
	"_SYSTEMD_USER_SLICE":         {"systemd.user_slice", text},
	"_SYSTEMD_CGROUP":             {"systemd.cgroup", text},
	"_SYSTEMD_SESSION":            {"systemd.session", text},
	"_SYSTEMD_OWNER_UID":          {"systemd.owner_uid", text},
	"_SYSTEMD_INVOCATION_ID":      {"systemd.invocation_id", text},
	"CONTAINER_ID_FULL":           {"container.id", text},
	"CONTAINER_NAME":              {"container.name", text},
	"IMAGE_NAME":                  {"container.image.name", text},
	"PRIORITY":                    {"", text}, // see appendPriority
	"__CURSOR":                    {"", text}, // the place in the journal
	"__REALTIME_TIMESTAMP":        {"", text}, // see appendTime
	"_SOURCE_REALTIME_TIMESTAMP":  {"", text},
	"__MONOTONIC_TIMESTAMP":       {"", text}, // says nothing without the boot that it counts from
	"_SOURCE_MONOTONIC_TIMESTAMP": {"", text},
	"_SOURCE_BOOTTIME_TIMESTAMP":  {"", text},
	"__SEQNUM":                    {"", text}, // the cursor has both
	"__SEQNUM_ID":                 {"", text},
	"CONTAINER_ID":                {"", text}, // the beginning of CONTAINER_ID_FULL
	"SYSLOG_TIMESTAMP":            {"", text}, // without a year
	"SYSLOG_RAW":                  {"", text}, // the message once more
	"_RUNTIME_SCOPE":              {"", text},
}

// others is where fields go that have no place in ECS, each under its name in lower case without the underscore of trusted ones.
const others = "journald."

// levels are those of syslog.
var levels = [8]string{"emergency", "alert", "critical", "error", "warning", "notice", "info", "debug"}

// Next appends the next entry to dst as one line of JSON, without a newline, and returns the place behind it in the journal; both
// valid until the next call. Errors are those of the stream; io.EOF after a whole entry.
func (r *Reader) Next(dst []byte) (line []byte, cursor string, err error) {
	if err := r.next(); err != nil {
		return dst, "", err
	}
	dst = append(dst, '{')
	dst = r.appendTime(dst)
	dst = r.appendPriority(dst)
	for i := range r.fields {
		dst = r.appendField(dst, i)
	}
	dst = append(bytes.TrimSuffix(dst, []byte{','}), '}')
	return dst, string(r.first("__CURSOR")), nil
}

// first is the first value of the field; nil for none.
func (r *Reader) first(name string) []byte {
	for _, f := range r.fields {
		if string(f.name) == name {
			return f.value
		}
	}
	return nil
}

// appendTime appends when the message was made, if its maker's word can be trusted, or else when the journal took it.
func (r *Reader) appendTime(dst []byte) []byte {
	for _, name := range []string{"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"} {
		us, err := strconv.ParseInt(string(r.first(name)), 10, 64)
		const last = 253402300799_999999 // in the year 9999
		if err != nil || us <= 0 || us > last {
			continue
		}
		dst = append(dst, `"@timestamp":"`...)
		dst = time.UnixMicro(us).UTC().AppendFormat(dst, "2006-01-02T15:04:05.000000Z")
		return append(dst, `",`...)
	}
	return dst
}

func (r *Reader) appendPriority(dst []byte) []byte {
	p := r.first("PRIORITY")
	if len(p) != 1 || p[0] < '0' || p[0] > '7' {
		return dst
	}
	dst = append(dst, `"log.level":"`...)
	dst = append(dst, levels[p[0]-'0']...)
	dst = append(dst, `","log.syslog.severity.code":`...)
	return append(dst, p[0], ',')
}

// appendField appends field i with all values that its name has, when it is the first with the name.
func (r *Reader) appendField(dst []byte, i int) []byte {
	name := r.fields[i].name
	for _, f := range r.fields[:i] {
		if bytes.Equal(f.name, name) {
			return dst
		}
	}
	known, ok := names[string(name)]
	if ok && known.name == "" {
		return dst
	}
	start := len(dst)
	if ok {
		dst = append(jsontext.AppendString(dst, known.name), ':')
	} else if dst = r.appendOther(dst, name); len(dst) == start {
		return dst
	}
	many, begin := 0, len(dst)
	for _, f := range r.fields[i:] {
		if !bytes.Equal(f.name, name) {
			continue
		}
		if many++; many > 1 {
			dst = append(dst, ',')
		}
		if known.kind != number {
			dst = appendText(dst, f.value)
		} else if isNumber(f.value) {
			dst = append(dst, f.value...)
		} else {
			return dst[:start] // it would not go into a field of numbers
		}
		if known.name == "message" {
			break // an array of them is no message
		}
	}
	if many > 1 {
		dst = append(dst, 0)
		copy(dst[begin+1:], dst[begin:])
		dst[begin] = '['
		dst = append(dst, ']')
	}
	return append(dst, ',')
}

// appendOther appends the name of a field that has no place in ECS; nothing when it has no letters.
func (r *Reader) appendOther(dst, name []byte) []byte {
	short := bytes.ToLower(bytes.TrimLeft(name, "_"))
	if len(short) == 0 {
		return dst
	}
	for i, c := range short {
		if c != '_' && (c < 'a' || c > 'z') && (c < '0' || c > '9') {
			short[i] = '_' // journald takes letters, digits and underscores; a file may hold anything
		}
	}
	return append(jsontext.AppendString(dst, append([]byte(others), short...)), ':')
}

func isNumber(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(b) > 0 && len(b) < 19 && (b[0] != '0' || len(b) == 1)
}

// appendText appends a value as a JSON string; what is not UTF-8 in it becomes U+FFFD.
func appendText(dst, value []byte) []byte {
	if !utf8.Valid(value) {
		value = bytes.ToValidUTF8(value, []byte("\uFFFD"))
	}
	return jsontext.AppendString(dst, value)
}
