package trace

import (
	"strconv"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// AppendJSON appends t as one JSON object: the shape of `tailspan trace --json`, which is part of the contract. Members that
// say what is unusual of a span stand only where it is so: missing_parent, async, behind_proxy, shift_ns.
func (t *Trace) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"trace_id":`...)
	dst = appendText(dst, t.ID)
	dst = appendTime(dst, `,"start":`, t.Start)
	dst = appendInt(dst, `,"duration_ns":`, t.Duration)
	dst = append(dst, `,"spans":[`...)
	for i, n := range t.Spans {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = n.appendJSON(dst)
	}
	dst = append(dst, `],"bottleneck":{"service":`...)
	dst = appendText(dst, t.Bottleneck.Service)
	dst = append(dst, `,"name":`...)
	dst = appendText(dst, t.Bottleneck.Name)
	dst = appendInt(dst, `,"self_ns":`, t.Bottleneck.Critical)
	dst = append(dst, '}')
	if len(t.Clocks) > 0 {
		dst = append(dst, `,"clocks":[`...)
		for i, c := range t.Clocks {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(dst, `{"host":`...)
			dst = appendText(dst, c.Host)
			dst = appendInt(dst, `,"ahead_ns":`, c.Ahead)
			dst = append(dst, '}')
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func (n *Node) appendJSON(dst []byte) []byte {
	parent := n.ParentID
	if n.Behind {
		parent = n.Parent.SpanID
	}
	for _, m := range []struct{ name, value string }{{`{"span_id":`, n.SpanID}, {`,"parent_id":`, parent}, {`,"service":`, n.Service}, {`,"name":`, n.Name}} {
		dst = append(dst, m.name...)
		dst = appendText(dst, m.value)
	}
	dst = appendTime(dst, `,"start":`, n.Start)
	dst = appendInt(dst, `,"duration_ns":`, n.Duration)
	dst = appendInt(dst, `,"self_ns":`, n.Self)
	dst = strconv.AppendBool(append(dst, `,"critical":`...), n.OnPath)
	dst = strconv.AppendBool(append(dst, `,"error":`...), n.Failed)
	for _, m := range []struct {
		name string
		on   bool
	}{{`,"cause":true`, n.Cause}, {`,"missing_parent":true`, n.Missing}, {`,"async":true`, n.Async}, {`,"behind_proxy":true`, n.Behind}} {
		if m.on {
			dst = append(dst, m.name...)
		}
	}
	if n.Shift != 0 {
		dst = appendInt(dst, `,"shift_ns":`, n.Shift)
	}
	return append(dst, '}')
}

func appendText(dst []byte, text string) []byte {
	return jsontext.AppendString(dst, strings.ToValidUTF8(text, "\uFFFD"))
}

func appendInt(dst []byte, name string, v int64) []byte {
	return strconv.AppendInt(append(dst, name...), v, 10)
}

func appendTime(dst []byte, name string, ns int64) []byte {
	return append(append(append(append(dst, name...), '"'), rfc3339(ns)...), '"')
}

// rfc3339 is a time with all its nanoseconds.
func rfc3339(ns int64) string {
	return time.Unix(0, ns).UTC().Format("2006-01-02T15:04:05.000000000Z")
}
