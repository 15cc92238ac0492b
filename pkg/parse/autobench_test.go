package parse_test

import "testing"

// BenchmarkAuto compares auto on a steady file with the format that the configuration names, and on lines that fit nothing
// with none.
func BenchmarkAuto(b *testing.B) {
	for _, c := range []struct{ name, format, line string }{
		{"json", "json", `{"timestamp":"2026-01-02T03:04:05.001861Z","level":"warn","service":"catalog","message":"payment authorised","trace_id":"baadcc279ed76e43e6e217b961fee78d","duration_ms":0.672}`},
		{"log4j", "log4j", `2023-01-01 12:00:00,123 INFO  [main] com.acme.shop.Checkout - started the payment of order 4711 for customer 12`},
		{"spring", "logback", `2024-01-01T12:00:00.000+01:00  INFO 1234 --- [myapp] [           main] [0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331] c.e.Foo                 : hello`},
		{"short", "python", `2023-01-01 12:00:00,123 INFO started the payment of order 4711 for customer 12`},
		{"spark", "log4j", `17/06/09 20:10:40 INFO executor.CoarseGrainedExecutorBackend: Registered signal handlers for [TERM, HUP, INT]`},
		{"klog", "klog", `I0102 15:04:05.123456   12345 file.go:70] started the payment of order 4711 for customer 12`},
		{"postgres", "postgres", `2023-01-01 12:00:00.123 UTC [1234] app@shop LOG:  duration: 1.234 ms  statement: SELECT 1`},
		{"redis", "redis", `1234:M 01 Jan 2023 12:00:00.123 * Ready to accept connections`},
		{"words", "none", `started the payment of order 4711 for customer 12 and nothing else`},
		{"dated", "none", `2023-01-01 12:00:00.123 started the payment of order 4711 for customer 12 and nothing else`},
	} {
		for _, format := range []string{c.format, "auto"} {
			b.Run(c.name+"/"+format, func(b *testing.B) {
				cfg := headClock
				cfg.Format = []string{format}
				d := newDocuments(b, cfg)
				line := []byte(c.line)
				b.SetBytes(int64(len(line)))
				b.ReportAllocs()
				for b.Loop() {
					d.ev.Raw = line
					d.parser.Parse(&d.ev)
				}
			})
		}
	}
}
