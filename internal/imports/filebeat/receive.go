package filebeat

import (
	"cmp"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// receive drafts an input that is no file; false when there is none of the kind.
func (p *pipeline) receive(n *node, kind string) bool {
	in := p.pipe.Below("input")
	switch kind {
	case "stdin":
		in.Set("type", "stdin", n.at)
	case "journald":
		in.Set("type", "journald", n.at)
		p.journal(n, in)
	case "tcp", "udp", "unix":
		p.socket(n, kind, in)
	case "syslog":
		p.format = []string{"syslog"}
		p.carry(n.get("format"))
		protocol := n.get("protocol")
		for _, kind := range []string{"tcp", "udp", "unix"} {
			if part := protocol.get(kind); part != nil {
				p.carry(part)
				p.socket(part, kind, in)
			}
		}
		if zone := n.get("timezone"); zone != nil {
			p.carry(zone)
			p.pipe.Below("timestamp").Set("timezone", imports.Environment(zone.text), zone.at)
		}
	default:
		p.pipe.Delete("input")
		return false
	}
	return true
}

// socket drafts what is listened to.
func (p *pipeline) socket(n *node, kind string, in imports.Map) {
	where := n.get(cmp.Or(map[string]string{"unix": "path"}[kind], "host"))
	p.carry(where)
	listen := n.str("host")
	if kind == "unix" {
		listen = n.str("path")
		if n.str("socket_type") == "datagram" {
			kind = "unixgram"
		}
		p.carry(n.get("socket_type"))
		p.needless(n.get("group"), "a socket takes what every user sends")
		p.needless(n.get("mode"), "a socket takes what every user sends")
	}
	in.Set("type", kind, n.at)
	in.Set("listen", imports.Environment(strings.TrimPrefix(listen, "0.0.0.0")), append(positions(where), n.at)...)
	if size := n.get("max_message_size"); size != nil {
		p.carry(size)
		p.pipe.Set("max_line", binarySize(size.text), size.at)
	}
	if most := n.get("max_connections"); most != nil {
		p.carry(most)
		if most.text != "0" {
			in.Set("max_connections", imports.Number(most.text), most.at)
		}
	}
	if idle := n.get("timeout"); idle != nil && (kind == "tcp" || kind == "unix") {
		p.carry(idle)
		in.Set("idle_timeout", idle.text, idle.at)
	}
	p.needless(n.get("timeout"), "datagrams are taken as they come")
	p.needless(n.get("read_buffer"), "is as large as the system allows")
	p.needless(n.get("network"), "both versions of IP are listened to")
	p.needless(n.get("keep_null"), "a NUL at the end is taken off")
	if framing := n.get("framing"); framing != nil {
		p.carry(framing, "messages of a counted length are known by their beginning")
	}
	if delimiter := n.get("line_delimiter"); delimiter != nil {
		if delimiter.text == "\n" || delimiter.text == `\n` {
			p.carry(delimiter)
		} else {
			p.lose(delimiter, "lines end in a newline")
		}
	}
	p.tls(n.get("ssl"), in)
}

// tls drafts certificates.
func (p *pipeline) tls(n *node, in imports.Map) {
	if n == nil {
		return
	}
	if n.get("enabled").off() {
		p.needless(n, "is switched off")
		return
	}
	p.carry(n.get("enabled"))
	for _, key := range []struct{ theirs, ours string }{{"certificate", "cert"}, {"key", "key"}, {"certificate_authorities", "ca"}} {
		file := n.get(key.theirs)
		texts := file.texts()
		switch {
		case file == nil:
			continue
		case len(texts) != 1 || strings.Contains(texts[0], "-----BEGIN"):
			p.lose(file, "the path of one file is wanted")
		case key.ours == "ca" && n.str("client_authentication") != "" && n.str("client_authentication") != "required":
			p.needless(file, "clients are not asked for certificates")
		default:
			p.carry(file)
			in.Below("tls").Set(key.ours, imports.Environment(texts[0]), file.at)
		}
	}
	p.carry(n.get("client_authentication"))
}

// journalFields are the settings that choose entries by one field.
var journalFields = []struct{ setting, field string }{
	{"syslog_identifiers", "SYSLOG_IDENTIFIER"}, {"identifiers", "SYSLOG_IDENTIFIER"}, {"transports", "_TRANSPORT"}, {"facilities", "SYSLOG_FACILITY"},
}

// journal drafts which entries of the journal are read.
func (p *pipeline) journal(n *node, in imports.Map) {
	journal := p.draft.Map()
	set := func(key string, list []string, from *node) {
		p.carry(from)
		journal.Set(key, mapped(list, imports.Environment), positions(from)...)
	}
	if paths := n.get("paths"); paths != nil {
		p.pipe.Delete("paths")
		set("paths", paths.texts(), paths)
	}
	if units := n.get("units"); units != nil {
		set("units", units.texts(), units)
	}
	var matches []string
	var from []imports.Pos
	add := func(n *node, prefix string) {
		for _, text := range n.texts() {
			matches = append(matches, prefix+text)
		}
		from = append(from, positions(n)...)
		p.carry(n)
	}
	for _, f := range journalFields {
		if values := n.get(f.setting); values != nil {
			add(values, f.field+"=")
		}
	}
	if include := n.get("include_matches"); include != nil && include.get("match") == nil {
		add(include, "")
	} else if include != nil {
		add(include.get("match"), "")
		for _, key := range []string{"and", "or", "equals"} {
			p.lose(include.get(key), "of several fields all are wanted, of one field any")
		}
	}
	if len(matches) > 0 {
		journal.Set("matches", mapped(matches, imports.Environment), from...)
	}
	if len(journal.Content) > 0 {
		in.Set("journal", journal)
	}
	if seek := n.get("seek"); seek != nil {
		p.carry(seek)
		if seek.text == "tail" {
			p.pipe.Set("start_at", "end", seek.at)
		}
	}
	p.needless(n.get("cursor_seek_fallback"), "what is read first is said by start_at")
	p.needless(n.get("save_remote_hostname"), "the entry's host is host.hostname")
	p.lose(n.get("since"), "start_at is beginning or end")
}
