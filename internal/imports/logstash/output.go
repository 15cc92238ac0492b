package logstash

import (
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// output drafts where documents go. There is one Elasticsearch, with an index of its own for each pipeline.
type output struct {
	draft  *imports.Draft
	ledger *imports.Ledger
	es     imports.Map
	first  *Plugin // the elasticsearch that all pipelines share
	hosts  string
	print  bool
}

func newOutput(d *imports.Draft, l *imports.Ledger) *output {
	return &output{draft: d, ledger: l, es: d.Map()}
}

// finish writes the outputs: without any, documents are printed.
func (o *output) finish() {
	out := o.draft.Root.Below("output")
	if o.first != nil {
		if o.es.Get("hosts") == nil && o.es.Get("cloud_id") == nil {
			o.es.Set("hosts", []string{"http://127.0.0.1:9200"})
		}
		out.Set("elasticsearch", o.es)
	}
	if o.first == nil || o.print {
		out.Set("console", o.draft.Map())
	}
}

// output drafts one output for this pipeline.
func (m *maker) output(p *Plugin, when cond) {
	switch p.Name {
	case "elasticsearch", "opensearch", "amazon_es", "elasticsearch_http":
		m.elasticsearch(p, when)
	case "stdout":
		m.ledger.Carry(p.Pos)
		m.out.print = true
		m.needless(p, "documents are printed as JSON")
	case "null":
		m.ledger.Needless(p.Pos, "nothing is sent")
	default:
		m.losePlugin(p, "there is no such output")
	}
}

func (m *maker) needless(p *Plugin, why string) {
	for _, s := range p.Settings {
		m.ledger.Needless(s.Pos, why)
		if s.Value.Plugin != nil {
			m.needless(s.Value.Plugin, why)
		}
	}
}

func (m *maker) elasticsearch(p *Plugin, when cond) {
	hosts := strings.Join(append(p.setting1("hosts").texts(), p.setting1("host").texts()...), ",")
	switch {
	case m.out.first == nil:
		m.out.first, m.out.hosts = p, hosts
	case hosts != m.out.hosts && m.out.first != p:
		m.losePlugin(p, "there is one Elasticsearch, and another one is an output already")
		return
	}
	m.ledger.Carry(p.Pos)
	if when.is == open && !m.routed(p) {
		m.ledger.Carry(p.Pos, "all lines are sent, not only where "+when.text)
	}
	for _, s := range p.Settings {
		m.elasticSetting(p, s, when)
	}
}

// routed reports whether the output says where in Elasticsearch documents go.
func (m *maker) routed(p *Plugin) bool {
	_, index := p.setting("index")
	_, stream := p.setting("data_stream_dataset")
	return index || stream
}

// elasticSetting drafts one setting of the output elasticsearch.
func (m *maker) elasticSetting(p *Plugin, s Setting, when cond) {
	v := s.Value
	es := m.out.es
	m.ledger.Carry(s.Pos)
	text := imports.Environment(v.Text)
	switch s.Name {
	case "hosts", "host":
		es.Set("hosts", mapped(v.texts(), func(host string) string { return m.url(p, host) }), s.Pos)
	case "index":
		m.index(s, when)
	case "pipeline":
		m.ingest(s, when)
	case "user", "username":
		if _, ok := p.setting("password"); !ok {
			m.ledger.Lose(s.Pos, "a user wants a password")
			return
		}
		es.Set("username", text, s.Pos)
	case "password", "api_key", "cloud_id":
		es.Set(s.Name, text, s.Pos)
	case "cloud_auth":
		user, password, _ := strings.Cut(text, ":")
		es.Set("username", user, s.Pos)
		es.Set("password", password, s.Pos)
	case "cacert", "ssl_certificate_authorities":
		if list := v.texts(); len(list) > 0 {
			es.Below("tls").Set("ca", imports.Environment(list[0]), s.Pos)
		}
	case "ca_trusted_fingerprint":
		es.Below("tls").Set("fingerprint", text, s.Pos)
	case "ssl_certificate":
		es.Below("tls").Set("cert", text, s.Pos)
	case "ssl_key":
		es.Below("tls").Set("key", text, s.Pos)
	case "ssl", "ssl_enabled", "port":
	case "http_compression", "compression_level":
	case "data_stream_type", "data_stream_dataset", "data_stream_namespace":
		m.pipe.Below("data_stream").Set(strings.TrimPrefix(s.Name, "data_stream_"), text, s.Pos)
	default:
		m.elasticOther(s)
	}
}

// elasticOther says of settings that draft nothing why.
func (m *maker) elasticOther(s Setting) {
	text := s.Value.Text
	switch s.Name {
	case "document_id":
		m.ledger.Needless(s.Pos, "every document has an _id that is the same when it is sent again")
	case "action":
		if text == "index" || text == "create" {
			m.ledger.Needless(s.Pos, "documents are created, each once")
		} else {
			m.ledger.Lose(s.Pos, "documents are created, never changed")
		}
	case "manage_template", "template", "template_name", "template_overwrite", "template_api", "ilm_enabled", "ilm_rollover_alias", "ilm_pattern", "ilm_policy":
		m.ledger.Needless(s.Pos, "templates and lifecycle are those of the data stream")
	case "document_type", "index_type":
		m.ledger.Needless(s.Pos, "Elasticsearch has no types any more")
	case "data_stream", "data_stream_auto_routing", "data_stream_sync_fields", "protocol", "cluster", "node_name", "embedded", "bind_host":
		m.ledger.Needless(s.Pos, "is so, or has no meaning any more")
	case "sniffing", "sniffing_delay", "retry_initial_interval", "retry_max_interval", "retry_on_conflict", "timeout", "validate_after_inactivity", "pool_max", "pool_max_per_route", "resurrect_delay", "healthcheck_path", "flush_size", "idle_flush_time", "workers", "max_retries", "codec", "silence_errors_in_log", "failure_type_logging_whitelist", "dlq_on_failed_indexname_interpolation":
		m.ledger.Needless(s.Pos, "what is sent at once, and again, adapts by itself")
	case "ssl_certificate_verification", "ssl_verification_mode":
		m.verification(s)
	default:
		if neutral[s.Name] {
			m.ledger.Needless(s.Pos, "says nothing of lines")
			return
		}
		m.ledger.Lose(s.Pos, "has no counterpart")
	}
}

func (m *maker) verification(s Setting) {
	if s.Value.Text == "false" || s.Value.Text == "none" {
		m.ledger.Lose(s.Pos, "the server's certificate is always checked; name its authority in tls.ca or its fingerprint")
		return
	}
	m.ledger.Needless(s.Pos, "is so")
}

// url is a host as the URL of a server.
func (m *maker) url(p *Plugin, host string) string {
	host = imports.Environment(host)
	if strings.Contains(host, "://") || strings.HasPrefix(host, "${") && strings.HasSuffix(host, "}") {
		return host
	}
	scheme := "http://"
	if p.setting1("ssl").on() || p.setting1("ssl_enabled").on() {
		scheme = "https://"
	}
	if !strings.Contains(strings.TrimPrefix(host, "["), ":") {
		host += ":9200"
	}
	return scheme + host
}

// index names the index of this pipeline, or of the lines for which the condition holds.
func (m *maker) index(s Setting, when cond) {
	text := fieldRef.ReplaceAllStringFunc(imports.Environment(s.Value.Text), func(ref string) string {
		field := dotted(fieldRef.FindStringSubmatch(ref)[1])
		if value := m.consts[field]; value != "" && !strings.Contains(value, "%{") {
			return value
		}
		return "%{" + m.ours(field) + "}"
	})
	name, ok := indexName(text)
	switch {
	case !ok:
		m.ledger.Lose(s.Pos, "%q has a date that the name of an index cannot have", s.Value.Text)
	case strings.Contains(name, "@metadata"):
		m.ledger.Lose(s.Pos, "%q depends on what Beats said of the event; documents go to a data stream", s.Value.Text)
	case when.is == open:
		m.step("route", when, []imports.Pos{s.Pos}, "index", name)
		m.pipe.Append("process", m.steps[len(m.steps)-1])
	default:
		m.pipe.Set("index", name, s.Pos)
	}
}

func (m *maker) ingest(s Setting, when cond) {
	text, ok := m.template(s.Value.Text)
	if !ok || strings.Contains(text, "%{") {
		m.ledger.Lose(s.Pos, "the pipeline depends on the line")
		return
	}
	m.pipe.Set("ingest_pipeline", text, s.Pos)
}
