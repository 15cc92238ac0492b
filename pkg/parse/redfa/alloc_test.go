package redfa

import "testing"

func TestNoAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates on its own")
	}
	for _, c := range allocationCases {
		re, err := Compile(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		m, line := re.NewMatcher(), []byte(c.line)
		m.Match(line)
		if n := testing.AllocsPerRun(100, func() { m.Match(line) }); n != 0 {
			t.Errorf("%q: %v allocations per match", c.expr, n)
		}
	}
}

var allocationCases = []struct{ expr, line string }{
	{accessLog, accessLine},
	{accessLog, "no such line"},
	{`(\d+)-(\d+)`, "abc 12-34"},
}
