package event

// Span is one piece of work of one service, as its log lines tell of it. It flows from package trace to the outputs for
// spans, which do not know each other.
type Span struct {
	TraceID  string // 32 lower-case hexadecimal digits
	SpanID   string // 16
	ParentID string // 16; empty: it has no parent
	Service  string
	Name     string // method and route, operation, or what the line says
	Kind     SpanKind
	Start    int64 // nanoseconds since 1970-01-01T00:00:00Z
	Duration int64 // nanoseconds, never negative
	Failed   bool
	Reason   string // why it failed, when a line says so
	Host     string // whose clock Start was read from

	Attributes []Attribute // by OpenTelemetry's names, sorted, each once
	Logs       []SpanLog   // other lines of the span, in order of time

	Origin Origin
	ID     string // of the document the span is from
	Lines  int    // log lines that are in it
}

// End is when the span ended, in nanoseconds since 1970.
func (s *Span) End() int64 { return s.Start + s.Duration }

// SpanLog is a line that was written within a span.
type SpanLog struct {
	Time       int64 // nanoseconds since 1970
	Message    string
	Attributes []Attribute
}

// Attribute is a name and a value, which is the text of a number or truth value unless its Kind is AttributeText.
type Attribute struct {
	Name, Value string
	Kind        AttributeKind
}

// AttributeKind says what an Attribute's text stands for.
type AttributeKind uint8

const (
	AttributeText  AttributeKind = iota
	AttributeInt                 // decimal, fits 64 bits
	AttributeFloat               // as JSON has it
	AttributeBool                // true or false
)

// SpanKind is the part that a span has in a call; the numbers are OTLP's.
type SpanKind uint8

const (
	KindUnknown  SpanKind = iota // nobody said
	KindInternal                 // within a service
	KindServer                   // answers a call
	KindClient                   // makes one
	KindProducer                 // hands on a message
	KindConsumer                 // takes one
)

// Origin tells how sure a span is.
type Origin uint8

const (
	FromLine     Origin = iota // a line says its ids and how long it took
	FromPair                   // two lines or more: where it began, where it ended
	FromUpstream               // what a proxy measured of the server behind it; that it began with the request is an assumption
	FromProxy                  // a proxy's line; the span's id is derived
	FromInside                 // a line that measured something within the span it was written in; the id is derived
)
