package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// document is one document of tailspan's, read back.
type document struct {
	time     time.Time // when the line was written: the end of what it tells about
	service  string
	level    string
	trace    string
	duration time.Duration
	timed    bool // the line has a duration
	failed   bool
	text     string            // what happened, in a few words
	path     string            // of the log file
	offset   string            // of the line in it
	fields   map[string]string // all of it, by dotted name
}

func (d *document) start() time.Time { return d.time.Add(-d.duration) }

// decode reads a document. Names may be nested or dotted: to Elasticsearch, and here, both are the same.
func decode(line []byte) (*document, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var object map[string]any
	if err := dec.Decode(&object); err != nil {
		return nil, fmt.Errorf("a document that is not JSON: %w: %.200s", err, line)
	}
	d := &document{fields: map[string]string{}}
	flatten(d.fields, "", object)
	f := d.fields
	var err error
	if d.time, err = time.Parse(time.RFC3339Nano, f["@timestamp"]); err != nil {
		return nil, fmt.Errorf("a document without a time: %.200s", line)
	}
	d.service, d.level, d.trace, d.path, d.offset = f["service.name"], f["log.level"], f["trace.id"], f["log.file.path"], f["log.offset"]
	if ns, err := strconv.ParseInt(f["event.duration"], 10, 64); err == nil {
		d.duration, d.timed = time.Duration(ns), true
	}
	status, _ := strconv.Atoi(f["http.response.status_code"]) // 0: not an access log
	d.failed = d.level == "error" || f["event.outcome"] == "failure" || f["event.kind"] == "pipeline_error" || status >= 500
	d.text = f["message"]
	if d.text == "" {
		d.text = f["http.request.method"] + " " + f["url.path"] + " → " + f["http.response.status_code"]
	}
	if reason := f["error.message"]; reason != "" {
		d.text += ": " + reason
	}
	return d, nil
}

func flatten(into map[string]string, prefix string, object map[string]any) {
	for name, value := range object {
		switch v := value.(type) {
		case map[string]any:
			flatten(into, prefix+name+".", v)
		case string:
			into[prefix+name] = v
		default:
			text, _ := json.Marshal(v) // what was decoded can be encoded
			into[prefix+name] = string(text)
		}
	}
}
