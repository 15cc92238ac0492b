package config

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/docker"
	"github.com/tailspan/tailspan/internal/kubernetes"
	"github.com/tailspan/tailspan/pkg/detect"
	"github.com/tailspan/tailspan/pkg/detect/template"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/hold"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/parse/process"
	"github.com/tailspan/tailspan/pkg/receive"
	"github.com/tailspan/tailspan/pkg/ship/elastic"
	"github.com/tailspan/tailspan/pkg/ship/local"
	"github.com/tailspan/tailspan/pkg/ship/metrics"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

const (
	defaultStreamType = "logs"
	defaultNamespace  = "default"
	kib               = 1 << 10
	mib               = 1 << 20
	gib               = 1 << 30
	tib               = 1 << 40
)

// setDefaults fills in what a key means when it is not in the file. It runs on each part before the file's values are
// laid over it, so that a list's items and the parts behind pointers have theirs as well. Types without defaults stay
// as they are.
func setDefaults(part any) {
	switch part := part.(type) {
	case *Config:
		part.DataDir = "/var/lib/tailspan"
		part.Memory = 64 * mib
		part.Kubernetes = "auto"
		setDefaults(&part.Detect)
		part.ShutdownTimeout = 10 * time.Second
	case *Pipeline:
		part.Tail.Exclude = []string{"*.gz"}
		part.Tail.StartAt = "beginning"
		part.Tail.FollowSymlinks = true
		part.Tail.MaxLine = mib
		part.Tail.Encoding = "utf-8"
		part.Tail.Framing = "line"
		part.Tail.Multiline = frame.Multiline{Mode: confkey.Off, Timeout: frame.DefaultTimeout, MaxLines: frame.DefaultMaxLines}
		part.Parse.Format = []string{"auto"}
		part.Parse.Timestamp.Mode = parse.Auto
		part.Parse.Duration.Mode = parse.Auto
		part.Parse.Trace.Mode = parse.Auto
	case *detect.Config:
		*part = detect.Config{Mode: confkey.Off, Learning: detect.DefaultLearning}
	case *receive.Config:
		part.MaxConnections = 512
		part.IdleTimeout = time.Hour
		part.Spool.MaxSize = 256 * mib
	case *parse.KV:
		*part = parse.DefaultKV()
	case *metrics.Config:
		part.MaxOperations = metrics.DefaultMaxOperations
	case *hold.Config:
		part.For, part.Keep.Errors = hold.DefaultFor, true
	case *hold.Keep:
		part.Errors = true
	case *local.Config:
		part.MaxSize = gib
		part.MaxAge = 168 * time.Hour
	case *elastic.Config:
		part.DataStream.Type = defaultStreamType
		part.DataStream.Namespace = defaultNamespace
		part.Delivery = "exactly_once"
		part.Compression = "gzip"
		part.Template = true
		part.Bulk = elastic.Bulk{MaxSize: 5 * mib, MaxDocs: 10_000, Linger: 200 * time.Millisecond, InFlight: 4}
	}
}

// complete fills in the defaults that depend on the machine, on the file's place and on other keys.
func (c *Config) complete(p *problems) {
	if c.Host.Name == "" && os.Getenv("KUBERNETES_SERVICE_HOST") != "" {
		c.Host.Name = os.Getenv("NODE_NAME") // a pod has another name after each restart, and lines other ids
	}
	if c.Host.Name == "" {
		name, err := os.Hostname()
		if err != nil {
			p.addf("host.name", "this machine does not say its name; write one")
		}
		c.Host.Name = name
	}
	if c.Output.Primary == "" {
		c.Output.Primary = first(c.Output.gates()...)
	}
	c.anchorPaths(folder(p.src.file))
	if c.Detect.On() {
		c.addFindings()
	}
	c.shareHolding()
	for i := range c.Pipelines {
		c.Pipelines[i].unwrap(p.src.has(pipelineKey(i, "format")))
		cfg := &c.Pipelines[i].Parse
		t, err := c.Target(&c.Pipelines[i])
		if err == nil {
			cfg.Asked = t.Index.Fields()
			for _, route := range t.Routes {
				cfg.Asked = append(cfg.Asked, route.Index.Fields()...)
			}
		}
		if len(cfg.Process) > 0 || cfg.Guard != (process.Guard{}) {
			cfg.Dataset, cfg.Host, cfg.Shared = t.Dataset, c.Host.Name, process.NewShared()
		}
		if c.Kubernetes != "off" {
			cfg.Asked = append(cfg.Asked, kubernetes.Roots...)
		} else {
			cfg.Asked = append(cfg.Asked, docker.Root)
		}
		if c.Pipelines[i].Templates || c.Detect.On() {
			cfg.Asked = append(cfg.Asked, template.Asked()...)
		}
		if c.Pipelines[i].Hold != nil {
			cfg.Asked = append(cfg.Asked, event.OutcomeFields...)
		}
		if c.Detect.On() {
			cfg.Asked = append(cfg.Asked, detect.Asked...)
		}
		if in := c.Pipelines[i].Input; in != nil && in.Sockets() {
			cfg.Asked = append(cfg.Asked, receive.FactRoot)
		}
	}
}

// shareHolding gives each pipeline that holds lines, and does not say how much memory for, an equal part of a quarter of all.
func (c *Config) shareHolding() {
	var asking []*hold.Config
	for i := range c.Pipelines {
		if held := c.Pipelines[i].Hold; held != nil && held.Memory == 0 {
			asking = append(asking, held)
		}
	}
	for _, held := range asking {
		held.Memory = c.Memory / 4 / int64(len(asking))
	}
}

// unwrap puts the envelope that the framing or the journal leaves around each event before the formats of what is inside. Sockets
// are for syslog unless a format is given.
func (pipe *Pipeline) unwrap(given bool) {
	framing, format := pipe.Tail.Framing, &pipe.Parse.Format
	if pipe.Input != nil && pipe.Input.Sockets() && !given {
		*format = []string{"syslog"}
	}
	if pipe.Input != nil && pipe.Input.Type == "journald" {
		framing = "json"
		*format = append([]string{framing}, *format...)
	}
	if (framing == "cri" || framing == "docker") && (len(*format) == 0 || (*format)[0] != framing) {
		*format = append([]string{framing}, *format...)
	}
}

// Present lists the outputs that are there.
func (o *Output) Present() []string {
	names := o.gates()
	if o.Jaeger != nil {
		names = append(names, "jaeger")
	}
	if o.Metrics != nil {
		names = append(names, "metrics")
	}
	return names
}

// gates lists the outputs that are there and can be the primary one, in the order in which they are. Spans are made of some
// lines only, and cannot tell how far a file is delivered.
func (o *Output) gates() []string {
	var names []string
	if o.Elasticsearch != nil {
		names = append(names, "elasticsearch")
	}
	if o.Local != nil {
		names = append(names, "local")
	}
	if o.Console != nil {
		names = append(names, "console")
	}
	return names
}

// anchorPaths makes every path and glob absolute, below the folder.
func (c *Config) anchorPaths(dir string) {
	anchorPath(dir, &c.DataDir)
	if es := c.Output.Elasticsearch; es != nil {
		for _, file := range []*string{&es.TLS.CA, &es.TLS.Cert, &es.TLS.Key, &es.IngestDir} {
			anchorPath(dir, file)
		}
	}
	for i := range c.Pipelines {
		for _, step := range c.Pipelines[i].Parse.Process {
			if step.Lookup != nil {
				anchorPath(dir, &step.Lookup.File)
			}
			if step.GeoIP != nil {
				anchorPath(dir, &step.GeoIP.Database)
			}
		}
		anchorReceived(dir, c.Pipelines[i].Input)
		input := &c.Pipelines[i].Tail
		for j := range input.AllowedRoots {
			anchorPath(dir, &input.AllowedRoots[j])
		}
		for j := range c.Pipelines[i].Parse.PatternDirs {
			anchorPath(dir, &c.Pipelines[i].Parse.PatternDirs[j])
		}
		for j := range input.Paths {
			anchorGlob(dir, &input.Paths[j])
		}
		for j, glob := range input.Exclude {
			if strings.Contains(glob, "/") && !strings.HasPrefix(glob, "**") {
				anchorGlob(dir, &input.Exclude[j])
			}
		}
	}
}

// anchorReceived makes the paths of an input absolute that is no file.
func anchorReceived(dir string, in *receive.Config) {
	if in == nil {
		return
	}
	for _, file := range []*string{&in.TLS.Cert, &in.TLS.Key, &in.TLS.CA} {
		anchorPath(dir, file)
	}
	if in.Type == "unix" || in.Type == "unixgram" {
		anchorPath(dir, &in.Listen)
	}
	for i := range in.Journal.Paths {
		anchorPath(dir, &in.Journal.Paths[i])
	}
}

// anchorPath makes one path absolute; an empty one stays empty.
func anchorPath(dir string, file *string) {
	if *file != "" && !filepath.IsAbs(*file) {
		*file = filepath.Join(dir, *file)
	}
}

// anchorGlob makes one glob absolute. The folder's own name is no pattern, whatever is in it. A glob that begins with
// a tilde stays as it is, to be refused.
func anchorGlob(dir string, glob *string) {
	if *glob == "" || filepath.IsAbs(*glob) || strings.HasPrefix(*glob, "~") {
		return
	}
	*glob = path.Join(globMeta.Replace(filepath.ToSlash(dir)), filepath.ToSlash(*glob))
}

var globMeta = strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`, `]`, `\]`, `{`, `\{`, `}`, `\}`)

// Default is the configuration of those who have none: a pipeline for each of the names, with every default and without
// paths.
func Default(pipelines []string) (*Config, error) {
	text := []byte("pipelines:\n")
	for _, name := range pipelines {
		text = fmt.Appendf(text, "- {name: %q}\n", strings.ReplaceAll(name, "${", "$${"))
	}
	return load("", text)
}

// Literal is the glob that matches one path only.
func Literal(path string) string { return globMeta.Replace(path) }
