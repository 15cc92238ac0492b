package workload

import (
	"strconv"
	"time"
)

// What the lines are made of. Repeated entries are more frequent.
var (
	levels   = []string{"info", "info", "info", "info", "info", "info", "debug", "debug", "warn", "error"}
	services = []string{"checkout", "cart", "catalog", "payment-gateway", "user-profile", "inventory", "search", "edge-router"}
	methods  = []string{"GET", "GET", "GET", "GET", "POST", "POST", "PUT", "DELETE"}
	paths    = []string{"/api/v1/orders/", "/api/v1/cart/items/", "/api/v2/users/", "/catalog/product/", "/search/q/", "/health/check/"}
	statuses = []int{200, 200, 200, 200, 200, 200, 201, 204, 301, 304, 400, 404, 404, 429, 500, 503}
	messages = []string{
		"request completed",
		"order placed and handed to fulfilment",
		"cache miss, value loaded from the database",
		"upstream answered after a retry",
		`payment authorised by the provider \"acme\"`, // escaped quotes, as JSON loggers write them
		"session refreshed",
		"rate limit checked for tenant",
		"inventory reserved for the cart of the customer",
	}
	regions    = []string{"eu-west-1", "us-east-1", "ap-south-1"}
	textLevels = []string{"INFO", "WARN", "DEBUG", "ERROR"}
	agents     = []string{
		"curl/8.5.0",
		"Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0",
		"okhttp/4.12.0",
		"kube-probe/1.31",
	}
	referers = []string{"-", "-", "https://shop.example.com/", "https://shop.example.com/search?q=shoes"}
)

// appendJSON writes a structured service log line.
func (g *Generator) appendJSON(b []byte, r *request) []byte {
	b = append(b, `{"timestamp":"`...)
	b = r.Time.AppendFormat(b, "2006-01-02T15:04:05.000000Z")
	b = text(b, `","level":"`, r.level)
	b = text(b, `","service":"`, r.service)
	b = number(b, `","seq":`, r.Seq)
	b = text(b, `,"message":"`, pick(g, messages))
	b = hex(hex(append(b, `","trace_id":"`...), r.TraceHi), r.TraceLo)
	b = hex(append(b, `","span_id":"`...), r.Span)
	b = thousandths(append(b, `","duration_ms":`...), r.Duration.Microseconds())
	b = text(b, `,"http":{"method":"`, r.method)
	b = number(text(b, `","path":"`, r.path), "", int64(r.id))
	b = number(b, `","status":`, int64(r.Status))
	b = number(b, `},"user_id":"u-`, int64(r.id%50_000))
	b = text(b, `","host":{"region":"`, pick(g, regions))
	b = number(b, `","node":"web-`, int64(r.id%40))
	b = number(b, `"},"retry":`, int64(r.id%3))
	return append(b, "}\n"...)
}

// appendAccess writes a combined access log line with request_time, trace id and number appended. Its time has whole
// seconds, its duration whole milliseconds, and it has no span.
func (g *Generator) appendAccess(b []byte, r *request) []byte {
	r.Time, r.Duration, r.Span = r.Time.Truncate(time.Second), r.Duration.Truncate(time.Millisecond), 0
	b = number(b, "10.", int64(r.id&255))
	b = number(b, ".", int64(r.id>>8&255))
	b = number(b, ".", int64(r.id>>12&255))
	b = append(b, " - "...)
	if r.id%4 == 0 {
		b = number(b, "user", int64(r.id%500))
	} else {
		b = append(b, '-')
	}
	b = r.Time.AppendFormat(append(b, " ["...), "02/Jan/2006:15:04:05 -0700")
	b = text(b, `] "`, r.method)
	b = number(text(b, " ", r.path), "", int64(r.id))
	b = number(b, ` HTTP/1.1" `, int64(r.Status))
	b = number(b, " ", int64(g.rng.IntN(50_000)))
	b = text(b, ` "`, pick(g, referers))
	b = text(b, `" "`, pick(g, agents))
	b = thousandths(append(b, `" rt=`...), r.Duration.Milliseconds())
	b = hex(hex(append(b, " trace="...), r.TraceHi), r.TraceLo)
	b = number(b, " seq=", r.Seq)
	return append(b, '\n')
}

// appendText writes an application log line, with a duration in the unit that a person would choose.
func (g *Generator) appendText(b []byte, r *request) []byte {
	r.Time = r.Time.Truncate(time.Millisecond)
	b = r.Time.AppendFormat(b, "2006-01-02T15:04:05.000Z ")
	b = append(b, textLevels[r.id%len(textLevels)]...)
	b = text(b, " [", r.service)
	b = hex(hex(append(b, "] [trace="...), r.TraceHi), r.TraceLo)
	b = hex(append(b, " span="...), r.Span)
	b = number(b, "] seq=", r.Seq)
	b = text(b, " ", r.method)
	b = number(text(b, " ", r.path), "", int64(r.id))
	b = number(b, " status=", int64(r.Status))
	b = append(b, " took "...)
	switch {
	case r.Duration < time.Millisecond:
		return append(number(b, "", r.Duration.Microseconds()), "us\n"...)
	case r.Duration < time.Second:
		return append(thousandths(b, r.Duration.Microseconds()), "ms\n"...)
	}
	r.Duration = r.Duration.Truncate(time.Millisecond)
	return append(thousandths(b, r.Duration.Milliseconds()), "s\n"...)
}

func text(b []byte, before, value string) []byte { return append(append(b, before...), value...) }

func number(b []byte, before string, value int64) []byte {
	return strconv.AppendInt(append(b, before...), value, 10)
}

// thousandths appends v/1000 with exactly three decimals.
func thousandths(b []byte, v int64) []byte {
	b = append(strconv.AppendInt(b, v/1000, 10), '.')
	v %= 1000
	return append(b, byte('0'+v/100), byte('0'+v/10%10), byte('0'+v%10))
}

// hex appends the 16 digits of v.
func hex(b []byte, v uint64) []byte {
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[v>>shift&15])
	}
	return b
}
