package redfa

import (
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
)

// Nothing behind the capacity of a line is read: here no memory is.
func TestPiecesEndWithTheMemory(t *testing.T) {
	size := os.Getpagesize()
	pages, err := syscall.Mmap(-1, 0, 2*size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = syscall.Munmap(pages) }()
	if err := syscall.Mprotect(pages[size:], syscall.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	g := &generator{r: rand.New(rand.NewPCG(8, 9))}
	for range 5000 {
		expr, lines := g.pieces()
		re, err := Compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		m := re.NewMatcher()
		for _, line := range lines {
			for _, room := range []int{0, 1, 7, 39, 40} {
				at := pages[size-len(line)-room : size : size]
				copy(at, line)
				m.Match(at[:len(line)])
			}
		}
	}
}
