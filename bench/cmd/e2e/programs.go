package main

import (
	"embed"
	"path/filepath"
)

// configs are tailspan's configurations, by shape; what differs between runs comes from the environment.
//
//go:embed configs
var configs embed.FS

// program is something to measure.
type program struct {
	name     string
	argv     []string // @URL@, @PORT@, @DATA@, @STATE@, @ROOT@, @ARCH@ and @CONFIG@ stand for the run's own
	config   string   // below configs, with the same; empty: none
	rulebase string   // of rsyslog, below configs; empty: none
	root     string   // where a peer was unpacked
	env      []string
}

// programs lists what is measured on a shape, the bounds first. A line of no JSON has no fastjson bound.
func programs(agent, bin, shape string) []program {
	bound := filepath.Join(bin, "bound")
	all := []program{{name: "raw", argv: []string{bound, "-url", "@URL@", "-data", "@DATA@"}}}
	if shape == "json" {
		all = append(all, program{name: "fastjson", argv: []string{bound, "-url", "@URL@", "-data", "@DATA@", "-parse"}})
	}
	all = append(all, tailspan(agent, shape, "none"), tailspan(agent, shape, "gzip"))
	if shape == "json" {
		processed := tailspan(agent, shape, "none")
		processed.name, processed.config = "tailspan, five processors", "json-processed.yaml"
		all = append(all, processed)
	}
	return all
}

func tailspan(agent, shape, compression string) program {
	p := program{name: "tailspan", argv: []string{agent, "run", "--config", "@CONFIG@"}, config: shape + ".yaml",
		env: []string{"BENCH_COMPRESSION=" + compression}}
	if compression != "none" {
		p.name += " " + compression
	}
	return p
}
