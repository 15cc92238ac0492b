package filebeat

import (
	"encoding/base64"
	"regexp"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// reference is %{[a.b]} or %{[a][b]:default}.
var reference = regexp.MustCompile(`%\{\[([^\]}]+)\](?::[^}]*)?\}`)

// version is what Filebeat puts of its own version into the name of an index.
var version = regexp.MustCompile(`-?%\{\[(?:agent|beat)\.version\](?::[^}]*)?\}`)

// output drafts where documents go, and finishes the pipelines.
func (im *importer) output() {
	out := im.draft.Root.Below("output")
	var named *node
	if n := im.root.get("output"); n != nil {
		for _, kind := range n.keys {
			inner := n.of[kind]
			switch {
			case inner.get("enabled").off():
				im.needless(inner, "is switched off")
			case kind == "elasticsearch":
				named = inner
				out.Set("elasticsearch", im.elasticsearch(inner))
			case kind == "console":
				im.needless(inner, "documents are printed as JSON")
				out.Set("console", im.draft.Map())
			default:
				im.lose(inner, "there is no output %s; name the hosts of Elasticsearch", kind)
			}
		}
	}
	im.cloud(out)
	if len(out.Content) == 0 {
		es := im.draft.Map()
		es.Set("hosts", []string{"http://127.0.0.1:9200"})
		es.Comment("Filebeat sent to another place than Elasticsearch: write its hosts.")
		out.Set("elasticsearch", es)
	}
	for _, p := range im.made {
		if named != nil {
			p.routes(named)
		}
		p.finishSteps()
	}
}

// cloud drafts Elastic Cloud.
func (im *importer) cloud(out imports.Map) {
	id := im.root.get("cloud.id")
	if id == nil {
		return
	}
	im.carry(im.root.get("cloud"))
	es := out.Below("elasticsearch")
	es.Set("cloud_id", imports.Environment(id.text), id.at)
	if hosts := es.Get("hosts"); hosts != nil {
		es.Delete("hosts")
	}
	if auth := im.root.get("cloud.auth"); auth != nil {
		user, password, _ := strings.Cut(auth.text, ":")
		if strings.HasPrefix(auth.text, "${") {
			im.lose(auth, "name the user and the password apart")
			return
		}
		es.Set("username", imports.Environment(user), auth.at)
		es.Set("password", imports.Environment(password), auth.at)
	}
}

// elasticByItself are settings of the output that nothing has to be done for.
var elasticByItself = []string{"worker", "workers", "loadbalance", "timeout", "backoff", "max_retries", "template", "ilm", "enabled", "slow_start", "allow_older_versions",
	"compression_level", "escape_html", "preset", "queue", "flush_interval", "keep_alive", "idle_connection_timeout", "save_topology", "data_stream", "non_indexable_policy"}

func (im *importer) elasticsearch(n *node) imports.Map {
	es := im.draft.Map()
	for _, key := range elasticByItself {
		im.needless(n.get(key), "how much is sent at once, and again, adapts by itself; templates are installed by themselves")
	}
	im.hosts(es, n)
	for _, key := range []string{"username", "password"} {
		if inner := n.get(key); inner != nil && inner.text != "" {
			im.carry(inner)
			es.Set(key, imports.Environment(inner.text), inner.at)
		} else {
			im.needless(inner, "is empty")
		}
	}
	if n.str("username") != "" && n.str("password") == "" || n.str("password") != "" && n.str("username") == "" {
		es.Delete("username")
		es.Delete("password")
	}
	if key := n.get("api_key"); key != nil {
		im.carry(key)
		text := imports.Environment(key.text)
		if strings.Contains(text, ":") && !strings.Contains(text, "${") { // Filebeat has it before it is encoded
			text = base64.StdEncoding.EncodeToString([]byte(text))
		}
		es.Set("api_key", text, key.at)
	}
	if size := n.get("bulk_max_size"); size != nil {
		im.carry(size)
		if size.text != "0" && size.text != "-1" {
			es.Below("bulk").Set("max_docs", imports.Number(size.text), size.at)
		}
	}
	im.tls(es, n.get("ssl"))
	im.tls(es, n.get("tls"))
	return es
}

// hosts drafts the servers, with the protocol and path of all of them.
func (im *importer) hosts(es imports.Map, n *node) {
	hosts := n.get("hosts")
	protocol, path := n.str("protocol"), n.str("path")
	im.carry(n.get("protocol"))
	im.carry(n.get("path"))
	im.carry(hosts)
	if protocol == "" {
		protocol = "http"
	}
	list := mapped(hosts.texts(), func(host string) string { return hostURL(imports.Environment(host), protocol, path) })
	if len(list) == 0 {
		list = []string{"http://127.0.0.1:9200"}
	}
	es.Set("hosts", list, positions(hosts)...)
}

func hostURL(host, protocol, path string) string {
	switch {
	case strings.Contains(host, "://"):
		return host
	case strings.HasPrefix(host, "${") && strings.HasSuffix(host, "}") && strings.Count(host, "${") == 1 && !strings.Contains(host, ":-"):
		return host
	}
	bare := strings.TrimPrefix(strings.ReplaceAll(host, ":-", ""), "[")
	if !strings.Contains(bare, ":") {
		host += ":9200"
	}
	if path != "" {
		host += "/" + strings.TrimPrefix(path, "/")
	}
	return protocol + "://" + host
}

// tls drafts certificates.
func (im *importer) tls(es imports.Map, n *node) {
	if n == nil {
		return
	}
	for _, key := range n.keys {
		inner := n.of[key]
		switch key {
		case "certificate_authorities", "certificate_authority":
			im.carry(inner)
			if list := inner.texts(); len(list) > 0 {
				es.Below("tls").Set("ca", imports.Environment(list[0]), inner.at)
			}
		case "certificate":
			im.carry(inner)
			es.Below("tls").Set("cert", imports.Environment(inner.text), inner.at)
		case "key":
			im.carry(inner)
			es.Below("tls").Set("key", imports.Environment(inner.text), inner.at)
		case "ca_trusted_fingerprint":
			im.carry(inner)
			es.Below("tls").Set("fingerprint", inner.text, inner.at)
		case "verification_mode":
			if inner.text == "none" {
				im.lose(inner, "the server's certificate is always checked; name its authority in tls.ca or its fingerprint")
			} else {
				im.needless(inner, "is so")
			}
		case "enabled", "supported_protocols", "cipher_suites", "curve_types", "renegotiation", "insecure":
			if key == "insecure" && inner.on() {
				im.lose(inner, "the server's certificate is always checked")
			} else {
				im.needless(inner, "is so")
			}
		default:
			im.lose(inner, "has no counterpart")
		}
	}
}

// routes drafts where in Elasticsearch the documents of a pipeline go.
func (p *pipeline) routes(n *node) {
	if name := n.get("index"); name != nil && p.pipe.Get("index") == nil {
		p.index(name, "")
	}
	if indices := n.get("indices"); indices != nil {
		for i := len(indices.list) - 1; i >= 0; i-- { // there the first that fits counts, here the last
			p.route(indices.list[i])
		}
	}
	if ingest := n.get("pipeline"); ingest != nil {
		p.carry(ingest)
		if p.pipe.Get("ingest_pipeline") == nil {
			p.pipe.Set("ingest_pipeline", index(ingest.text), ingest.at)
		}
	}
}

func (p *pipeline) route(item *node) {
	name := item.get("index")
	when, ok := p.when(item)
	if !ok {
		return
	}
	p.lose(item.get("mappings"), "an index is named by its text")
	if name != nil {
		p.index(name, when)
	}
}

// index names the index, where the condition holds.
func (p *pipeline) index(n *node, when string) {
	text := version.ReplaceAllString(n.text, "")
	note := ""
	if text != n.text {
		note = "the version of the agent is no part of the name"
	}
	p.carry(n, note)
	text = strings.ToLower(index(text[:strings.IndexByte(text+"%", '%')])) + index(text[strings.IndexByte(text+"%", '%'):])
	if when == "" {
		p.pipe.Set("index", text, n.at)
		return
	}
	p.step("route", when, []imports.Pos{n.at}, "index", text)
}
