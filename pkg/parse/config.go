package parse

import (
	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// Config is how one pipeline parses its lines. The zero value of each key is its default.
type Config struct {
	Format             []string          `mapstructure:"format"`              // how lines are written; of several each but the last is an envelope around the next
	Pattern            []string          `mapstructure:"pattern"`             // regex, grok, dissect: the first that matches wins
	Patterns           string            `mapstructure:"patterns"`            // grok: the library of definitions, ecs-v1 or legacy; default ecs-v1
	PatternDirs        []string          `mapstructure:"pattern_dirs"`        // grok: folders of files of definitions, over the library's
	PatternDefinitions map[string]string `mapstructure:"pattern_definitions"` // grok: definitions by name, over all others
	AppendSeparator    string            `mapstructure:"append_separator"`    // dissect: between the values of %{a} and %{+a}, default none
	Columns            []string          `mapstructure:"columns"`             // csv, tsv: the names of the columns; those without one are column1, column2, ...
	Delimiter          string            `mapstructure:"delimiter"`           // csv: one character, default a comma
	KV                 KV                `mapstructure:"kv"`                  // kv: how pairs are told
	Timestamp          Timestamp         `mapstructure:"timestamp"`           // where @timestamp comes from
	Duration           Duration          `mapstructure:"duration"`            // where event.duration comes from
	Trace              Trace             `mapstructure:"trace"`               // where trace.id, span.id and parent.id come from
	Service            string            `mapstructure:"service"`             // service.name where the line has none
	Fields             []Named           `mapstructure:"fields"`              // added to every document that has no such field
	KeepOriginal       bool              `mapstructure:"keep_original"`       // every line in event.original

	Process []process.Step `mapstructure:"process"`       // what is done to events, in order
	Guard   process.Guard  `mapstructure:"mapping_guard"` // what documents may make of the mapping

	Asked   []string        // names of fields that outputs ask events for; no key
	Dataset string          // event.dataset of documents that say nothing else; no key
	Host    string          // host.name of documents that say nothing else; no key
	Shared  *process.Shared // what the parsers of one pipeline have in common; no key
}

// Mode says whether something is looked for by itself, not at all, or in the places the configuration names.
type Mode = confkey.Mode

const (
	Auto  = confkey.Auto
	Off   = confkey.Off
	Field = confkey.Field
)

// Timestamp is written as auto, off, or a map of the other keys.
type Timestamp struct {
	Mode     Mode     `mapstructure:"mode"`     // default auto
	Field    string   `mapstructure:"field"`    // the field to read; default: those that usually hold a time
	Layouts  []string `mapstructure:"layouts"`  // strptime layouts or the words iso8601, unix, unix_ms, unix_us, unix_ns, tai64n
	Timezone string   `mapstructure:"timezone"` // for text without a zone: IANA name or +09:00; default UTC
	Now      string   `mapstructure:"now"`      // RFC 3339: the clock that gives dates without a year theirs; default the wall clock
}

// Duration is written as auto, off, or a map of the other keys.
type Duration struct {
	Mode  Mode   `mapstructure:"mode"`  // default auto
	Field string `mapstructure:"field"` // the field to read
	Unit  string `mapstructure:"unit"`  // of a bare number: ns, us, ms, s, m, h
}

// Trace is written as auto, off, or a map of the other keys.
type Trace struct {
	Mode     Mode   `mapstructure:"mode"`      // default auto
	TraceID  string `mapstructure:"trace_id"`  // the field to read; default: those that usually hold it
	SpanID   string `mapstructure:"span_id"`   // the same for the span
	ParentID string `mapstructure:"parent_id"` // and for its parent
}

// KV has the options of Logstash's kv filter. The zero KV is DefaultKV.
type KV = process.KV

// DefaultKV returns the options of Logstash that hold when none is given.
func DefaultKV() KV { return KV{FieldSplit: " ", ValueSplit: "=", Whitespace: "lenient"} }

// Named is a field and its value.
type Named struct {
	Name  string `mapstructure:"name"`  // dotted
	Value any    `mapstructure:"value"` // text, number or boolean
}
