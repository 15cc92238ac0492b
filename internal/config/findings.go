package config

import "path/filepath"

// Findings is the name of the pipeline that ships what was detected, and its dataset.
const Findings = "tailspan.findings"

// FindingsDir is the folder of the spool that findings are written to.
func (c *Config) FindingsDir() string { return filepath.Join(c.DataDir, "spool", Findings) }

// addFindings adds the pipeline of findings, which are lines of JSON in files like any other: so they reach every output, each once.
func (c *Config) addFindings() {
	p := Pipeline{Own: true, Name: Findings}
	setDefaults(&p)
	p.Tail.Paths = []string{Literal(c.FindingsDir()) + "/*.log"}
	p.Parse.Format = []string{"json"}
	p.DataStream.Dataset = Findings
	c.Pipelines = append(c.Pipelines, p)
}
