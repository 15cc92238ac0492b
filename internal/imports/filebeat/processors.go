package filebeat

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// step adds a processor with its keys and values; an empty condition holds always.
func (p *pipeline) step(kind, when string, from []imports.Pos, keysAndValues ...any) imports.Map {
	inner, outer := p.draft.Map(), p.draft.Map()
	for pair := range slices.Chunk(keysAndValues, 2) {
		inner.Set(pair[0].(string), pair[1])
	}
	if when != "" {
		inner.Set("when", when)
	}
	outer.Set(kind, inner, from...)
	p.steps = append(p.steps, outer)
	return inner
}

// processors drafts a list of them.
func (p *pipeline) processors(n *node) { p.processorsWhen(n, "") }

func (p *pipeline) processorsWhen(n *node, guard string) {
	if n == nil {
		return
	}
	for _, item := range n.list {
		if item.get("if") != nil {
			p.conditional(item, guard)
			continue
		}
		for _, key := range item.keys {
			p.processor(key, item.of[key], guard)
		}
	}
}

// conditional is if, then, else.
func (p *pipeline) conditional(n *node, guard string) {
	when, err := condition(n.get("if"))
	if err != nil {
		p.lose(n, "the condition: %v", err)
		return
	}
	p.carry(n.get("if"))
	p.branch(n.get("then"), both(guard, when))
	p.branch(n.get("else"), both(guard, "not ("+when+")"))
}

// branch is a list of processors, or one.
func (p *pipeline) branch(n *node, guard string) {
	if n == nil {
		return
	}
	if n.of != nil {
		for _, key := range n.keys {
			p.processor(key, n.of[key], guard)
		}
		return
	}
	p.processorsWhen(n, guard)
}

// both holds where both conditions do.
func both(a, b string) string {
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return imports.Grouped(a) + " and " + imports.Grouped(b)
}

// drafters draft the processors by name.
var drafters map[string]func(p *pipeline, n *node, when string)

func init() {
	drafters = map[string]func(*pipeline, *node, string){
		"drop_event": (*pipeline).dropEvent, "drop_fields": (*pipeline).dropFields, "rename": (*pipeline).renameFields,
		"copy_fields": (*pipeline).renameFields, "add_fields": (*pipeline).addFields, "add_labels": (*pipeline).addFields,
		"add_tags": (*pipeline).addTags, "convert": (*pipeline).convert, "lowercase": (*pipeline).letters, "uppercase": (*pipeline).letters,
		"replace": (*pipeline).replace, "dissect": (*pipeline).dissect, "decode_json_fields": (*pipeline).decodeJSON,
		"timestamp": (*pipeline).timestamp, "fingerprint": (*pipeline).fingerprint, "rate_limit": (*pipeline).rateLimit,
		"syslog": (*pipeline).syslog, "add_kubernetes_metadata": (*pipeline).kubernetes,
	}
}

// elsewhere are processors that nothing has to be done for, and why.
var elsewhere = map[string]string{
	"add_host_metadata": "host.name is in every document; what else is known of a host is not",
	"add_id":            "every document has an _id", "add_locale": "times are UTC", "add_observer_metadata": "host.name is in every document",
	"detect_mime_type": "lines are text",
}

// processor drafts one.
func (p *pipeline) processor(name string, n *node, guard string) {
	if why, ok := elsewhere[name]; ok {
		p.needless(n, why)
		return
	}
	draft, known := drafters[name]
	if !known {
		p.lose(n, "there is no such processor; Elasticsearch's ingest pipelines (ingest_pipeline) may do it")
		return
	}
	when, ok := p.when(n)
	if !ok {
		return
	}
	when = both(guard, when)
	for _, key := range []string{"ignore_missing", "ignore_failure", "fail_on_error", "overwrite_keys", "add_error_key", "process_array", "max_depth", "expand_keys", "trim_values", "ignore_unavailable", "mode"} {
		p.needless(n.get(key), "what cannot be done leaves the document as it is")
	}
	draft(p, n, when)
}

// when is the condition that n has, empty for none; false when it cannot be carried over, and n with it.
func (p *pipeline) when(n *node) (text string, ok bool) {
	c := n.get("when")
	if c == nil {
		return "", true
	}
	text, err := condition(c)
	if err != nil {
		p.lose(n, "the condition: %v", err)
		return "", false
	}
	p.carry(c)
	return text, true
}

// condition writes a condition as an expression.
func condition(n *node) (string, error) {
	if n == nil || len(n.keys) == 0 {
		return "", fmt.Errorf("is empty")
	}
	var all []string
	for _, kind := range n.keys {
		text, err := oneCondition(kind, n.of[kind])
		if err != nil {
			return "", err
		}
		all = append(all, imports.Grouped(text))
	}
	return strings.Join(all, " and "), nil
}

func oneCondition(kind string, n *node) (string, error) {
	switch kind {
	case "and", "or":
		var all []string
		for _, item := range n.list {
			text, err := condition(item)
			if err != nil {
				return "", err
			}
			all = append(all, imports.Grouped(text))
		}
		return strings.Join(all, " "+kind+" "), nil
	case "not":
		text, err := condition(n)
		return "not (" + text + ")", err
	case "has_fields":
		var all []string
		for _, name := range n.texts() {
			all = append(all, imports.FieldText(ours(name))+" != nil")
		}
		return strings.Join(all, " and "), nil
	case "equals", "contains", "regexp", "range":
		return comparisons(kind, n)
	}
	return "", fmt.Errorf("%s has no counterpart", kind)
}

// comparisons are those of each field in n.
func comparisons(kind string, n *node) (string, error) {
	var all []string
	var failed error
	base := len(n.path) + 1
	n.each(func(leaf *node) {
		name := leaf.path[min(base, len(leaf.path)):]
		text, err := comparison(kind, name, leaf)
		if err != nil {
			failed = err
		}
		all = append(all, text)
	})
	return strings.Join(all, " and "), failed
}

var bounds = map[string]string{"gte": ">=", "gt": ">", "lte": "<=", "lt": "<"}

func comparison(kind, name string, leaf *node) (string, error) {
	if kind == "range" {
		i := strings.LastIndexByte(name, '.')
		op := bounds[name[i+1:]]
		if i < 0 || op == "" {
			return "", fmt.Errorf("range wants gte, gt, lte or lt")
		}
		return imports.FieldText(ours(name[:i])) + " " + op + " " + leaf.text, nil
	}
	field := imports.FieldText(ours(name))
	var all []string
	for _, text := range leaf.texts() {
		quoted := strconv.Quote(imports.Environment(text))
		switch {
		case name == "tags":
			all = append(all, "tags matches "+strconv.Quote("(^|,)"+regexp.QuoteMeta(text)+"(,|$)"))
		case kind == "equals" && leaf.bare:
			all = append(all, field+" == "+text)
		case kind == "equals":
			all = append(all, field+" == "+quoted)
		case kind == "contains":
			all = append(all, field+" contains "+quoted)
		default:
			if _, err := regexp.Compile(text); err != nil {
				return "", err
			}
			all = append(all, field+" matches "+quoted)
		}
	}
	return strings.Join(all, " or "), nil
}

// ours is the name that a field of Filebeat's has in our documents.
func ours(name string) string {
	switch name {
	case "source":
		return "log.file.path"
	case "beat.hostname", "beat.name", "agent.name", "agent.hostname", "host.hostname":
		return "host.name"
	case "offset":
		return "log.offset"
	}
	return name
}
