package cause

import (
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
)

// fields are what is asked of a document.
type fields struct {
	at                       int64 // nanoseconds since 1970
	service, host, message   string
	instance                 string // of the service; finer than its host
	traceID                  string
	templateID, templateText string
	version, image           string
	rule, action             string
	start                    int64 // of an alert; 0: at
	alert, failed, timed     bool
}

// reader takes documents apart. It belongs to one goroutine.
type reader struct {
	doc    query.Document
	failed *query.Matcher
}

func newReader() reader { return reader{failed: query.NewMatcher(search.Failures())} }

// read is false for what has no time.
func (r *reader) read(document []byte) (f fields, ok bool) {
	if r.doc.Parse(document) != nil {
		return f, false
	}
	timed := false
	leaves := r.doc.Leaves()
	for i := range leaves {
		l := &leaves[i]
		to := (*string)(nil)
		switch string(r.doc.Field(l)) {
		case "@timestamp":
			f.at, timed = nanos(l.Text)
		case "message":
			to = &f.message
		case "service.name":
			to = &f.service
		case "host.name":
			to = &f.host
		case "service.instance.id", "service.node.name", "kubernetes.pod.name":
			to = &f.instance
		case "trace.id":
			to = &f.traceID
		case "log.template.id":
			to = &f.templateID
		case "log.template.text":
			to = &f.templateText
		case "rule.name":
			to = &f.rule
		case "event.action":
			to = &f.action
		case "event.start":
			f.start, _ = nanos(l.Text)
		case "event.kind":
			f.alert = string(l.Text) == "alert"
		case "event.duration":
			f.timed = true
		case "service.version", "version", "app_version", "app.version", "release", "labels.version", "kubernetes.labels.app_kubernetes_io/version":
			to = &f.version
		case "container.image.name":
			to = &f.image
		case "container.image.tag":
			f.image = ":" + string(l.Text[:min(len(l.Text), maxMessage)])
		}
		if to != nil && *to == "" {
			*to = string(l.Text[:min(len(l.Text), maxMessage)])
		}
	}
	f.failed = r.failed.Match(document)
	if f.instance != "" {
		f.host = f.instance
	}
	return f, timed
}

// nanos is a time in nanoseconds since 1970; 0 when it is none.
func nanos(text []byte) (int64, bool) {
	at, ok := event.ParseTime(string(text))
	if !ok {
		return 0, false
	}
	return at.UnixNano(), true
}

// line is the document as an example.
func (f *fields) line() Line {
	return Line{time.Unix(0, f.at).UTC(), f.host, clip(f.message), f.traceID}
}

// said is the version that a document names: of its service or else of the image that it runs from.
func (f *fields) said() string {
	version := f.version
	if version == "" {
		if _, tag, ok := strings.Cut(f.image[strings.LastIndexByte(f.image, '/')+1:], ":"); ok {
			version = tag
		}
	}
	if len(version) > 64 {
		return ""
	}
	return version
}
