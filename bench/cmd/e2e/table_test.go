package main

import (
	"strings"
	"testing"
)

func TestRowsAreMediansAndRatios(t *testing.T) {
	cost := func(values ...float64) (all []result) {
		for _, v := range values {
			all = append(all, result{CPUPerGB: v, DocsPerSecond: 1e6 / v, PeakMiB: 10 * v, WireBytes: 1e6, Requests: 3})
		}
		return all
	}
	programs := []program{{name: "raw"}, {name: "fastjson"}, {name: "tailspan"}}
	got := table(rows("json", programs, [][]result{cost(0.5, 9, 0.4), cost(1, 1, 1), cost(2, 4)}))
	for _, want := range []string{
		"| json | raw | 0.50 [0.40–9.00] | 1.00 | 0.50 | 2,000,000 | 5 | 1 | 3 |",
		"| json | fastjson | 1.00 [1.00–1.00] | 2.00 | 1.00 | 1,000,000 | 10 | 1 | 3 |",
		"| json | tailspan | 3.00 [2.00–4.00] | 6.00 | 3.00 | 375,000 | 30 | 1 | 3 |",
	} {
		if !strings.Contains(got, want+"\n") {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if got := table(rows("regex", programs[:1], [][]result{cost(1)})); !strings.Contains(got, "| 1.00 | – |") {
		t.Errorf("a fastjson ratio without a fastjson bound:\n%s", got)
	}
}

func TestLimits(t *testing.T) {
	rows := []row{
		{Shape: "json", Program: "raw", Raw: 1, FastJSON: 0.3}, {Shape: "json", Program: "tailspan", Raw: 6, FastJSON: 2}, {Shape: "json", Program: "tailspan gzip", Raw: 9, FastJSON: 3},
		{Shape: "regex", Program: "tailspan", Raw: 8},
	}
	for flag, want := range map[string]string{
		"json=2,regex=8":    "",
		"mixed=1":           "",
		"json=1.9,regex=14": "json takes 2.00 times the CPU time of fastjson, where 1.90 are allowed",
		"regex=7.9":         "regex takes 8.00 times the CPU time of raw, where 7.90 are allowed",
	} {
		l := limits{}
		if err := l.Set(flag); err != nil {
			t.Fatal(err)
		}
		if got := l.exceeded(rows); got != want {
			t.Errorf("%s: %q, want %q", flag, got, want)
		}
	}
	for _, wrong := range []string{"", "json", "json=", "json=0", "json=-1", "xml=2", "json=2,"} {
		if err := (limits{}).Set(wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestThousands(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 999.4: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := thousands(v); got != want {
			t.Errorf("%v: %s, want %s", v, got, want)
		}
	}
}
