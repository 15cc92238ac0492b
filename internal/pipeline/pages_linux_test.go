package pipeline

import (
	"os"
	"strings"
	"testing"
)

// TestForgetStart: there is less of the program in memory, and it goes on.
func TestForgetStart(t *testing.T) {
	resident := func() (line string) {
		status, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(status), "RssFile:")
		line, _, _ = strings.Cut(rest, "kB")
		return line // both are of one width
	}
	before := resident()
	forgetStart()
	if after := resident(); after >= before || len(after) != len(before) {
		t.Errorf("%s kB of the program are resident, and were %s", after, before)
	}
}
