// Package filebeat reads configurations of Filebeat and drafts one of ours, and takes over how far Filebeat has read.
//
// An input becomes a pipeline, a file set of a module one with the format of its logs. What Filebeat ships as it is, is
// looked at here as well (format auto), so that documents have times, levels and ids that Filebeat leaves to others. A
// directive is a value, or a list of values, by its path: processors.add_fields.target.
package filebeat

import (
	"errors"
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v3"

	"github.com/tailspan/tailspan/internal/imports"
)

// Import drafts a configuration that does what the file says.
func Import(name string, data []byte, l *imports.Ledger) (*imports.Draft, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: is no configuration of Filebeat: a map is wanted", name)
	}
	r := &reader{file: name, ledger: l}
	root, err := r.read(document.Content[0], "")
	if err != nil {
		return nil, err
	}
	root.each(func(n *node) { l.See(n.at, n.path) })
	im := &importer{ledger: l, root: root, taken: map[string]bool{}}
	root.each(im.refer)
	im.draft = imports.NewDraft("Imported from Filebeat: " + name + "\nWhat was not carried over was said on standard error.")
	im.inputs()
	if im.draft.Pipelines() == 0 {
		return nil, errors.New(name + ": has no input, no module and no autodiscovery; there is nothing to import")
	}
	im.top()
	im.output()
	root.each(func(n *node) {
		if !l.Decided(n.at) {
			l.Lose(n.at, "has no counterpart")
		}
	})
	return im.draft, nil
}

// importer drafts the configuration.
type importer struct {
	ledger *imports.Ledger
	root   *node
	draft  *imports.Draft
	taken  map[string]bool // names of pipelines
	made   []*pipeline
}

// ownReference is what a configuration takes from a key of its own.
var ownReference = regexp.MustCompile(`\$\{([a-z_]+(?:\.[a-z_]+)+)\}`)

// refer puts the values of other keys into the texts of n that refer to them.
func (im *importer) refer(n *node) {
	for _, item := range n.list {
		im.refer(item)
	}
	n.text = ownReference.ReplaceAllStringFunc(n.text, func(ref string) string {
		value := im.root.get(ref[2 : len(ref)-1])
		if value == nil || value.kind != yaml.ScalarNode || value == n {
			return ref
		}
		im.carry(value)
		return value.text
	})
}

// carry says of everything in n that it is carried over.
func (im *importer) carry(n *node, notes ...string) {
	n.each(func(n *node) { im.ledger.Carry(n.at, notes...) })
}

// needless says of everything in n that nothing has to be done for it.
func (im *importer) needless(n *node, why string) {
	n.each(func(n *node) { im.ledger.Needless(n.at, why) })
}

// lose says of everything in n that it is lost.
func (im *importer) lose(n *node, format string, args ...any) {
	n.each(func(n *node) { im.ledger.Lose(n.at, format, args...) })
}

// positions are those of the directives in n.
func positions(n *node) (all []imports.Pos) {
	n.each(func(n *node) { all = append(all, n.at) })
	return all
}

// selfMade are the keys at the top that nothing has to be done for, and why.
var selfMade = map[string]string{
	"logging": "the log goes to standard error", "setup": "templates are installed at the first ship; 'tailspan setup' does the rest",
	"queue": "the log file is the queue", "monitoring": "/metrics and /healthz tell, by http.listen", "xpack": "/metrics and /healthz tell, by http.listen",
	"max_procs": "has no such setting", "seccomp": "has no such setting", "migration": "has no such setting", "features": "has no such setting",
	"path": "data_dir is where positions are kept", "spool": "the log file is the queue", "keystore": "secrets are named as ${file:...}",
	"fields_under_root": "is so", "timestamp": "times are as precise as the line", "deprecate": "has no such setting", "instrumentation": "has no such setting",
	"management": "has no such setting", "geoip": "the processor geoip does it", "refresh_interval": "has no such setting",
}

// selfMadeFilebeat are those below filebeat.
var selfMadeFilebeat = map[string]string{
	"registry": "data_dir is where positions are kept", "registry_file": "data_dir is where positions are kept",
	"registry_flush": "data_dir is where positions are kept", "registry_file_permissions": "data_dir is where positions are kept",
	"spool_size": "the log file is the queue", "publish_async": "is so", "idle_timeout": "is so", "overwrite_pipelines": "no ingest pipeline is needed",
	"config": "import the files in that folder by themselves", "config_dir": "import the files in that folder by themselves",
}

// top drafts what stands at the top of the file beside inputs and outputs.
func (im *importer) top() {
	for _, key := range im.root.keys {
		if why, ok := selfMade[key]; ok {
			im.needless(im.root.of[key], why)
		}
	}
	if beat := im.root.get("filebeat"); beat != nil {
		for _, key := range beat.keys {
			if why, ok := selfMadeFilebeat[key]; ok {
				im.needless(beat.of[key], why)
			}
		}
	}
	if n := im.root.get("name"); n != nil {
		im.carry(n)
		im.draft.Root.Below("host").Set("name", imports.Environment(n.text), n.at)
	}
	if n := im.root.get("filebeat.shutdown_timeout"); n != nil {
		im.carry(n)
		im.draft.Root.Set("shutdown_timeout", n.text, n.at)
	}
	im.http(im.root.get("http"))
}

func (im *importer) http(n *node) {
	if n == nil {
		return
	}
	if !n.get("enabled").on() {
		im.needless(n, "is off")
		return
	}
	host, port := n.str("host"), n.str("port")
	if host == "" {
		host = "127.0.0.1"
	}
	if port == "" {
		port = "5066"
	}
	im.carry(n, "there are /healthz, /readyz and /metrics, not /stats")
	im.draft.Root.Below("http").Set("listen", host+":"+port, positions(n)...)
}
