// Package logstash reads configurations of Logstash and drafts one of ours.
//
// Logstash has one chain of filters for the lines of all inputs, with conditions on what an input or a filter before gave
// them. Here each kind of log has a pipeline of its own: one format, then processors. So the chain is walked once for each
// input with what is known of its lines before any is read (its type, tags, fields and path): conditions on those are
// decided, and what is left is what this input's lines would have gone through. Ports and standard
// input become inputs of ours where their lines are of one kind. Other inputs that name no file (beats, kafka)
// are walked once for each value of the field that the conditions tell kinds of logs apart by, with paths for the user to
// fill in.
//
// Of what is walked, what takes the message apart becomes the format, what reads its time the timestamp, and all else
// processors, whose conditions are those around the filter. Everything that is left out is in the ledger.
package logstash

import (
	"strings"

	"github.com/tailspan/tailspan/internal/imports"
)

// File is a configuration, or a part of one: Logstash joins its files.
type File struct{ Name, Text string }

// Import drafts a configuration that does what the files say.
func Import(files []File, l *imports.Ledger) (*imports.Draft, error) {
	var inputs, filters, outputs []Statement
	for _, f := range files {
		sections, err := Parse(f.Name, f.Text, l)
		if err != nil {
			return nil, err
		}
		for _, s := range sections {
			switch s.Name {
			case "input":
				inputs = append(inputs, s.Body...)
			case "filter":
				filters = append(filters, s.Body...)
			default:
				outputs = append(outputs, s.Body...)
			}
		}
	}
	draft := imports.NewDraft("Imported from Logstash: " + names(files) + "\nWhat was not carried over was said on standard error.")
	out := newOutput(draft, l)
	taken := map[string]bool{}
	for _, o := range findOrigins(inputs, filters, outputs, l) {
		m := &maker{ledger: l, origin: o, consts: o.consts, tags: tags{fixed: o.tags, from: o.from}, produced: map[string]bool{}, draft: draft, out: out, legacy: legacyNames(filters)}
		m.pipe = draft.AddPipeline(imports.Unique(taken, o.name))
		m.input()
		m.walk(filters, cond{is: always}, m.filter)
		m.finish()
		m.walk(outputs, cond{is: always}, m.output)
	}
	out.finish()
	return draft, nil
}

func names(files []File) string {
	var all []string
	for _, f := range files {
		all = append(all, f.Name)
	}
	return strings.Join(all, ", ")
}
