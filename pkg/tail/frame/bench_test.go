package frame

import (
	"bytes"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// BenchmarkFrame has ordinary lines of 100 bytes in each way of reading them.
func BenchmarkFrame(b *testing.B) {
	line := append(bytes.Repeat([]byte("x"), 49), "INFO request served in 12ms by host web-1 for tenant\n"...)
	copy(line, "2026-01-02T03:04:05.123Z stdout F ")
	lines := bytes.Repeat(line, 1000)
	docker := bytes.Repeat([]byte(`{"log":"INFO request served in 12ms by host web-1\n","stream":"stdout","time":"2026-01-02T03:04:05Z"}`+"\n"), 1000)
	for _, c := range []struct {
		name string
		cfg  Config
		data []byte
	}{
		{"lines", Config{}, lines}, {"auto", Config{Multiline: auto}, lines}, {"start", Config{Multiline: mode(Multiline{Start: `^\d{4}-\d\d`})}, lines},
		{"cri", Config{Framing: "cri"}, lines}, {"cri/auto", Config{Framing: "cri", Multiline: auto}, lines},
		{"docker", Config{Framing: "docker"}, docker}, {"windows-1252", Config{Encoding: "windows-1252"}, lines},
	} {
		b.Run(c.name, func(b *testing.B) {
			f := newFramer(b, c.cfg)
			batch := &event.Batch{Data: make([]byte, 0, 1<<20)}
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				batch.Data, batch.Lines = append(batch.Data[:0], c.data...), batch.Lines[:0]
				f.Frame(batch, 0, c.data[:3], false, Quiet)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*1000), "ns/line")
		})
	}
}
