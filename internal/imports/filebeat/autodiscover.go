package filebeat

import "slices"

// autodiscover drafts the containers of a machine.
func (im *importer) autodiscover(providers *node) {
	if providers == nil {
		return
	}
	for _, provider := range providers.list {
		kind := provider.str("type")
		if kind != "kubernetes" && kind != "docker" {
			im.lose(provider, "there is no autodiscovery by %s", kind)
			continue
		}
		p := im.newPipeline("containers")
		path, framing := "/var/log/containers/*.log", "cri"
		if kind == "docker" {
			path, framing = "/var/lib/docker/containers/*/*.log", "docker"
		}
		p.pipe.Set("paths", []string{path})
		p.pipe.Set("framing", framing)
		p.pipe.Comment("Filebeat discovers containers; here all of them are read, and conditions on them are not carried over.")
		for _, key := range provider.keys {
			switch key {
			case "type", "node", "host", "hints", "scope", "add_resource_metadata", "resource", "unique", "cleanup_timeout", "kube_config":
				im.carry(provider.of[key], "all containers are read alike")
			case "templates":
				for _, template := range provider.of[key].list {
					im.template(template)
				}
			case "appenders":
				im.lose(provider.of[key], "all containers are read alike")
			}
		}
		p.finish()
	}
}

// template says of what is to be read of some containers what becomes of it when all are read, and every line by the format
// that it has.
func (im *importer) template(n *node) {
	configs := n.get("config")
	if configs == nil {
		im.lose(n, "all containers are read alike; write a pipeline with paths of its own")
		return
	}
	alike := true
	for _, config := range configs.list {
		module := config.str("module")
		if _, known := modules[module]; module != "" && !known {
			im.lose(config, "there is no format for the logs of %s", module)
			alike = false
			continue
		}
		alike = im.templateConfig(config, module) && alike
	}
	if alike {
		im.needless(n.get("condition"), "lines are known by their format, whatever container they are from")
	} else {
		im.lose(n.get("condition"), "all containers are read alike; write a pipeline with paths of its own")
	}
}

// sameForAll are settings of inputs that hold for all containers alike.
var sameForAll = []string{"module", "type", "enabled", "paths", "containers.ids", "containers.path", "stream", "id", "symlinks", "parsers.container"}

// templateConfig is one module or input of a template; it reports whether nothing of it is lost.
func (im *importer) templateConfig(n *node, module string) bool {
	whole := true
	for _, key := range n.keys {
		inner := n.of[key]
		input := inner.get("input")
		switch {
		case slices.Contains(sameForAll, key):
			im.carry(inner, "all containers are read, and format auto finds the lines of "+module)
		case module != "" && input != nil:
			im.carry(inner.get("enabled"))
			whole = im.templateConfig(input, module) && whole
		case key == "containers":
			im.carry(inner)
		default:
			im.lose(inner, "all containers are read alike; write a pipeline with paths of its own")
			whole = false
		}
	}
	return whole
}
