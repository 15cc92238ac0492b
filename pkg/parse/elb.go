package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var elbKinds = []kind{
	{name: "elb", make: func(*Config) (format, error) { return elbFormat{}, nil }, fits: fitsELB, begins: "hgwt0123456789"},
}

// elbFormat reads the access logs of Amazon's load balancers: classic, application and, with TLS, network.
type elbFormat struct{}

var (
	nameELBType       = []byte("aws.elb.type")
	nameELB           = []byte("aws.elb.name")
	nameELBListener   = []byte("aws.elb.listener")
	nameELBBackend    = []byte("aws.elb.backend.ip")
	nameELBPort       = []byte("aws.elb.backend.port")
	nameELBStatus     = []byte("aws.elb.backend.http.response.status_code")
	nameELBProtocol   = []byte("aws.elb.ssl_protocol")
	nameXRay          = []byte("x-amzn-trace-id")
	nameTraceID       = []byte("trace_id")
	nameDuration      = []byte("event.duration")
	nameSourceBytes   = []byte("source.bytes")
	nameConnectTime   = []byte("aws.elb.connection_time.ms")
	nameHandshakeTime = []byte("aws.elb.tls_handshake_time.ms")
	nameELBAlert      = []byte("aws.elb.incoming_tls_alert")

	// Of one request, in seconds; together they are its duration.
	namesELBTimes = [3][]byte{[]byte("aws.elb.request_processing_time.sec"), []byte("aws.elb.backend_processing_time.sec"), []byte("aws.elb.response_processing_time.sec")}

	// What an application load balancer logs behind the trace id.
	namesALB = [][]byte{[]byte("destination.domain"), []byte("aws.elb.chosen_cert.arn"), []byte("aws.elb.matched_rule_priority"), nil,
		[]byte("aws.elb.action_executed"), []byte("aws.elb.redirect_url"), []byte("aws.elb.error.reason"), []byte("aws.elb.target_port"),
		[]byte("aws.elb.target_status_code"), []byte("aws.elb.classification"), []byte("aws.elb.classification_reason")}
	nameTargetGroup = []byte("aws.elb.target_group.arn")

	// What a network load balancer logs behind the alert.
	namesNLB = [][]byte{[]byte("aws.elb.chosen_cert.arn"), []byte("aws.elb.chosen_cert.serial"), nameTLSCipher, nameELBProtocol,
		[]byte("aws.elb.tls_named_group"), nameVhost}
)

func (elbFormat) take(p *Parser, ev *event.Event, found *resolution) bool {
	w := words{ev.Line, 0}
	first := w.next()
	ok := false
	switch {
	case string(first) == "tls":
		ok = addNLB(ev, &w)
	case isELBType(first):
		ev.Add(nameELBType, first, event.Text)
		ok = addELB(p, ev, &w, w.next())
		if ok {
			addALB(ev, &w)
		}
	default:
		ok = addELB(p, ev, &w, first)
	}
	if !ok {
		return p.failAt("elb", "expected the fields of a load balancer's access log", w.i)
	}
	ev.Add(nameMessage, ev.Line, event.Text)
	found.proxy = true
	return true
}

// isELBType reports the type of request or connection that an application load balancer's line begins with.
func isELBType(word []byte) bool {
	switch string(word) {
	case "http", "https", "h2", "grpcs", "ws", "wss":
		return true
	}
	return false
}

// addELB adds what classic and application load balancers have in common, from the time on.
func addELB(p *Parser, ev *event.Event, w *words, time []byte) bool {
	if !isELBTime(time) {
		return false
	}
	ev.Add(nameTimestamp, time, event.Text)
	addText(ev, nameELB, w.next())
	addAddress(ev, nameSource, namePort, w.next())
	addAddress(ev, nameELBBackend, nameELBPort, w.next())
	var times [3][]byte
	for k := range times {
		if times[k] = w.next(); len(times[k]) == 0 || !isDigit(times[k][0]) && times[k][0] != '-' {
			return false
		}
		addDecimal(ev, namesELBTimes[k], times[k])
	}
	if p.want.duration {
		p.addSum(ev, &times)
	}
	addNumber(ev, nameStatus, w.next())
	addNumber(ev, nameELBStatus, w.next())
	addNumber(ev, nameRequestBody, w.next())
	addNumber(ev, nameBytes, w.next())
	request, ok := w.quoted()
	if !ok {
		return false
	}
	addRequest(ev, request)
	agent, _ := w.quoted()
	addText(ev, nameAgent, agent)
	addText(ev, nameTLSCipher, w.next())
	addText(ev, nameELBProtocol, w.next())
	return true
}

// addSum adds the duration that the times of a request make together, unless one is missing, as when no target answered.
func (p *Parser) addSum(ev *event.Event, times *[3][]byte) {
	sum := int64(0)
	for _, t := range times {
		ns, ok := parseDuration(t, second)
		if !ok || ns < 0 || ns > 1<<60 {
			return
		}
		sum += ns
	}
	ev.Add(nameDuration, p.keepNumber(sum), event.JSON)
}

// addALB adds what only application load balancers have.
func addALB(ev *event.Event, w *words) {
	addText(ev, nameTargetGroup, w.text())
	addXRay(ev, w.text())
	for _, name := range namesALB {
		if text := w.text(); name != nil {
			addText(ev, name, text)
		}
	}
}

// addXRay adds the header X-Amzn-Trace-Id. Without a Parent, as the balancer itself makes it, it is no context but still says
// the trace.
func addXRay(ev *event.Event, header []byte) {
	if bytes.Contains(header, []byte("Parent=")) {
		ev.Add(nameXRay, header, event.Text)
		return
	}
	if i := bytes.Index(header, []byte("Root=")); i >= 0 {
		root, _, _ := bytes.Cut(header[i:], []byte(";"))
		ev.Add(nameTraceID, root, event.Text)
	}
}

// addNLB adds what a network load balancer has, from the version of its format on.
func addNLB(ev *event.Event, w *words) bool {
	w.next()
	time := w.next()
	if !isELBTime(time) {
		return false
	}
	ev.Add(nameTimestamp, time, event.Text)
	addText(ev, nameELB, w.next())
	addText(ev, nameELBListener, w.next())
	addAddress(ev, nameSource, namePort, w.next())
	addAddress(ev, nameELBBackend, nameELBPort, w.next())
	took := w.next()
	addNumber(ev, nameConnectTime, took)
	addNumber(ev, nameHandshakeTime, w.next())
	addNumber(ev, nameDurationMS, took)
	addNumber(ev, nameSourceBytes, w.next())
	addNumber(ev, nameSentBytes, w.next())
	addText(ev, nameELBAlert, w.next())
	for _, name := range namesNLB {
		addText(ev, name, w.next())
	}
	return true
}

// isELBTime reports `2015-05-13T23:39:43.945958Z`, or without fraction and zone.
func isELBTime(word []byte) bool {
	return len(word) >= len("2015-05-13T23:39:43") && isDigit(word[0]) && word[4] == '-' && word[10] == 'T' && word[13] == ':'
}

// fitsELB reports a line's first words: the type, the time, the name, and two addresses or a `-` for the second.
func fitsELB(line []byte) bool {
	if len(line) < 64 || bytes.IndexByte(line, '"') < 0 && line[0] != 't' { // a request is quoted
		return false
	}
	w := words{line, 0}
	if c := line[0]; c != 'h' && c != 'g' && c != 'w' && c != 't' {
		return line[10] == 'T' && isDigit(c) && fitsELBFrom(&w)
	}
	first := w.next()
	if string(first) == "tls" {
		version := w.next()
		return len(version) == 3 && version[1] == '.' && isELBTime(w.next()) && bytes.Contains(w.next(), []byte("/"))
	}
	return isELBType(first) && fitsELBFrom(&w)
}

func fitsELBFrom(w *words) bool {
	if time := w.next(); !isELBTime(time) || time[len(time)-1] != 'Z' {
		return false
	}
	w.next()
	_, port := splitPort(w.next())
	if len(port) == 0 {
		return false
	}
	w.next()
	time := w.next()
	return bytes.IndexByte(time, '.') > 0 && isDigit(time[0]) || string(time) == "-1"
}
