package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/tailspan/tailspan/bench/internal/workload"
)

// limits are, by shape, how many times the CPU time of a bound of the same run tailspan may take: of the fastjson bound, or of the raw one for
// lines that are no JSON. No time of its own says anything on another machine, or on the same one an hour later.
type limits map[string]float64

// String and Set make limits a flag: json=2,regex=8.
func (l limits) String() string { return "" }

func (l limits) Set(text string) error {
	for part := range strings.SplitSeq(text, ",") {
		shape, times, _ := strings.Cut(part, "=")
		most, err := strconv.ParseFloat(times, 64)
		if err != nil || most <= 0 || !slices.Contains(workload.Shapes, shape) {
			return fmt.Errorf("%q is not SHAPE=TIMES, with a shape of %s", part, strings.Join(workload.Shapes, ", "))
		}
		l[shape] = most
	}
	return nil
}

// exceeded says which row is beyond its limit, or "".
func (l limits) exceeded(rows []row) string {
	for _, r := range rows {
		times, bound := r.FastJSON, "fastjson"
		if times == 0 {
			times, bound = r.Raw, "raw"
		}
		if most := l[r.Shape]; r.Program == "tailspan" && most > 0 && times > most {
			return fmt.Sprintf("%s takes %.2f times the CPU time of %s, where %.2f are allowed", r.Shape, times, bound, most)
		}
	}
	return ""
}
