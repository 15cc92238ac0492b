package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
)

// blob is a field with its length.
func blob(name, value string) string {
	return name + "\n" + string(binary.LittleEndian.AppendUint64(nil, uint64(len(value)))) + value + "\n"
}

func TestEntries(t *testing.T) {
	for _, c := range []struct{ name, in, want, cursor string }{
		{"one of a daemon",
			"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1767225600000001\n__MONOTONIC_TIMESTAMP=5\n_BOOT_ID=b0\n_TRANSPORT=journal\nPRIORITY=3\n" +
				"SYSLOG_IDENTIFIER=sshd\n_PID=4711\n_UID=0\n_COMM=sshd\n_SYSTEMD_UNIT=ssh.service\nMESSAGE=refused\n_SOURCE_REALTIME_TIMESTAMP=1767225600000000\nMY_FIELD=x=y\n",
			`{"@timestamp":"2026-01-01T00:00:00.000000Z","log.level":"error","log.syslog.severity.code":3,"host.boot.id":"b0","systemd.transport":"journal",` +
				`"log.syslog.appname":"sshd","process.pid":4711,"user.id":"0","process.name":"sshd","systemd.unit":"ssh.service","message":"refused","journald.my_field":"x=y"}`, "s=1;i=2"},
		{"several lines in one message", blob("MESSAGE", "a\nb=c\n\nd"), `{"message":"a\nb=c\n\nd"}`, ""},
		{"bytes that are no text", blob("MESSAGE", "a\xff\x00b"), `{"message":"a` + "\uFFFD" + `\u0000b"}`, ""},
		{"a field given twice", "X=1\nMESSAGE=m\nX=2\nMESSAGE=n\n", `{"journald.x":["1","2"],"message":"m"}`, ""},
		{"numbers that are none", "_PID=x\nCODE_LINE=012\nTID=7\n", `{"process.thread.id":7}`, ""},
		{"a level that is none", "PRIORITY=9\nMESSAGE=m\n", `{"message":"m"}`, ""},
		{"a time that is none", "__REALTIME_TIMESTAMP=99999999999999999999\nMESSAGE=m\n", `{"message":"m"}`, ""},
		{"names that are none", "___=1\n\"a\\=2\n", `{"journald._a_":"2"}`, ""},
		{"a long value", "MESSAGE=" + strings.Repeat("x", 700) + "\nB=1\n", `{"message":"` + strings.Repeat("x", 500) + `","journald.b":"1"}`, ""},
		{"a long blob", blob("MESSAGE", strings.Repeat("y", 700)) + "B=1\n", `{"message":"` + strings.Repeat("y", 500) + `","journald.b":"1"}`, ""},
	} {
		r := NewReader(strings.NewReader(c.in+"\n\n"), 500)
		line, cursor, err := r.Next(nil)
		if err != nil || string(line) != c.want || cursor != c.cursor {
			t.Errorf("%s:\n%s %q %v\nwant\n%s", c.name, line, cursor, err, c.want)
		}
		if _, _, err := r.Next(nil); err != io.EOF {
			t.Errorf("%s: behind it %v", c.name, err)
		}
	}
}

// TestBreaks shows what is said of streams that are none, or that end too early.
func TestBreaks(t *testing.T) {
	for in, want := range map[string]error{
		"":                          io.EOF,
		"\n\n":                      io.EOF,
		"MESSAGE=m":                 io.ErrUnexpectedEOF,
		"MESSAGE=m\n":               io.ErrUnexpectedEOF,
		"MES":                       io.ErrUnexpectedEOF,
		"MESSAGE\n\x05\x00":         io.ErrUnexpectedEOF,
		blob("MESSAGE", "abc")[:18]: io.ErrUnexpectedEOF,
		"MESSAGE\n\x01\x00\x00\x00\x00\x00\x00\x00ab\n\n": errFormat,
		"MESSAGE\n\xff\xff\xff\xff\xff\xff\xff\xff":       errFormat,
		"=x\n\n":                          errFormat,
		strings.Repeat("x", 1000) + "=\n": errFormat,
	} {
		if _, _, err := NewReader(strings.NewReader(in), 100).Next(nil); !errors.Is(err, want) {
			t.Errorf("%.40q: %v, want %v", in, err, want)
		}
	}
}

// FuzzEntries holds that every line is one object of JSON on one line, and memory bounded, whatever comes.
func FuzzEntries(f *testing.F) {
	for _, in := range []string{"MESSAGE=m\nA=1\nA=2\n\n", blob("MESSAGE", "a\nb") + "\n", "PRIORITY=3\n__CURSOR=x\n\nB=\n\n", blob("X", "") + "\n"} {
		f.Add([]byte(in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in), 64)
		for {
			line, _, err := r.Next(nil)
			if err != nil {
				return
			}
			if !json.Valid(line) || bytes.IndexByte(line, '\n') >= 0 || len(r.data) > 2*64+maxFields*(maxName+1) {
				t.Fatalf("%q", line)
			}
		}
	})
}
