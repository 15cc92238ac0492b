package config

import (
	"fmt"
	"net"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/tail/frame"
)

const (
	minMemory      = 16 * mib
	linesInMemory  = 16 // of the longest kind must fit, so that several files move at once
	minToken       = 16 // bytes
	maxStreamPart  = 100
	maxStreamBytes = 255 // of a whole data stream's name
)

// validate adds everything that is wrong with values that could be read.
func (c *Config) validate(p *problems) {
	if c.DataDir == "" {
		p.checkf("data_dir", "is empty; write a folder")
	}
	if c.Memory < minMemory {
		p.checkf("memory", "%s is too little; write at least %s", formatSize(c.Memory), formatSize(minMemory))
	}
	if c.HTTP.Listen != "" && !isAddress(c.HTTP.Listen) {
		p.checkf("http.listen", "%s is not an address; write 127.0.0.1:8687, or \"\" for none", quote(c.HTTP.Listen))
	}
	if c.HTTP.Token != "" && len(c.HTTP.Token) < minToken {
		p.checkf("http.token", "is too short to be a secret; write %d characters at least", minToken)
	}
	checkWord(p, "kubernetes", c.Kubernetes, "auto", "off")
	c.validateOutput(p)
	if len(c.Pipelines) == 0 {
		p.checkf("pipelines", "there is none; write at least one: [{name: app, paths: [/var/log/app/*.log]}]")
	}
	for _, e := range confkey.All(confkey.Below("detect", c.Detect.Check())) {
		p.checkf(e.Key, "%s", e.Msg)
	}
	names := map[string]int{}
	for i := range c.Pipelines {
		c.validateName(p, i, names)
		c.validateInput(p, i)
		c.validateParse(p, i)
		c.validateTests(p, i)
		c.validateDestination(p, i)
	}
	c.validateHolding(p)
}

// validateHolding checks what is held, and that all of it leaves room for what moves.
func (c *Config) validateHolding(p *problems) {
	total := int64(0)
	for i := range c.Pipelines {
		pipe := &c.Pipelines[i]
		if pipe.Hold == nil {
			continue
		}
		for _, e := range confkey.All(pipe.Hold.Check()) {
			p.checkf(pipelineKey(i, "hold."+e.Key), "%s", e.Msg)
		}
		if pipe.Parse.Trace.Mode == confkey.Off {
			p.checkf(pipelineKey(i, "hold"), "holds lines of traces, and trace: off finds none; leave one of them out")
		}
		if total += pipe.Hold.Memory; total > c.Memory/2 {
			p.checkf(pipelineKey(i, "hold.memory"), "all that is held would be %s, more than half of memory, %s; write less, or more memory", formatSize(total), formatSize(c.Memory))
		}
	}
}

// pipelineKey is the path of a key of one pipeline.
func pipelineKey(i int, key string) string { return fmt.Sprintf("pipelines[%d].%s", i, key) }

// isAddress says whether the text is host:port; the host may be left out.
func isAddress(text string) bool {
	_, port, err := net.SplitHostPort(text)
	if err != nil {
		return false
	}
	_, err = strconv.ParseUint(port, 10, 16)
	return err == nil
}

// validateName wants names that tell the pipelines apart.
func (c *Config) validateName(p *problems, i int, names map[string]int) {
	key, name := pipelineKey(i, "name"), c.Pipelines[i].Name
	if strings.TrimSpace(name) == "" {
		p.checkf(key, "every pipeline needs one; write a name of its own")
		return
	}
	if other, taken := names[name]; taken {
		p.checkf(key, "%s is the name of pipelines[%d] already; write another", quote(name), other)
		return
	}
	names[name] = i
}

// validateInput checks what is read.
func (c *Config) validateInput(p *problems, i int) {
	input := &c.Pipelines[i].Tail
	checkGlobs(p, pipelineKey(i, "paths"), input.Paths)
	checkGlobs(p, pipelineKey(i, "exclude"), input.Exclude)
	for j, root := range input.AllowedRoots {
		if root == "" {
			p.checkf(fmt.Sprintf("%s[%d]", pipelineKey(i, "allowed_roots"), j), "is empty; write a folder")
		}
	}
	c.validateReceived(p, i)
	checkWord(p, pipelineKey(i, "start_at"), input.StartAt, "beginning", "end")
	_, err := frame.New(input.Config)
	for _, e := range confkey.All(err) {
		p.checkf(pipelineKey(i, e.Key), "%s", e.Msg)
	}
	key, size := pipelineKey(i, "max_line"), int64(input.MaxLine)
	switch most := c.Memory / linesInMemory; {
	case size < 1:
		p.checkf(key, "a line needs room; write at least 1, better 1MiB")
	case size > most && c.Memory >= minMemory:
		p.checkf(key, "%s is too much for memory %s, which must hold %d lines of this length; write at most %s, or at least %s of memory",
			formatSize(size), formatSize(c.Memory), linesInMemory, formatSize(most), formatMemory(size))
	}
}

// validateReceived checks an input that is no file.
func (c *Config) validateReceived(p *problems, i int) {
	pipe := &c.Pipelines[i]
	if pipe.Input == nil {
		return
	}
	for _, e := range confkey.All(pipe.Input.Validate(pipe.Tail.MaxLine)) {
		p.checkf(pipelineKey(i, "input."+e.Key), "%s", e.Msg)
	}
	if len(pipe.Tail.Paths) > 0 {
		p.checkf(pipelineKey(i, "input"), "stands instead of paths; write one of the two, and another pipeline for the other")
	}
	if pipe.Tail.Framing != "line" {
		p.checkf(pipelineKey(i, "framing"), "an input has its own; leave it out")
	}
	if pipe.Input.Records() && pipe.Tail.Multiline.Mode != confkey.Off {
		p.checkf(pipelineKey(i, "multiline"), "lines of several senders come in any order; leave it out")
	}
	if !strings.EqualFold(pipe.Tail.Encoding, "utf-8") {
		p.checkf(pipelineKey(i, "encoding"), "an input is read as utf-8; leave it out")
	}
}

// formatMemory is the memory that lines of the size need; as words when it is beyond counting.
func formatMemory(size int64) string {
	if size > tib {
		return strconv.Itoa(linesInMemory) + " times as much"
	}
	return formatSize(size * linesInMemory)
}

// checkGlobs wants globs that can match something.
func checkGlobs(p *problems, key string, globs []string) {
	for i, glob := range globs {
		item := fmt.Sprintf("%s[%d]", key, i)
		switch {
		case glob == "":
			p.checkf(item, "is empty; write a glob such as /var/log/app/*.log")
		case strings.HasPrefix(glob, "~"):
			p.checkf(item, "%s begins with a tilde, which means nothing here; write ${HOME}", quote(glob))
		case !doublestar.ValidatePattern(glob):
			p.checkf(item, "%s is not a glob; close every [ and {, and do not end in \\", quote(glob))
		}
	}
}

// checkWord wants one of a few words.
func checkWord(p *problems, key, word string, allowed ...string) bool {
	for _, w := range allowed {
		if w == word {
			return true
		}
	}
	p.checkf(key, "%s is not allowed here; write %s", quote(word), oneOf(allowed, "or"))
	return false
}

// validateTests wants tests that can fail.
func (c *Config) validateTests(p *problems, i int) {
	for j, test := range c.Pipelines[i].Tests {
		key := pipelineKey(i, fmt.Sprintf("tests[%d]", j))
		switch {
		case len(test.Expect) == 0 && !test.Dropped:
			p.checkf(key+".expect", "is missing; write [{name: log.level, value: info}], or dropped: true")
		case len(test.Expect) > 0 && test.Dropped:
			p.checkf(key+".dropped", "a line that is dropped has no fields; leave out expect")
		}
		for k, named := range test.Expect {
			if named.Name == "" {
				p.checkf(fmt.Sprintf("%s.expect[%d].name", key, k), "is missing; write {name: log.level, value: info}")
			}
		}
	}
}

// validateParse checks what the keys of parsing ask of one another; what the values mean is the room's to check.
func (c *Config) validateParse(p *problems, i int) {
	cfg := &c.Pipelines[i].Parse
	if cfg.Duration.Field == "" && cfg.Duration.Unit != "" {
		p.checkf(pipelineKey(i, "duration.field"), "the unit of which field; write {field: NAME, unit: %s}", printable(cfg.Duration.Unit))
	}
	for j, named := range cfg.Fields {
		key := pipelineKey(i, fmt.Sprintf("fields[%d]", j))
		if named.Name == "" {
			p.checkf(key+".name", "is missing; write {name: labels.team, value: payments}")
		}
		if named.Value == nil {
			p.checkf(key+".value", "is missing; write a text, a number, true or false")
		}
	}
	if _, err := parse.New(*cfg); err != nil {
		for _, e := range confkey.All(err) {
			p.checkf(pipelineKey(i, e.Key), "%s", e.Msg)
		}
	}
}
