package parse

import (
	"testing"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/pkg/event"
)

// BenchmarkScan compares the scanner with what fastjson takes for as much: being sure that the line is JSON, parsing it,
// and printing it again.
func BenchmarkScan(b *testing.B) {
	line := []byte(`{"timestamp":"2026-01-02T03:04:05.001861Z","level":"warn","service":"catalog","seq":0,"message":"payment authorised by \"acme\"","trace_id":"baadcc279ed76e43e6e217b961fee78d","duration_ms":0.672,"http":{"method":"PUT","path":"/health/check/383109","status":204},"host":{"region":"eu-west-1","node":"web-29"},"retry":0}`)
	b.Run("scanner", func(b *testing.B) {
		var s scanner
		var fields []event.Field
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			var ok bool
			if fields, ok = s.scan(line, fields[:0]); !ok {
				b.Fatal(string(s.appendFault(nil)))
			}
		}
	})
	b.Run("fastjson", func(b *testing.B) {
		var p fastjson.Parser
		var out []byte
		b.SetBytes(int64(len(line)))
		for b.Loop() {
			if err := fastjson.ValidateBytes(line); err != nil {
				b.Fatal(err)
			}
			v, err := p.ParseBytes(line)
			if err != nil {
				b.Fatal(err)
			}
			out = v.MarshalTo(out[:0])
		}
	})
}
