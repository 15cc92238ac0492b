package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var auditKinds = []kind{
	{name: "auditd", make: func(*Config) (format, error) { return auditFormat{}, nil }, fits: fitsAudit, begins: "tn", envelope: true},
}

// auditFormat takes off what Linux' audit daemon puts before each record: `node=web-1 type=SYSCALL msg=audit(1364481363.243:24287): `,
// where the node may be missing. Behind it stand names and values, or text.
type auditFormat struct{}

var (
	nameRecord = []byte("auditd.log.record_type")
	nameNode   = []byte("host.hostname")

	auditNode = []byte("node=")
	auditType = []byte("type=")
	auditTime = []byte("msg=audit(")
	auditEnd  = []byte("):")
)

func fitsAudit(line []byte) bool {
	return (bytes.HasPrefix(line, auditType) || bytes.HasPrefix(line, auditNode)) && bytes.Contains(line[:min(len(line), 160)], auditTime)
}

func (auditFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	w := words{ev.Line, 0}
	word := w.next()
	if node, ok := bytes.CutPrefix(word, auditNode); ok {
		addText(ev, nameNode, node)
		word = w.next()
	}
	record, ok := bytes.CutPrefix(word, auditType)
	if !ok || len(record) == 0 {
		return p.failAt("auditd", "expected type=", 0)
	}
	at := w.i
	stamp, ok := bytes.CutPrefix(w.next(), auditTime)
	stamp, whole := bytes.CutSuffix(stamp, auditEnd)
	seconds, sequence, split := bytes.Cut(stamp, []byte(":"))
	if !ok || !whole || !split || !isNumber(seconds) || !allDigits(sequence) {
		return p.failAt("auditd", "expected msg=audit(seconds:number):", at)
	}
	addText(ev, nameRecord, record)
	ev.Add(nameTimestamp, seconds, event.Text)
	addNumber(ev, nameSequence, sequence)
	rest := skipBlanks(ev.Line, w.i)
	ev.Add(nameMessage, ev.Line[rest:], event.Text)
	found.free = ev.Line[rest:]
	return true
}
