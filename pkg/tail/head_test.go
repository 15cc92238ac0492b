package tail

import (
	"strings"
	"testing"
)

// TestHeadOfNothing: a checkpoint that was saved before anything of its file was handed on does not say that the file is another one. If it
// did, the lines would come again as those of the next generation, under other ids.
func TestHeadOfNothing(t *testing.T) {
	for _, content := range []string{"", "a line\n", strings.Repeat("x", 2*headSize)} {
		for _, h := range []head{{}, headOf(nil)} {
			if same, err := h.matches(strings.NewReader(content)); !same || err != nil {
				t.Errorf("%+v and %.10q: %t, %v", h, content, same, err)
			}
		}
	}
}
