package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var envelopeKinds = []kind{
	{name: "cri", make: func(*Config) (format, error) { return criFormat{}, nil }, fits: fitsCRI, begins: "0123456789", unleveled: true, envelope: true},
	{name: "docker", make: func(*Config) (format, error) { return &dockerFormat{jsonFormat{apart: true}}, nil }, fits: fitsDocker, begins: "{", envelope: true},
}

// Names of fields that several formats give.
var (
	nameTimestamp = []byte("timestamp")
	nameStream    = []byte("stream")
	nameMessage   = []byte("message")
)

// criFormat takes off what a container runtime of Kubernetes puts before each line (kubelet's CRI logging format):
// `2016-10-06T00:17:09.669794202Z stdout F text`. Tags are separated by colons; the first tells whether the line is whole (F)
// or goes on in the next one (P), which is a matter of framing.
type criFormat struct{}

func (criFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	line := ev.Line
	n := criTime(line)
	if n == 0 {
		return p.failAt("cri", "expected a time and a blank", 0)
	}
	stream := n + 1
	if !isStream(line[stream:]) {
		return p.failAt("cri", "expected stdout or stderr", stream)
	}
	tags := stream + len("stdout ")
	end, ok := criTags(line, tags)
	if !ok {
		return p.failAt("cri", "expected the tag F or P", tags)
	}
	ev.Add(nameTimestamp, line[:n], event.Text)
	ev.Add(nameStream, line[stream:tags-1], event.Text)
	ev.Add(nameMessage, line[end:], event.Text)
	found.free = line[end:]
	return true
}

func fitsCRI(line []byte) bool {
	n := criTime(line)
	if n == 0 || !isStream(line[n+1:]) {
		return false
	}
	_, ok := criTags(line, n+1+len("stdout "))
	return ok
}

// criTime is the length of the RFC 3339 time that begins the line, with a blank behind it; 0 for none.
func criTime(line []byte) int {
	const shortest, longest = len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05.999999999+00:00")
	if len(line) <= shortest || !isDigit(line[0]) || line[4] != '-' || line[10] != 'T' {
		return 0
	}
	n := bytes.IndexByte(line[:min(len(line), longest+1)], ' ')
	if n < shortest || line[n-1] != 'Z' && !isDigit(line[n-1]) {
		return 0
	}
	return n
}

func isStream(text []byte) bool {
	const size = len("stdout ")
	return len(text) >= size && (string(text[:size]) == "stdout " || string(text[:size]) == "stderr ")
}

// criTags is where the text begins behind the tags at i.
func criTags(line []byte, i int) (text int, ok bool) {
	if i >= len(line) || line[i] != 'F' && line[i] != 'P' {
		return 0, false
	}
	if i++; i < len(line) && line[i] == ':' {
		n := bytes.IndexByte(line[i:], ' ')
		if n < 0 {
			return len(line), true
		}
		i += n
	}
	if i == len(line) {
		return i, true
	}
	return i + 1, line[i] == ' '
}
