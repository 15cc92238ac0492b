package config

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/elastic/kibana"
	"github.com/tailspan/tailspan/pkg/ship/local"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
)

// elasticKey is the path of a key of the output.
func elasticKey(key string) string { return "output.elasticsearch." + key }

// validateOutput checks the outputs and which of them is the primary one.
func (c *Config) validateOutput(p *problems) {
	if primary := c.Output.Primary; primary != "" {
		switch {
		case !checkWord(p, "output.primary", primary, "elasticsearch", "local", "console"):
		case !slices.Contains(c.Output.gates(), primary):
			p.checkf("output.primary", "there is no output %s; write output.%s, or leave the key out", primary, primary)
		}
	}
	if jaeger := c.Output.Jaeger; jaeger != nil {
		if _, err := otlp.Target(jaeger.Endpoint); err != nil {
			p.checkf("output.jaeger.endpoint", "%v", err)
		}
		if strings.ContainsFunc(jaeger.Authorization, unicode.IsControl) {
			p.checkf("output.jaeger.authorization", "has a line end or another control character; write it as the header has it, \"Bearer TOKEN\"")
		}
		if i := slices.Index(jaeger.Exporting, ""); i >= 0 {
			p.checkf(fmt.Sprintf("output.jaeger.exporting[%d]", i), "is empty; write the name of a service")
		}
	}
	if counting := c.Output.Metrics; counting != nil {
		for _, e := range confkey.All(confkey.Below("output.metrics", counting.Check())) {
			p.checkf(e.Key, "%s", e.Msg)
		}
	}
	if store := c.Output.Local; store != nil {
		if store.MaxSize < local.MinSize {
			p.checkf("output.local.max_size", "%d bytes hold no day; write at least 16MiB", store.MaxSize)
		}
		if store.MaxAge < 0 {
			p.checkf("output.local.max_age", "%s is no age; write 168h, or 0 for no bound", store.MaxAge)
		}
	}
	if es := c.Output.Elasticsearch; es != nil {
		validateHosts(p, es)
		validateAuth(p, es)
		validateTransport(p, es)
		validateStream(p, "output.elasticsearch", es.DataStream, es.Index)
		validateKibana(p, es.Kibana)
	}
}

// validateHosts wants URLs of servers, without what has a key of its own.
func validateHosts(p *problems, es *elastic.Config) {
	switch {
	case es.CloudID == "" && len(es.Hosts) == 0:
		p.checkf(elasticKey("hosts"), "at least one is needed; write [http://127.0.0.1:9200]")
	case es.CloudID != "" && len(es.Hosts) > 0:
		p.checkf(elasticKey("cloud_id"), "stands beside hosts; write one of them")
	case es.CloudID != "":
		if _, err := elastic.CloudHost(es.CloudID); err != nil {
			p.checkf(elasticKey("cloud_id"), "%v", err)
		}
	}
	for i, host := range es.Hosts {
		key := fmt.Sprintf("%s[%d]", elasticKey("hosts"), i)
		checkServer(p, key, host, "9200")
	}
}

// checkServer wants the URL of a server, without what has a key of its own.
func checkServer(p *problems, key, host, port string) {
	u, err := url.Parse(host)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "":
		p.checkf(key, "%s is not the URL of a server; write http://HOST:%s or https://HOST:%s", quote(withoutUser(host)), port, port)
	case u.User != nil:
		p.checkf(key, "a user in the URL ends up in logs; write username and password as keys of their own")
	case u.RawQuery != "" || u.Fragment != "":
		p.checkf(key, "%s has more than a server and a path; leave out what begins with ? or #", quote(host))
	}
}

// validateKibana wants to know where it is, and links that browsers follow.
func validateKibana(p *problems, k *elastic.Kibana) {
	if k == nil {
		return
	}
	if k.Host == "" {
		p.checkf(elasticKey("kibana.host"), "is missing; write http://127.0.0.1:5601")
	} else {
		checkServer(p, elasticKey("kibana.host"), k.Host, "5601")
	}
	web := strings.HasPrefix(k.TraceURL, "http://") || strings.HasPrefix(k.TraceURL, "https://")
	if k.TraceURL != "" && (!web || !strings.Contains(k.TraceURL, kibana.TraceID)) {
		p.checkf(elasticKey("kibana.trace_url"), "%s is not the URL of a trace; write one with %s for its id, as http://127.0.0.1:16686/trace/%s",
			quote(k.TraceURL), kibana.TraceID, kibana.TraceID)
	}
}

// withoutUser is the text without what may be a password before an @.
func withoutUser(host string) string {
	if i := strings.LastIndex(host, "@"); i >= 0 {
		return "…" + host[i:]
	}
	return host
}

// validateAuth wants one way to log in at most, and a whole one.
func validateAuth(p *problems, es *elastic.Config) {
	ways := 0
	for _, way := range []struct{ key, value string }{
		{"api_key", es.APIKey}, {"username", first(es.Username, es.Password)}, {"bearer", es.Bearer},
	} {
		if way.value == "" {
			continue
		}
		if ways++; ways == 2 {
			p.checkf(elasticKey(way.key), "there is another way to log in; write one of api_key, username with password, bearer")
		}
	}
	switch {
	case es.Username != "" && es.Password == "":
		p.checkf(elasticKey("password"), "is missing beside username; write both or neither")
	case es.Username == "" && es.Password != "":
		p.checkf(elasticKey("username"), "is missing beside password; write both or neither")
	}
}

// validateTransport checks how requests are made.
func validateTransport(p *problems, es *elastic.Config) {
	checkWord(p, elasticKey("delivery"), es.Delivery, "exactly_once", "at_least_once")
	checkWord(p, elasticKey("compression"), es.Compression, "gzip", "none")
	if es.Retention != 0 && es.Retention < time.Hour {
		p.checkf(elasticKey("retention"), "%v deletes what has just come; write 1h or more, as 30d", es.Retention)
	}
	if es.Retention%time.Minute != 0 {
		p.checkf(elasticKey("retention"), "%v is no whole number of minutes; write 30d or 12h", es.Retention)
	}
	if _, err := elastic.ParseFingerprint(es.TLS.Fingerprint); err != nil {
		p.checkf(elasticKey("tls.fingerprint"), "%v", err)
	}
	if es.TLS.Fingerprint != "" && es.TLS.CA != "" {
		p.checkf(elasticKey("tls.fingerprint"), "stands beside ca; write one of them")
	}
	switch {
	case es.TLS.Cert != "" && es.TLS.Key == "":
		p.checkf(elasticKey("tls.key"), "is missing beside cert; write both or neither")
	case es.TLS.Cert == "" && es.TLS.Key != "":
		p.checkf(elasticKey("tls.cert"), "is missing beside key; write both or neither")
	}
	for _, bound := range []struct {
		key   string
		value int
	}{{"max_size", es.Bulk.MaxSize}, {"max_docs", es.Bulk.MaxDocs}, {"in_flight", es.Bulk.InFlight}} {
		if bound.value < 1 {
			p.checkf(elasticKey("bulk."+bound.key), "%d lets nothing through; write at least 1", bound.value)
		}
	}
}

// validateStream checks a data_stream and an index that stand side by side below the key.
func validateStream(p *problems, key string, stream elastic.DataStream, index string) {
	if index != "" && p.src.has(key+".data_stream") {
		p.checkf(key+".index", "stands beside data_stream; write one of them")
	}
	for _, part := range []struct{ key, value string }{
		{"type", stream.Type}, {"dataset", stream.Dataset}, {"namespace", stream.Namespace},
	} {
		if part.value != "" && !isStreamPart(placeholder.ReplaceAllString(part.value, "x")) {
			p.checkf(key+".data_stream."+part.key, "%s cannot be in a data stream's name; write %s", quote(part.value), streamRule)
		}
	}
	if strings.IndexAny(stream.Type, "_+.") == 0 {
		p.checkf(key+".data_stream.type", "%s begins with a sign that Elasticsearch refuses; write logs", quote(stream.Type))
	}
}

// validateDestination checks a pipeline's own naming, and whether it makes a name with the output's. Without
// Elasticsearch nothing is named.
func (c *Config) validateDestination(p *problems, i int) {
	pipe := &c.Pipelines[i]
	validateStream(p, fmt.Sprintf("pipelines[%d]", i), pipe.DataStream, pipe.Index)
	c.validateRoutes(p, i)
	if c.Output.Elasticsearch == nil || pipe.Name == "" {
		return
	}
	stream, index := c.Destination(pipe)
	if _, err := c.Target(pipe); err != nil {
		key := pipelineKey(i, "index")
		switch {
		case index == "":
			key = pipelineKey(i, "data_stream")
		case pipe.Index == "":
			key = elasticKey("index")
		}
		p.checkf(key, "%s: %v", quote(first(index, stream.Type+"-"+stream.Dataset+"-"+stream.Namespace)), err)
	}
	switch {
	case index != "":
	case stream.Dataset == pipe.Name && pipe.DataStream.Dataset == "" && !isStreamPart(pipe.Name):
		p.checkf(pipelineKey(i, "name"), "%s cannot be in a data stream's name; write %s, or give data_stream.dataset",
			quote(pipe.Name), streamRule)
	case len(stream.Type)+len(stream.Dataset)+len(stream.Namespace)+2 > maxStreamBytes:
		p.checkf(pipelineKey(i, "data_stream"), "type, dataset and namespace have more than %d bytes together; write shorter ones",
			maxStreamBytes-2)
	}
}

// validateRoutes checks where the routes of a pipeline lead.
func (c *Config) validateRoutes(p *problems, i int) {
	for j, step := range c.Pipelines[i].Parse.Process {
		if step.Route == nil {
			continue
		}
		key := pipelineKey(i, fmt.Sprintf("process[%d].route", j))
		validateStream(p, key, elastic.DataStream(step.Route.DataStream), step.Route.Index)
		if _, err := c.RouteTarget(&c.Pipelines[i], step.Route); err != nil {
			if step.Route.Index != "" {
				key += ".index"
			}
			p.checkf(key, "%v", err)
		}
	}
}

// placeholder is what stands for a field in a name.
var placeholder = regexp.MustCompile(`%\{[^{}]+\}`)

var streamRule = fmt.Sprintf(`lower case, at most %d bytes, without blanks and any of \ / * ? " < > | , # : -`, maxStreamPart)

// isStreamPart says whether Elasticsearch takes the text as a data stream's type, dataset or namespace.
func isStreamPart(text string) bool {
	bad := func(r rune) bool {
		return strings.ContainsRune(`\/*?"<>|,#:-`, r) || unicode.IsSpace(r) || unicode.IsControl(r)
	}
	return text != "" && len(text) <= maxStreamPart && text == strings.ToLower(text) && !strings.ContainsFunc(text, bad)
}
