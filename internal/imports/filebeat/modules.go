package filebeat

import (
	"slices"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// fileset is what a module reads: where, unless var.paths says otherwise, and in which format, the envelope first.
type fileset struct {
	paths  []string
	format string
}

// modules are the file sets by module.
var modules = map[string]map[string]fileset{
	"nginx": {
		"access":             {[]string{"/var/log/nginx/access.log*"}, "nginx"},
		"error":              {[]string{"/var/log/nginx/error.log*"}, "nginx"},
		"ingress_controller": {[]string{"/var/log/nginx/ingress.log*"}, "nginx"},
	},
	"apache": apache, "apache2": apache,
	"system": {
		"syslog": {[]string{"/var/log/messages*", "/var/log/syslog*"}, "syslog"},
		"auth":   {[]string{"/var/log/auth.log*", "/var/log/secure*"}, "syslog"},
	},
	"haproxy":    {"log": {[]string{"/var/log/haproxy.log*"}, "haproxy"}},
	"envoyproxy": {"log": {[]string{"/var/log/envoy*.log"}, "envoy"}},
	"iis": {
		"access": {[]string{"C:/inetpub/logs/LogFiles/*/*.log"}, "w3c"},
		"error":  {[]string{"C:/Windows/System32/LogFiles/HTTPERR/*.log"}, "w3c"},
	},
	"traefik": {"access": {[]string{"/var/log/traefik/access.log*"}, "apache"}},
	"mysql": {
		"error":   {[]string{"/var/log/mysql/error.log*", "/var/log/mysqld.log*"}, "mysql"},
		"slowlog": {[]string{"/var/log/mysql/*-slow.log*", "/var/lib/mysql/*-slow.log"}, "auto"},
	},
	"postgresql": {"log": {[]string{"/var/log/postgresql/postgresql-*-*.log*"}, "postgres"}},
	"redis":      {"log": {[]string{"/var/log/redis/redis-server.log*"}, "redis"}, "slowlog": {}},
	"mongodb":    {"log": {[]string{"/var/log/mongodb/mongodb.log"}, "mongodb"}},
	"auditd":     {"log": {[]string{"/var/log/audit/audit.log*"}, "auditd kv"}},
	"kafka":      {"log": {[]string{"/opt/kafka*/logs/*.log"}, "auto"}},
	"logstash": {
		"log":     {[]string{"/var/log/logstash/logstash-plain*.log", "/var/log/logstash/logstash-json*.log"}, "auto"},
		"slowlog": {[]string{"/var/log/logstash/logstash-slowlog-*.log"}, "auto"},
	},
	"kibana": {
		"log":   {[]string{"/var/log/kibana/kibana.stdout"}, "json"},
		"audit": {[]string{"/var/log/kibana/*_audit.json"}, "json"},
	},
	"elasticsearch": {
		"server":      {[]string{"/var/log/elasticsearch/*_server.json"}, "json"},
		"gc":          {[]string{"/var/log/elasticsearch/gc.log*"}, "auto"},
		"audit":       {[]string{"/var/log/elasticsearch/*_audit.json"}, "json"},
		"slowlog":     {[]string{"/var/log/elasticsearch/*_slowlog.json"}, "json"},
		"deprecation": {[]string{"/var/log/elasticsearch/*_deprecation.json"}, "json"},
		"querylog":    {[]string{"/var/log/elasticsearch/*_querylog.json"}, "json"},
	},
	"icinga": {
		"main":    {[]string{"/var/log/icinga2/icinga2.log*"}, "auto"},
		"debug":   {[]string{"/var/log/icinga2/debug.log*"}, "auto"},
		"startup": {[]string{"/var/log/icinga2/startup.log"}, "auto"},
	},
	"osquery":  {"result": {[]string{"/var/log/osquery/osqueryd.results.log*"}, "json"}},
	"suricata": {"eve": {[]string{"/var/log/suricata/eve.json"}, "json"}},
	"nats":     {"log": {[]string{"/var/log/nats/nats.log*"}, "auto"}},
	"rabbitmq": {"log": {[]string{"/var/log/rabbitmq/rabbit@*.log*"}, "auto"}},
	"santa":    {"log": {[]string{"/var/log/santa.log"}, "auto"}},
	"coredns":  {"log": {[]string{"/var/log/coredns.log"}, "auto"}},
}

var apache = map[string]fileset{
	"access": {[]string{"/var/log/apache2/access.log*", "/var/log/apache2/other_vhosts_access.log*", "/var/log/httpd/access_log*"}, "apache"},
	"error":  {[]string{"/var/log/apache2/error.log*", "/var/log/httpd/error_log*"}, "apache"},
}

// module drafts the file sets of a module. Those that are not switched off are read, as before Filebeat 8.
func (im *importer) module(n *node) {
	name := n.str("module")
	sets, known := modules[name]
	switch {
	case n.get("enabled").off():
		im.needless(n, "is switched off")
		return
	case !known:
		im.lose(n, "there is no format for the logs of %s; 'tailspan init PATH' may find one", name)
		return
	}
	im.carry(n.get("module"))
	im.carry(n.get("enabled"))
	named := false
	for _, key := range n.keys {
		if set, ok := sets[key]; ok {
			named = true
			im.fileset(name, key, set, n.of[key])
		}
	}
	if named {
		return
	}
	for _, key := range sortedKeys(sets) {
		im.fileset(name, key, sets[key], nil)
	}
}

func sortedKeys(sets map[string]fileset) (keys []string) {
	for key := range sets {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// fileset drafts one; n holds its settings and may be nil.
func (im *importer) fileset(module, name string, set fileset, n *node) {
	if n != nil && n.get("enabled").off() || set.format == "" {
		im.needless(n, "is switched off")
		return
	}
	p := im.newPipeline(module + "." + name)
	paths := set.paths
	if vars := n.variable("paths"); vars != nil && len(vars.texts()) > 0 {
		im.carry(vars)
		paths = mapped(vars.texts(), imports.Environment)
		p.pipe.Set("paths", paths, vars.at)
	} else {
		p.pipe.Set("paths", paths)
	}
	p.format = strings.Fields(set.format)
	if strings.HasSuffix(module, "sql") && name == "slowlog" {
		p.pipe.Below("multiline").Set("start", "^# (?:Time|User@Host):")
	}
	if n != nil {
		im.carry(n.get("enabled"))
		p.settings(n)
		for _, key := range []string{"input", "prospector"} {
			if input := n.get(key); input != nil {
				p.settings(input)
			}
		}
		im.needless(n.get("var"), "the format finds out by itself")
	}
	p.finish()
}

// variable is var.NAME.
func (n *node) variable(name string) *node {
	if n == nil {
		return nil
	}
	return n.get("var." + name)
}
