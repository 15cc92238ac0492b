// Package config reads the agent's configuration: one YAML file in, one checked Config out, or every mistake in it at
// once, each as "FILE:LINE: key: what is wrong, what is allowed".
//
// It is the only importer of viper. The rooms (tail, parse, ship) declare their own Config structs; this package
// composes them, and the tags of those structs are the list of keys that exist.
//
// # The way of a value
//
// A codec of ours parses the YAML into nodes and walks them beside the struct types. The walk knows the line of every
// key, refuses unknown and repeated keys, expands ${...} in scalars, and hands viper a tree whose leaves are the
// scalars' texts. mapstructure's hooks then turn each text into what its key wants. Three habits of viper are dealt
// with in the codec: it splits keys at dots (the delimiter is a byte that YAML text cannot hold), it forgets empty maps
// when it lists its keys (the whole tree stands below one key and is fetched whole), and it folds the case of map keys
// (maps whose names the user chooses are handed over as lists of pairs, which viper leaves alone).
//
// # Expansion
//
// In values, never in keys, and after the YAML was parsed, so that what is put in cannot add keys or items:
//
//	${NAME}           the environment variable; an error when it is not set
//	${NAME:-default}  the default when it is not set or empty; the default holds no "}" and no further "${"
//	${file:/a/path}   the content of a regular file of at most 1 MiB, without its last newline
//	$${NAME}          the text ${NAME}; so for all three forms
//
// Every other dollar stays as it is: "$", "$1", "$$", "${1}" and "\.log$" are themselves, because regular expressions
// end in dollars and passwords hold them. Quotes are YAML's business and come first: a default with a comma inside
// [...] or {...}, or with " #", needs them.
//
// # Relative paths
//
// Paths and globs that are not absolute are below the folder of the configuration file, whatever the working directory.
// In exclude, a glob without a slash means the file's name, and one that begins with ** any folder: both stay as they
// are.
package config

import (
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/parse/process"
	"github.com/tailspan/tailspan/pkg/receive"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/local"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
	"github.com/tailspan/tailspan/pkg/ship/otlp"
	"github.com/tailspan/tailspan/pkg/tail"
)

// Config is a whole configuration file, with its defaults filled in.
type Config struct {
	DataDir         string        `mapstructure:"data_dir"`         // absolute; default /var/lib/tailspan
	Host            Host          `mapstructure:"host"`             // part of every document's id
	HTTP            HTTP          `mapstructure:"http"`             // health, metrics and the page
	Kubernetes      string        `mapstructure:"kubernetes"`       // auto (default): pod and container from the paths of logs, more from the API server in a cluster; off
	Memory          int64         `mapstructure:"memory"`           // bytes, for everything in flight; default 64 MiB
	Pipelines       []Pipeline    `mapstructure:"pipelines"`        // at least one
	Detect          detect.Config `mapstructure:"detect"`           // off (default), on, or a map: what is unusual in the logs becomes a finding, which is a document like any other
	Output          Output        `mapstructure:"output"`           // at least one for run
	ShutdownTimeout time.Duration `mapstructure:"shutdown_timeout"` // the longest a stop may drain; default 10 s

	src *source // where each key stands; nil when the Config was not loaded
}

// Host says how this machine is called.
type Host struct {
	Name string `mapstructure:"name"` // never empty after Load; default the machine's name, in a Kubernetes cluster NODE_NAME
}

// HTTP is the agent's own server.
type HTTP struct {
	Listen string `mapstructure:"listen"` // host:port; empty: no server
	Token  string `mapstructure:"token"`  // what users of the page must know; empty: nothing on loopback, and elsewhere there is no page
}

// Pipeline is one kind of log: what is read, how it is parsed, and what of the output's naming it overrides.
type Pipeline struct {
	Name       string             `mapstructure:"name"`  // unique
	Input      *receive.Config    `mapstructure:"input"` // instead of paths: lines that no file holds; there when the key is
	Tail       tail.Input         `mapstructure:",squash"`
	Parse      parse.Config       `mapstructure:",squash"`
	Templates  bool               `mapstructure:"templates"`       // on: each document has log.template.id and log.template.text, the log statement that its message comes from
	DataStream elastic.DataStream `mapstructure:"data_stream"`     // what is empty is the output's
	Index      string             `mapstructure:"index"`           // instead of any data stream; empty: the output's
	Ingest     string             `mapstructure:"ingest_pipeline"` // empty: the output's
	Hold       *hold.Config       `mapstructure:"hold"`            // lines kept by what their trace turned out to be; there when the key is
	Tests      []Test             `mapstructure:"tests"`           // run by check

	Own bool // is tailspan's, and stands in no file
}

// Test is a line and what its document must have.
type Test struct {
	Input   string        `mapstructure:"input"`   // the line
	Expect  []parse.Named `mapstructure:"expect"`  // fields of its document by their dotted names; null for one that must not be there
	Dropped bool          `mapstructure:"dropped"` // the line must have no document, because a processor drops it
}

// Output holds the outputs that are there, and which of them gates the checkpoint.
type Output struct {
	Primary       string          `mapstructure:"primary"`       // default the first that is there; empty: there is none
	Elasticsearch *elastic.Config `mapstructure:"elasticsearch"` // there when the key is
	Jaeger        *otlp.Config    `mapstructure:"jaeger"`        // spans; never the primary output; there when the key is
	Metrics       *metrics.Config `mapstructure:"metrics"`       // rate, errors and durations of operations at /metrics; never the primary output; there when the key is
	Local         *local.Config   `mapstructure:"local"`         // the embedded store, in data_dir; there when the key is
	Console       *ConsoleConfig  `mapstructure:"console"`       // there when the key is
}

// ConsoleConfig is the output to standard output; it has no keys yet.
type ConsoleConfig struct{}

// Load reads the file, expands, decodes and checks it. The error joins one *Error for each mistake, ordered by line.
func Load(path string) (*Config, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return load(path, data)
}

// Parse is Load of what a file with the name would say.
func Parse(name string, data []byte) (*Config, error) { return load(name, data) }

// Reload reads the file that c was loaded from once more, unless others could have changed it.
func (c *Config) Reload() (*Config, error) {
	p := &problems{src: c.src}
	if c.checkTrust(p); len(p.list) > 0 {
		return nil, p.err()
	}
	return Load(c.src.file)
}

// load is Load after the file was read.
func load(path string, data []byte) (*Config, error) {
	c := new(Config)
	p, err := read(path, data, c)
	if err != nil {
		return nil, err
	}
	c.src = p.src
	c.complete(p)
	c.validate(p)
	if err := p.err(); err != nil {
		return nil, err
	}
	return c, nil
}

// RunErrors says what is missing for run, beyond what Load asks: paths for every pipeline, an output, and that nobody else could
// change the file.
func (c *Config) RunErrors() error {
	p := &problems{src: c.src}
	c.checkTrust(p)
	for i := range c.Pipelines {
		if len(c.Pipelines[i].Tail.Paths) == 0 && c.Pipelines[i].Input == nil {
			p.addf(pipelineKey(i, "paths"), "run needs at least one, or an input; write [/var/log/app/*.log]")
		}
	}
	if c.Output.Metrics != nil && c.HTTP.Listen == "" {
		p.addf("output.metrics", "nobody can read them; write http: {listen: 127.0.0.1:8687} as well")
	}
	if c.Output.Primary == "" && c.Output.Jaeger != nil {
		p.addf("output.jaeger", "spans alone do not tell how far a file is delivered; write elasticsearch, local: {} or console: {} beside it")
	} else if c.Output.Primary == "" {
		p.addf("output", "run needs one; write elasticsearch: {hosts: [http://127.0.0.1:9200]}, local: {} or console: {} below it")
	}
	return p.err()
}

// Locate turns the confkey errors in err, whose keys are paths from the file's top, into errors with file and line. A
// key that is not in the file has its nearest parent's line. Errors of other kinds get the file's name. Nil stays nil.
func (c *Config) Locate(err error) error {
	p := &problems{src: c.src}
	for _, e := range confkey.All(err) {
		p.addf(e.Key, "%s", e.Msg)
	}
	return p.err()
}

// Destination is where a pipeline's documents go in Elasticsearch: either a data stream, complete, or the index, which
// is empty otherwise. The pipeline's own keys go over the output's, and its name is the last choice for the dataset.
func (c *Config) Destination(pipe *Pipeline) (stream elastic.DataStream, index string) {
	var out elastic.Config
	if c.Output.Elasticsearch != nil {
		out = *c.Output.Elasticsearch
	}
	if index := c.index(pipe, out.Index); index != "" {
		return elastic.DataStream{}, index
	}
	return elastic.DataStream{
		Type:      first(pipe.DataStream.Type, out.DataStream.Type, defaultStreamType),
		Dataset:   first(pipe.DataStream.Dataset, out.DataStream.Dataset, pipe.Name),
		Namespace: first(pipe.DataStream.Namespace, out.DataStream.Namespace, defaultNamespace),
	}, ""
}

// Target is where a pipeline's documents go, made ready, with what its routes lead to. The error is about the destination's
// key; what is wrong with a route, RouteTarget says.
func (c *Config) Target(pipe *Pipeline) (t elastic.Target, err error) {
	for _, r := range process.Routes(pipe.Parse.Process) {
		route, err := c.RouteTarget(pipe, r)
		if err != nil {
			route.Index = new(elastic.Name)
		}
		t.Routes = append(t.Routes, route)
	}
	return t, c.ready(&t, pipe)
}

// RouteTarget is where a route of a pipeline's leads: its keys go over those of the pipeline.
func (c *Config) RouteTarget(pipe *Pipeline, r *process.Route) (t elastic.Target, err error) {
	routed := *pipe
	routed.Ingest = first(r.Ingest, pipe.Ingest)
	if stream := elastic.DataStream(r.DataStream); r.Index != "" || stream != (elastic.DataStream{}) {
		routed.Index = r.Index
		routed.DataStream = elastic.DataStream{Type: first(stream.Type, pipe.DataStream.Type), Dataset: first(stream.Dataset, pipe.DataStream.Dataset),
			Namespace: first(stream.Namespace, pipe.DataStream.Namespace)}
	}
	return t, c.ready(&t, &routed)
}

// ready fills in the target of a pipeline.
func (c *Config) ready(t *elastic.Target, pipe *Pipeline) (err error) {
	stream, index := c.Destination(pipe)
	if t.Stream = index == ""; t.Stream {
		index = stream.Type + "-" + stream.Dataset + "-" + stream.Namespace
	}
	if t.Dataset = stream.Dataset; t.Dataset == "" || strings.Contains(t.Dataset, "%{") {
		t.Dataset = pipe.Name
	}
	if t.Pipeline = pipe.Ingest; t.Pipeline == "" && c.Output.Elasticsearch != nil {
		t.Pipeline = c.Output.Elasticsearch.Ingest
	}
	t.Index, err = elastic.ParseName(index, t.Stream)
	return err
}

// index is the index that counts for the pipeline: its own, or the output's unless it names a data stream itself.
func (c *Config) index(pipe *Pipeline, outputs string) string {
	if pipe.Index != "" || pipe.DataStream != (elastic.DataStream{}) {
		return pipe.Index
	}
	return outputs
}

// first is the first text that is not empty.
func first(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
