package main

import (
	"fmt"
	"slices"
	"strings"
)

// row is one program on one shape: the median of each column over the repetitions.
type row struct {
	Shape    string  `json:"shape"`
	Program  string  `json:"program"`
	Reps     int     `json:"reps"`
	Lowest   float64 `json:"lowest_cpu_s_per_gb"`
	Highest  float64 `json:"highest_cpu_s_per_gb"`
	Raw      float64 `json:"times_raw"`      // CPU time as a multiple of the raw bound's
	FastJSON float64 `json:"times_fastjson"` // and of the fastjson bound's; 0: there is none
	result
}

// rows takes the medians and compares them with the bounds.
func rows(shape string, programs []program, results [][]result) []row {
	rows := make([]row, len(programs))
	bounds := map[string]float64{}
	for i, p := range programs {
		rows[i] = median(results[i])
		rows[i].Shape, rows[i].Program = shape, p.name
		bounds[p.name] = rows[i].CPUPerGB
	}
	for i := range rows {
		rows[i].Raw = ratio(rows[i].CPUPerGB, bounds["raw"])
		rows[i].FastJSON = ratio(rows[i].CPUPerGB, bounds["fastjson"])
	}
	return rows
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func median(all []result) row {
	column := func(of func(*result) float64) []float64 {
		values := make([]float64, len(all))
		for i := range all {
			values[i] = of(&all[i])
		}
		slices.Sort(values)
		return values
	}
	middle := func(of func(*result) float64) float64 {
		values := column(of)
		return (values[(len(values)-1)/2] + values[len(values)/2]) / 2
	}
	cpu := column(func(r *result) float64 { return r.CPUPerGB })
	return row{Reps: len(all), Lowest: cpu[0], Highest: cpu[len(cpu)-1], result: result{
		CPUPerGB:      middle(func(r *result) float64 { return r.CPUPerGB }),
		DocsPerSecond: middle(func(r *result) float64 { return r.DocsPerSecond }),
		PeakMiB:       middle(func(r *result) float64 { return r.PeakMiB }),
		WireBytes:     middle(func(r *result) float64 { return r.WireBytes }),
		Requests:      middle(func(r *result) float64 { return r.Requests }),
	}}
}

// table draws the rows in Markdown, so that they go into docs/BENCHMARKS.md as they are.
func table(rows []row) string {
	var t strings.Builder
	t.WriteString("| shape | program | CPU-s/GB [lowest–highest] | × raw | × fastjson | docs/s | peak MiB | wire MB | requests |\n")
	t.WriteString("|---|---|---|---|---|---|---|---|---|\n")
	for _, r := range rows {
		fastjson := "–"
		if r.FastJSON > 0 {
			fastjson = fmt.Sprintf("%.2f", r.FastJSON)
		}
		fmt.Fprintf(&t, "| %s | %s | %.2f [%.2f–%.2f] | %.2f | %s | %s | %.0f | %.0f | %.0f |\n", r.Shape, r.Program,
			r.CPUPerGB, r.Lowest, r.Highest, r.Raw, fastjson, thousands(r.DocsPerSecond), r.PeakMiB, r.WireBytes/1e6, r.Requests)
	}
	return t.String()
}

// thousands writes a whole number in groups of three digits.
func thousands(v float64) string {
	text := fmt.Sprintf("%.0f", v)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
