package event

import (
	"syscall"
	"testing"
)

// Beyond the capacity of a name, a value or dst nothing is touched: what follows here is no memory at all.
func TestAppendFlatBeforeAnEnd(t *testing.T) {
	page := syscall.Getpagesize()
	ending := func() []byte {
		memory, err := syscall.Mmap(-1, 0, 2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = syscall.Munmap(memory) })
		if err := syscall.Mprotect(memory[page:], syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
		return memory[:page:page]
	}
	text, to := ending(), ending()
	for i := range text {
		text[i] = 'a'
	}
	for n := range 70 {
		name := Field{Name: text[page-n:], Value: text[:1]}
		dst, _ := AppendFlat(to[:0], []Field{name, name})
		for behind := range 34 {
			value := Field{Name: text[:4], Value: text[page-n-behind : page-behind], Kind: Kind(n % 2)}
			AppendFlat(dst, []Field{value, value})
		}
		for room := range 3 * n {
			AppendFlat(to[page-room:page-room], []Field{name, {Name: text[:4], Value: text[:n]}})
		}
	}
}
