package tail

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// TestMoreFilesThanDescriptors reads, writes and rotates fifty files with eight descriptors.
func TestMoreFilesThanDescriptors(t *testing.T) {
	inBed(t, func(t *testing.T, b *bed) {
		var want []string
		for i := range 50 {
			want = append(want, fmt.Sprintf("first of %d", i))
			b.write(fmt.Sprintf("%d.log", i), want[i]+"\n")
		}
		b.start()
		b.halt()
		b.want(want...)
		b.limit = 8
		b.start()
		for i := range 50 {
			name := fmt.Sprintf("%d.log", i)
			if i%3 == 0 {
				b.rename(name, name+".1") // while it is closed, to a name that no pattern matches
				name += ".1"
			}
			line := fmt.Sprintf("second of %d", i)
			want = append(want, line)
			b.write(name, line+"\n")
		}
		time.Sleep(5 * pollUnwatched)
		b.settle()
		b.want(slices.Clone(want)...)
		if n := b.tailer.descriptors.files.Len(); n > 8+17 { // those that were renamed away stay open until they are let go
			t.Errorf("%d files are open, want at most 8 beside the renamed ones", n)
		}
	})
}
