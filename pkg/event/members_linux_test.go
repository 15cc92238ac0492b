package event

import (
	"syscall"
	"testing"
)

// Beyond the capacity of a name, a value, a line or dst nothing is touched: what follows here is no memory at all.
func TestAppendMembersBeforeAnEnd(t *testing.T) {
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
		dst, _ := flat(name, name).AppendMembers(to[:0], 0, 2)
		for behind := range 34 {
			end := page - behind
			value := Field{Name: text[:4], Value: text[end-n : end], Kind: Kind(n % 2)}
			flat(value, value).AppendMembers(dst, 0, 2)
			line := flat(Field{To: int32(n)}, value)
			line.Line = text[end-n : end]
			line.AppendMembers(dst, 0, 2)
		}
		for room := range 3 * n {
			line := flat(name, Field{Name: text[:4], Value: text[:n]}, Field{To: int32(n)})
			line.Line = text
			line.AppendMembers(to[page-room:page-room], 0, 3)
		}
	}
}
