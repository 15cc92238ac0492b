package filebeat

import (
	"cmp"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// pipeline is one being drafted.
type pipeline struct {
	*importer
	pipe    imports.Map
	format  []string
	steps   []imports.Map
	tags    []string
	tagFrom []imports.Pos
	appends bool      // a condition decides about tags
	ingest  bool      // an ingest pipeline takes lines apart
	raw     []rawStep // conditions on the line as it was
}

// inputs drafts the pipelines.
func (im *importer) inputs() {
	for _, path := range []string{"filebeat.inputs", "filebeat.prospectors", "inputs"} {
		if n := im.root.get(path); n != nil {
			for _, item := range n.list {
				im.input(item)
			}
		}
	}
	if n := im.root.get("filebeat.modules"); n != nil {
		for _, item := range n.list {
			im.module(item)
		}
	}
	im.autodiscover(im.root.get("filebeat.autodiscover.providers"))
}

// newPipeline begins a pipeline.
func (im *importer) newPipeline(name string) *pipeline {
	p := &pipeline{importer: im}
	p.pipe = im.draft.AddPipeline(imports.Unique(im.taken, imports.PipelineName(name)))
	im.made = append(im.made, p)
	return p
}

// input drafts one input.
func (im *importer) input(n *node) {
	kind := cmp.Or(n.str("type"), n.str("input_type"), "log")
	if n.get("enabled").off() {
		im.needless(n, "is switched off")
		return
	}
	paths := n.get("paths").texts()
	p := im.newPipeline(inputName(n, kind, paths))
	if len(paths) > 0 {
		p.pipe.Set("paths", mapped(paths, imports.Environment), positions(n.get("paths"))...)
	}
	received := false
	switch kind {
	case "log", "filestream":
	case "container", "docker":
		p.container(n, kind)
	default:
		if !p.receive(n, kind) {
			im.lose(n, "there is no source %s", kind)
			p.placeholder(kind)
			p.finish()
			return
		}
		received = true
	}
	for _, key := range []string{"type", "input_type", "enabled", "paths", "id"} {
		im.carry(n.get(key))
	}
	if !received && kind != "docker" && len(paths) == 0 && p.pipe.Get("paths") == nil {
		p.placeholder(kind)
	}
	p.settings(n)
	p.finish()
}

func inputName(n *node, kind string, paths []string) string {
	if id := n.str("id"); id != "" {
		return id
	}
	if t := n.str("document_type"); t != "" {
		return t
	}
	if len(paths) > 0 {
		return imports.PathName(paths[0])
	}
	return kind
}

func mapped(list []string, f func(string) string) []string {
	made := []string{}
	for _, text := range list {
		made = append(made, f(text))
	}
	return made
}

// placeholder names paths for the user to fill in.
func (p *pipeline) placeholder(kind string) {
	path := "/var/log/" + imports.PipelineName(kind) + "/*.log"
	p.pipe.Set("paths", []string{path})
	p.pipe.Comment("Filebeat's input " + kind + " names no file: write the paths of these logs.")
}

// container drafts lines as a container runtime writes them.
func (p *pipeline) container(n *node, kind string) {
	paths := n.get("paths").texts()
	if kind == "docker" {
		folder := cmp.Or(n.str("containers.path"), "/var/lib/docker/containers")
		for _, id := range n.get("containers.ids").texts() {
			paths = append(paths, strings.TrimSuffix(folder, "/")+"/"+id+"/*.log")
		}
		p.carry(n.get("containers.path"))
		p.carry(n.get("containers.ids"))
		p.needless(n.get("combine_partial"), "is so")
	}
	if len(paths) == 0 {
		paths = []string{"/var/log/containers/*.log"}
	}
	p.pipe.Set("paths", mapped(paths, imports.Environment), positions(n.get("paths"))...)
	p.framing(n, strings.Join(paths, " "))
}

// framing drafts the envelope of container lines; n may name it.
func (p *pipeline) framing(n *node, paths string) {
	framing := n.str("format")
	if framing != "cri" && framing != "docker" {
		framing = "cri"
		if strings.Contains(paths, "/docker/") {
			framing = "docker"
		}
	}
	p.carry(n.get("format"))
	p.pipe.Set("framing", framing, n.at)
	if stream := n.get("stream"); stream != nil {
		p.carry(stream)
		if stream.text == "stdout" || stream.text == "stderr" {
			p.step("drop", "", []imports.Pos{stream.at}, "when", `stream != "`+stream.text+`"`)
		}
	}
}
