package template

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestMemory(t *testing.T) {
	const memory = 256 << 10
	m := New(Options{Memory: memory})
	keep := m.Match([]byte("a line that comes again and again"))
	for i := range 20_000 {
		m.Match(fmt.Appendf(nil, "%s %s once", letters(i), letters(i*7919)))
		if i%100 == 0 && m.Match([]byte("a line that comes again and again")) != keep {
			t.Fatalf("forgotten after %d others", i)
		}
		if m.bytes > memory {
			t.Fatalf("%d bytes", m.bytes)
		}
	}
	stats := m.Stats()
	if stats.Known != len(m.Templates()) || stats.Bytes != m.bytes || stats.Forgotten < 1000 {
		t.Errorf("%+v", stats)
	}
	sum, entries := 0, 0
	for _, is := range m.Templates() {
		sum += is.size()
	}
	for i := range m.known.buckets {
		for e := m.known.buckets[i].Load(); e != nil; e = e.next {
			entries++
		}
	}
	leaves := 0
	for _, list := range m.leaves {
		leaves += len(list)
	}
	if n := len(m.Templates()); sum != m.bytes || n < 100 || entries != n || leaves != 2*n {
		t.Errorf("%d templates of %d bytes, counted %d; %d entries, %d in leaves", n, sum, m.bytes, entries, leaves)
	}
}

// TestHeap holds what a Miner says of its memory to what it takes.
func TestHeap(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	m := New(Options{})
	for i := range 50_000 {
		m.Match(fmt.Appendf(nil, "%s went %s to get %s at %d and was never seen %s there", letters(i), letters(i*31), letters(i*17), i, letters(i*7)))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	took, said := int(after.HeapAlloc-before.HeapAlloc), m.Stats()
	t.Logf("%d templates: %d KiB of heap, %d KiB counted, %d KiB allowed", said.Known, took>>10, said.Bytes>>10, m.memory>>10)
	if took > m.memory*5/4 || took < m.memory/3 {
		t.Errorf("%d bytes of heap, %d are allowed", took, m.memory)
	}
	runtime.KeepAlive(m)
}

// TestHostile: what a line costs does not grow with what it is, beyond its length.
func TestHostile(t *testing.T) {
	for name, unit := range map[string]string{
		"blanks": " ", "words": "a ", "numbers": "1 ", "colons": "a:", "more colons": "1:", "keys": "a=", "dotted keys": "k= a.b.c=", "quotes": `="`, "single": "='", "slashes": "/",
		"backslashes": `\`, "brackets": "([{", "dots": ".", "dates": "Jun ", "addresses": "1.", "high": "\xff", "users": "user ", "queries": "/?=", "ports": "a.b:1",
		"nul": "\x00", "mixed": "for a1 user b 12:3 c=d ",
	} {
		m := New(Options{})
		line := bytes.Repeat([]byte(unit), 1<<20/len(unit))
		begin := time.Now()
		for range 20 {
			if is := m.Match(line); is != nil && len(is.Text()) > 3*mostBytes {
				t.Errorf("%s: %d bytes of text", name, len(is.Text()))
			}
		}
		if took := time.Since(begin); took > 2*time.Second {
			t.Errorf("%s: %v a line", name, took/20)
		}
	}
}

// TestFull: what is left of a line with too many words is one.
func TestFull(t *testing.T) {
	begin := strings.Repeat("w 1 ", mostTokens/2-1) + "w"
	for _, rest := range []string{" k= a.b.c=5 and so on", " x y z", " 1 x (2", ` k="v" x`, " 5 ms Jun 6"} {
		m := New(Options{})
		is := m.Match([]byte(begin + rest))
		if text := is.Text(); !strings.HasPrefix(text, "w <num> w") || strings.HasSuffix(text, "on") || len(is.shape.Load().cells) != mostTokens {
			t.Errorf("%q: %q", rest, text)
		}
		if m.Match([]byte(begin+rest+" more")) != is {
			t.Errorf("%q: another one with more behind it", rest)
		}
	}
}
