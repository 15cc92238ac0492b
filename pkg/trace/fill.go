package trace

import (
	"github.com/tailspan/tailspan/pkg/event"
)

// fillFrom takes over what another line of the span knows and s does not; its message becomes a log of the span.
func fillFrom(s *event.Span, rec *Record) {
	other := &rec.Span
	if s.ParentID == "" && other.ParentID != s.SpanID {
		s.ParentID = other.ParentID
	}
	if s.Service == "" {
		s.Service = other.Service
	}
	if s.Kind == event.KindUnknown {
		s.Kind = other.Kind
	}
	if other.Failed && !s.Failed && (rec.phase != notes || attributeOf(s.Attributes, "http.response.status_code") == "") {
		s.Failed, s.Reason = true, other.Reason
	}
	s.Logs = append(s.Logs, other.Logs...)
	if rec.message != "" || rec.phase == notes {
		s.Logs = append(s.Logs, rec.log())
	}
}

// log is the line as something that happened in its span.
func (rec *Record) log() event.SpanLog {
	l := event.SpanLog{Time: rec.time, Message: rec.message}
	if rec.level != "" {
		l.Attributes = append(l.Attributes, event.Attribute{Name: "level", Value: rec.level})
	}
	if l.Message == "" {
		l.Attributes = rec.Span.Attributes
	}
	return l
}
