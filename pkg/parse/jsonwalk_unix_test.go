//go:build unix

package parse

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// Nothing behind the capacity of a line is read: what follows here is no memory at all.
func TestShapesEndWithTheMemory(t *testing.T) {
	size := os.Getpagesize()
	pages, err := syscall.Mmap(-1, 0, 2*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Munmap(pages) }()
	if err := syscall.Mprotect(pages[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	p, err := New(Config{Format: []string{"json"}})
	if err != nil {
		t.Fatal(err)
	}
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for n := range 100 {
		line := `{"trace_id":"` + trace + `","span_id":"` + trace[:16] + `","n":` + strings.Repeat("1", n+1) + `,"a":"` + strings.Repeat("x", n) + `","b":0.5,"c":"` + strings.Repeat("y", n%40) + `"}`
		for cut := range len(line) {
			for _, room := range []int{0, 1, 31, 63, 64} {
				at := pages[size-len(line)+cut-room : size : size]
				copy(at, line[:len(line)-cut])
				ev := event.Event{Raw: at[:len(line)-cut]}
				p.Parse(&ev)
				if whole := ev.Failure == nil; whole != (cut == 0) || whole && string(ev.TraceID) != trace {
					t.Fatalf("%s: failure %s, trace %s", ev.Raw, ev.Failure, ev.TraceID)
				}
			}
		}
	}
}
