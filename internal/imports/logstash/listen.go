package logstash

import (
	"maps"
	"net"
	"slices"

	"github.com/tailspan/tailspan/internal/imports"
)

// received makes origins of an input that is listened to, or of standard input; none when it is something else, or when its lines
// are of several kinds that go through formats of their own: one port has one pipeline here.
func received(o *origin, kinds int) []*origin {
	p := o.plugin
	if kinds != 1 || p.text("mode") == "client" {
		return nil
	}
	of := func(kind, suffix string) *origin {
		one := *o
		one.received, one.guessed, one.name = kind, false, o.name+suffix
		one.consts, one.tags = maps.Clone(o.consts), slices.Clone(o.tags)
		return &one
	}
	switch p.Name {
	case "tcp", "udp", "unix", "stdin":
		return []*origin{of(p.Name, "")}
	case "syslog":
		return []*origin{of("tcp", ""), of("udp", "-udp")}
	}
	return nil
}

// receive drafts such an input.
func (m *maker) receive(p *Plugin) {
	kind := m.origin.received
	m.ledger.Carry(p.Pos, noteOf(kind))
	if p.Name == "syslog" {
		m.format, m.dynamic = []string{"syslog"}, true
	}
	in := m.pipe.Below("input")
	in.Set("type", kind, p.Pos)
	switch kind {
	case "tcp", "udp":
		port := p.text("port")
		if port == "" {
			port = "514"
		}
		host := p.text("host")
		if host == "0.0.0.0" {
			host = ""
		}
		in.Set("listen", net.JoinHostPort(imports.Environment(host), imports.Environment(port)), p.Pos)
	case "unix":
		in.Set("listen", imports.Environment(p.text("path")), p.Pos)
	}
}

func noteOf(kind string) string {
	if kind == "tcp" || kind == "udp" {
		return "the address of the sender is log.source.address"
	}
	return ""
}

// secure are the settings that TLS needs, in their older and newer names, and ours.
var secure = map[string]string{
	"ssl_cert": "cert", "ssl_certificate": "cert", "ssl_key": "key", "ssl_extra_chain_certs": "", "ssl_certificate_authorities": "ca", "ssl_cacert": "ca",
}

// receivedSetting drafts a setting that only such inputs have, and reports whether it is one.
func (m *maker) receivedSetting(p *Plugin, s Setting) bool {
	if m.origin.received == "" {
		return false
	}
	switch name := s.Name; {
	case name == "port" || name == "host" || name == "mode" || name == "path":
		m.ledger.Carry(s.Pos)
	case name == "data_timeout":
		m.ledger.Carry(s.Pos)
		if s.Value.Text != "-1" {
			m.pipe.Below("input").Set("idle_timeout", seconds(s.Value.Text), s.Pos)
		}
	case secure[name] != "" && m.origin.received == "tcp" && encrypts(p):
		files := s.Value.texts()
		if len(files) != 1 {
			m.ledger.Lose(s.Pos, "one file of certificates is read")
			return true
		}
		if secure[name] == "ca" && !asksClients(p) {
			m.ledger.Needless(s.Pos, "clients are not asked for certificates")
			return true
		}
		m.ledger.Carry(s.Pos)
		m.pipe.Below("input").Below("tls").Set(secure[name], imports.Environment(files[0]), s.Pos)
	case slices.Contains([]string{"ssl_enable", "ssl_enabled", "ssl_verify", "ssl_client_authentication", "ssl_verification_mode"}, name):
		m.ledger.Carry(s.Pos)
	case secure[name] != "":
		m.ledger.Needless(s.Pos, "TLS is off")
	case slices.Contains([]string{"buffer_size", "workers", "queue_size", "receive_buffer_bytes", "tcp_keep_alive", "dns_reverse_lookup_enabled", "force_unlink", "proxy_protocol", "use_labels", "source_ip_fieldname", "locale"}, name):
		if name == "proxy_protocol" && s.Value.on() {
			m.ledger.Lose(s.Pos, "the protocol of proxies is not understood")
			return true
		}
		m.ledger.Needless(s.Pos, "is so, or has no setting")
	default:
		return false
	}
	return true
}

func encrypts(p *Plugin) bool { return p.setting1("ssl_enable").on() || p.setting1("ssl_enabled").on() }

// asksClients reports whether clients need a certificate; the default of the older setting is that they do.
func asksClients(p *Plugin) bool {
	if mode := p.text("ssl_client_authentication"); mode != "" {
		return mode == "required"
	}
	verify, ok := p.setting("ssl_verify")
	return p.setting1("ssl_enable").on() && (!ok || verify.Value.on())
}
