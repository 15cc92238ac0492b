package process

import "time"

// Step is one item of the list process: a map of exactly one key, which names the processor.
type Step struct {
	Drop        *Drop        `mapstructure:"drop"`        // lines for which the condition holds have no document
	Keep        *Keep        `mapstructure:"keep"`        // all other lines have no document
	Rename      *Rename      `mapstructure:"rename"`      // gives a field, with all that is below it, another name
	Copy        *Copy        `mapstructure:"copy"`        // gives a field a second name
	Set         *Set         `mapstructure:"set"`         // gives a field a value
	Remove      *Remove      `mapstructure:"remove"`      // takes fields away
	Convert     *Convert     `mapstructure:"convert"`     // gives the values of fields another type
	Lowercase   *Lowercase   `mapstructure:"lowercase"`   // writes texts in small letters
	Uppercase   *Uppercase   `mapstructure:"uppercase"`   // writes texts in capitals
	Replace     *Replace     `mapstructure:"replace"`     // replaces what an expression matches in texts
	Split       *Split       `mapstructure:"split"`       // makes lists of texts
	Redact      *Redact      `mapstructure:"redact"`      // takes secrets out of values
	Sample      *Sample      `mapstructure:"sample"`      // keeps a share of the traces
	Throttle    *Throttle    `mapstructure:"throttle"`    // keeps so many lines in a time
	Dedupe      *Dedupe      `mapstructure:"dedupe"`      // keeps one of lines that say the same
	Route       *Route       `mapstructure:"route"`       // sends documents elsewhere; of several the last one counts
	Lookup      *Lookup      `mapstructure:"lookup"`      // adds what a table says of a value
	GeoIP       *GeoIP       `mapstructure:"geoip"`       // adds where an address is, by a database in MaxMind's format
	UserAgent   *UserAgent   `mapstructure:"user_agent"`  // adds what a browser says it is
	Fingerprint *Fingerprint `mapstructure:"fingerprint"` // adds a hash of fields
	Parse       *Parse       `mapstructure:"parse"`       // takes the text of a field apart
	Date        *Date        `mapstructure:"date"`        // reads a field as a time
	Append      *Append      `mapstructure:"append"`      // adds values to a list
}

// Drop is the configuration of drop.
type Drop struct {
	When string `mapstructure:"when"` // an expression; required
}

// Keep is the configuration of keep.
type Keep struct {
	When string `mapstructure:"when"` // an expression; required
}

// Rename is the configuration of rename.
type Rename struct {
	Field string `mapstructure:"field"` // its name, dotted
	To    string `mapstructure:"to"`    // its new name; a field that has it is lost
	When  string `mapstructure:"when"`  // an expression; default always
}

// Copy is the configuration of copy.
type Copy struct {
	Field string `mapstructure:"field"` // the name, dotted
	To    string `mapstructure:"to"`    // the other name; a field that has it is lost
	When  string `mapstructure:"when"`  // an expression; default always
}

// Set is the configuration of set.
type Set struct {
	Field string `mapstructure:"field"` // the name, dotted
	Value any    `mapstructure:"value"` // text, in which %{NAME} stands for the value of a field; or a number, true or false
	When  string `mapstructure:"when"`  // an expression; default always
}

// Remove is the configuration of remove.
type Remove struct {
	Fields []string `mapstructure:"fields"` // names, each with all that is below it; * stands for any text
	Values []string `mapstructure:"values"` // only these values: out of lists, and fields that have one of them; default the fields whole
	When   string   `mapstructure:"when"`   // an expression; default always
}

// Convert is the configuration of convert.
type Convert struct {
	Fields []string `mapstructure:"fields"` // names; a value that cannot be converted stays as it is
	Type   string   `mapstructure:"type"`   // long, double, boolean or string
	When   string   `mapstructure:"when"`   // an expression; default always
}

// Lowercase is the configuration of lowercase.
type Lowercase struct {
	Fields []string `mapstructure:"fields"` // names
	When   string   `mapstructure:"when"`   // an expression; default always
}

// Uppercase is the configuration of uppercase.
type Uppercase struct {
	Fields []string `mapstructure:"fields"` // names
	When   string   `mapstructure:"when"`   // an expression; default always
}

// Replace is the configuration of replace.
type Replace struct {
	Fields  []string `mapstructure:"fields"`  // names
	Pattern string   `mapstructure:"pattern"` // a regular expression in Go's syntax
	With    string   `mapstructure:"with"`    // what stands there instead; $1 and ${name} are groups; default nothing
	When    string   `mapstructure:"when"`    // an expression; default always
}

// Split is the configuration of split.
type Split struct {
	Fields    []string `mapstructure:"fields"`    // names
	Separator string   `mapstructure:"separator"` // between the items, a text; required
	When      string   `mapstructure:"when"`      // an expression; default always
}

// Redact is the configuration of redact.
type Redact struct {
	Fields   []string `mapstructure:"fields"`   // names, each with all that is below it; default everything in the document
	Kinds    []string `mapstructure:"kinds"`    // of email, card, ip, jwt, bearer and key; default all, or none beside patterns
	Patterns []string `mapstructure:"patterns"` // regular expressions in Go's syntax; what they match is a secret, too
	With     string   `mapstructure:"with"`     // mask: the kind in brackets, default; hash: the same text for the same secret; or remove
	Salt     string   `mapstructure:"salt"`     // with hash, required: what makes guessing hard
	When     string   `mapstructure:"when"`     // an expression; default always
}

// Sample is the configuration of sample.
type Sample struct {
	Rate float64 `mapstructure:"rate"` // the share of lines that are kept, above 0 and below 1
	By   string  `mapstructure:"by"`   // the field whose values are kept or dropped together, on all hosts alike; default trace.id; lines without it by themselves
	When string  `mapstructure:"when"` // an expression; default always
}

// Throttle is the configuration of throttle.
type Throttle struct {
	Limit int           `mapstructure:"limit"` // so many lines are kept
	Per   time.Duration `mapstructure:"per"`   // in each such time, by the lines' own clock; default 1s
	By    []string      `mapstructure:"by"`    // fields whose values are counted apart; default none
	When  string        `mapstructure:"when"`  // an expression; default always
}

// Dedupe is the configuration of dedupe.
type Dedupe struct {
	By     []string      `mapstructure:"by"`     // fields; lines that have the same values say the same; default message and log.level
	Within time.Duration `mapstructure:"within"` // of the first one, by the lines' own clock; default 10s
	When   string        `mapstructure:"when"`   // an expression; default always
}

// Route is the configuration of route.
type Route struct {
	Index      string      `mapstructure:"index"`           // an index; %{NAME} and %{+yyyy.MM.dd} as in the pipeline's
	DataStream RouteStream `mapstructure:"data_stream"`     // or a data stream
	Ingest     string      `mapstructure:"ingest_pipeline"` // the ingest pipeline that documents go through
	When       string      `mapstructure:"when"`            // an expression; default always
}

// RouteStream names a data stream.
type RouteStream struct {
	Type      string `mapstructure:"type"`      // default that of the pipeline
	Dataset   string `mapstructure:"dataset"`   // default that of the pipeline
	Namespace string `mapstructure:"namespace"` // default that of the pipeline
}

// Lookup is the configuration of lookup.
type Lookup struct {
	Field string `mapstructure:"field"` // whose value is looked up
	File  string `mapstructure:"file"`  // a CSV file with a head, its first column the key; or a JSON file, one object of objects
	To    string `mapstructure:"to"`    // below which the columns stand; default: by their own names
	When  string `mapstructure:"when"`  // an expression; default always
}

// GeoIP is the configuration of geoip.
type GeoIP struct {
	Field    string `mapstructure:"field"`    // an address; default source.ip
	To       string `mapstructure:"to"`       // below which geo.* and as.* stand; default: beside the field
	Database string `mapstructure:"database"` // a file in MaxMind's format: city, country or ASN
	When     string `mapstructure:"when"`     // an expression; default always
}

// UserAgent is the configuration of user_agent.
type UserAgent struct {
	Field string `mapstructure:"field"` // default user_agent.original
	To    string `mapstructure:"to"`    // below which name, version, os.name, os.version and device.name stand; default user_agent
	When  string `mapstructure:"when"`  // an expression; default always
}

// Fingerprint is the configuration of fingerprint.
type Fingerprint struct {
	Fields []string `mapstructure:"fields"` // names; their values in this order, absent ones too
	To     string   `mapstructure:"to"`     // the field that the hash, SHA-256 in hexadecimal digits, stands in; default event.hash
	Key    string   `mapstructure:"key"`    // makes it HMAC-SHA-256, which nobody without the key can try values against; default none
	When   string   `mapstructure:"when"`   // an expression; default always
}

// Parse is the configuration of parse. The library and the definitions of grok's patterns are those of the pipeline.
type Parse struct {
	Field        string   `mapstructure:"field"`          // its name; default message
	Format       string   `mapstructure:"format"`         // json, logfmt, kv, grok, regex, dissect, csv, tsv or syslog_priority
	Pattern      []string `mapstructure:"pattern"`        // regex, grok, dissect: the first that matches wins
	Columns      []string `mapstructure:"columns"`        // csv, tsv: the names of the columns
	Delimiter    string   `mapstructure:"delimiter"`      // csv: one character, default a comma
	KV           KV       `mapstructure:"kv"`             // kv: how pairs are told
	Prefix       string   `mapstructure:"prefix"`         // before the names of the fields, as in "labels." or "app_"; default none
	TagOnFailure []string `mapstructure:"tag_on_failure"` // added to the list tags when the text is not of the format; default none
	When         string   `mapstructure:"when"`           // an expression; default always
}

// KV has the options of Logstash's kv filter. The zero KV has those that hold there when none is given.
type KV struct {
	FieldSplit string `mapstructure:"field_split"` // the characters between pairs, default a blank; \ before special ones, as in \t and \s
	ValueSplit string `mapstructure:"value_split"` // the characters between a key and its value, default =
	Whitespace string `mapstructure:"whitespace"`  // lenient: blanks around those are no part of keys and values, default; or strict
}

// Date is the configuration of date.
type Date struct {
	Field    string   `mapstructure:"field"`    // its name; a value that is no time stays as it is
	Layouts  []string `mapstructure:"layouts"`  // as those of timestamp, the first that fits; default whatever looks like a time
	Timezone string   `mapstructure:"timezone"` // for text without a zone: IANA name or +09:00; default that of timestamp
	To       string   `mapstructure:"to"`       // the field that the time stands in, in UTC and as RFC 3339 has it; default @timestamp
	When     string   `mapstructure:"when"`     // an expression; default always
}

// Append is the configuration of append.
type Append struct {
	Field  string   `mapstructure:"field"`  // its name; one value becomes the first of a list
	Values []string `mapstructure:"values"` // texts, in which %{NAME} stands for the value of a field; %{NAME} alone adds it as it is, of a list each item
	When   string   `mapstructure:"when"`   // an expression; default always
}
