package parse

import (
	"bytes"
	"testing"

	"github.com/go-logfmt/logfmt"

	"github.com/tailspan/tailspan/pkg/event"
)

// BenchmarkLogfmt compares taking a line apart with what go-logfmt takes for as much, and with the whole of Parse.
func BenchmarkLogfmt(b *testing.B) {
	line := []byte(`ts=2026-01-02T03:04:05.001861Z caller=engine/query.go:417 level=info component=querier org_id=29 traceID=baadcc279ed76e43e6e217b961fee78d latency=fast query="{app=\"catalog\"} |= \"timeout\"" query_type=filter range_type=range length=1h0m0s step=14s duration=672.3µs status=200 msg="query finished" bytes=48.2kB lines=383109`)
	b.Run("take", func(b *testing.B) { benchmarkTake(b, &logfmtFormat{}, line) })
	b.Run("parse", func(b *testing.B) { benchmarkParse(b, Config{Format: []string{"logfmt"}}, line) })
	b.Run("auto", func(b *testing.B) { benchmarkParse(b, Config{}, line) })
	b.Run("go-logfmt", func(b *testing.B) {
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			decoder := logfmt.NewDecoder(bytes.NewReader(line))
			for decoder.ScanRecord() {
				for decoder.ScanKeyval() {
				}
			}
		}
	})
}

// BenchmarkDissect takes an access log apart.
func BenchmarkDissect(b *testing.B) {
	line := []byte(`203.0.113.7 - frank [02/Jan/2026:03:04:05 +0000] "GET /health/check/383109 HTTP/1.1" 200 2326 "https://shop.example/start" "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"`)
	cfg := Config{Format: []string{"dissect"}, Pattern: []string{`%{source.address} %{} %{user.name} [%{timestamp}] "%{http.request.method} %{url.original} HTTP/%{http.version}" ` +
		`%{http.response.status_code} %{http.response.body.bytes} "%{http.request.referrer}" "%{user_agent.original}"`}}
	made, err := newDissectFormat(&cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("take", func(b *testing.B) { benchmarkTake(b, made, line) })
	b.Run("parse", func(b *testing.B) { benchmarkParse(b, cfg, line) })
}

// BenchmarkDelimited takes lines of the other formats apart.
func BenchmarkDelimited(b *testing.B) {
	for _, c := range []struct {
		name string
		make func(*Config) (format, error)
		line string
	}{
		{"kv", newKVFormat, `SerialNum=100018002000001906146520 GenTime="2026-01-02 14:25:03" SrcIP=10.10.254.2 DstIP=10.10.254.7 Protocol=UDP SrcPort=137 DstPort=137 PolicyID=3 Action=PERMIT Content="Session Backout"`},
		{"csv", csvKinds[0].make, `1767225600,10.10.254.2,"GET /a?b=""c""",200,2326,0.012,eu-west-1,"Mozilla/5.0 (X11; Linux x86_64)",,false`},
		{"cef", cefKinds[0].make, `CEF:0|security|threatmanager|1.0|100|worm successfully stopped|10|src=10.0.0.1 dst=2.1.2.2 spt=1232 act=blocked request=https://shop.example/start msg=it is \= over rt=1767225600123`},
		{"leef", leefKinds[0].make, "LEEF:1.0|Lancope|StealthWatch|1.0|41|src=10.0.1.8\tdst=10.0.0.5\tsev=5\tsrcPort=81\tdstPort=21\tproto=tcp\tusrName=frank"},
	} {
		made, err := c.make(&Config{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(c.name, func(b *testing.B) { benchmarkTake(b, made, []byte(c.line)) })
	}
}

// benchmarkTake measures a format alone.
func benchmarkTake(b *testing.B, f format, line []byte) {
	p, ev := new(Parser), &event.Event{Raw: line, Line: line}
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		p.begin(ev)
		if !f.take(p, ev, &p.found) {
			b.Fatal(string(p.fault))
		}
	}
}

// benchmarkParse measures all that is done to a line.
func benchmarkParse(b *testing.B, cfg Config, line []byte) {
	p, err := New(cfg)
	if err != nil {
		b.Fatal(err)
	}
	ev := &event.Event{Raw: line}
	b.SetBytes(int64(len(line)))
	for b.Loop() {
		if p.Parse(ev); ev.Failure != nil {
			b.Fatal(string(ev.Failure))
		}
	}
}
