package local

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

var benchLines = []string{
	`{"@timestamp":"2026-11-22T10:00:%02d.%09dZ","log.level":"info","message":"order %d accepted for customer %d in 12 ms","service.name":"checkout","trace.id":"%032x","span.id":"%016x","event.duration":12000000,"customer":"c-%d","cart":{"items":3,"total":59.90},"log.file.path":"/var/log/checkout/checkout.log","log.offset":%d,"event.dataset":"checkout","host.name":"web-1","ecs.version":"9.1.0"}`,
	`{"@timestamp":"2026-11-22T10:00:%02d.%09dZ","log.level":"error","message":"payment %d refused for %d: connection to 10.0.0.7:5432 timed out after 3 retries","service.name":"payments","trace.id":"%032x","span.id":"%016x","event.duration":3000000000,"error.type":"TimeoutException","attempt":%d,"log.offset":%d,"log.file.path":"/var/log/payments/payments.log","event.dataset":"payments","host.name":"web-1","ecs.version":"9.1.0"}`,
}

// BenchmarkStore says what a document costs, with everything: parsing it, the words, indexes and commits.
func BenchmarkStore(b *testing.B) {
	for _, batch := range []int{1000, 5000, 20000} {
		b.Run(fmt.Sprint(batch), func(b *testing.B) {
			p, err := openPart(b.Context(), filepath.Join(b.TempDir(), "x.db"))
			if err != nil {
				b.Fatal(err)
			}
			var docs [][]byte
			var ids []string
			for i := range b.N {
				docs = append(docs, fmt.Appendf(nil, benchLines[i%2], i/1000000%60, i*1000%1000000000, i, i*7, i*31, i*37, i%1000, i*200))
				ids = append(ids, fmt.Sprintf("AAAAAAAAAAAAAAAA%016d", i))
			}
			var r row
			var args [columnCount + 4]any
			var before, after syscall.Rusage
			b.ResetTimer()
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &before)
			for i := range b.N {
				if i%batch == 0 {
					if i > 0 {
						if err := p.commit(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
					if err := p.begin(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				r.read(docs[i])
				if ok, err := p.insert(b.Context(), &r, ids[i], docs[i], &args); err != nil || !ok {
					b.Fatal(ok, err)
				}
			}
			if err := p.commit(b.Context()); err != nil {
				b.Fatal(err)
			}
			_ = syscall.Getrusage(syscall.RUSAGE_SELF, &after)
			b.StopTimer()
			cpu := (after.Utime.Nano() + after.Stime.Nano() - before.Utime.Nano() - before.Stime.Nano())
			b.ReportMetric(float64(cpu)/float64(b.N), "cpu-ns/doc")
			b.ReportMetric(float64(b.N)*1e9/float64(cpu), "docs/cpu-s")
			if info, err := os.Stat(p.path); err == nil {
				b.ReportMetric(float64(info.Size())/float64(b.N), "bytes/doc")
			}
			if err := p.close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}
