package template

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// labelled is a line and what it is known to be.
type labelled struct{ line, event string }

// accuracy is the share of lines whose group is exactly that of their event (grouping accuracy, as in Zhu et al., "Tools and
// Benchmarks for Automated Log Parsing", ICSE-SEIP 2019), and the events that are wrong, with how many groups they were put in.
func accuracy(lines []labelled) (share float64, wrong map[string][]string) {
	m := New(Options{})
	groups := make(map[*Template]map[string]int) // lines by event
	events := make(map[string]map[*Template]bool)
	for _, l := range lines {
		t := m.Match([]byte(l.line))
		if groups[t] == nil {
			groups[t] = map[string]int{}
		}
		if events[l.event] == nil {
			events[l.event] = map[*Template]bool{}
		}
		groups[t][l.event]++
		events[l.event][t] = true
	}
	wrong = map[string][]string{}
	right := 0
	for event, found := range events {
		lines, pure := 0, len(found) == 1
		for t := range found {
			lines += groups[t][event]
			pure = pure && len(groups[t]) == 1
		}
		if pure {
			right += lines
			continue
		}
		for t := range found {
			text := "none"
			if t != nil {
				text = t.Text()
			}
			wrong[event] = append(wrong[event], text)
		}
	}
	return float64(right) / float64(len(lines)), wrong
}

// TestLoghub measures labelled logs in a folder that the variable TAILSPAN_LOGHUB names: files *.log_structured.csv with the columns
// Content and EventId, as loghub has them (Zhu et al., "Loghub", ISSRE 2023). They are not part of this repository.
func TestLoghub(t *testing.T) {
	folder := os.Getenv("TAILSPAN_LOGHUB")
	if folder == "" {
		t.Skip("TAILSPAN_LOGHUB names no folder with labelled logs (*.log_structured.csv)")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.log_structured*.csv"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no labelled logs in %s: %v", folder, err)
	}
	slices.Sort(files)
	sum := 0.0
	for _, name := range files {
		share, wrong := accuracy(readLabelled(t, name))
		sum += share
		t.Logf("%-12s %.4f", strings.SplitN(filepath.Base(name), "_", 2)[0], share)
		if os.Getenv("TAILSPAN_LOGHUB_WRONG") != "" {
			for event, texts := range wrong {
				t.Logf("  %s: %q", event, texts)
			}
		}
	}
	average := sum / float64(len(files))
	t.Logf("average      %.4f of %d", average, len(files))
	if average < 0.90 {
		t.Error("below 0.90")
	}
}

func readLabelled(t *testing.T, name string) (lines []labelled) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	content, event := slices.Index(rows[0], "Content"), slices.Index(rows[0], "EventId")
	if content < 0 || event < 0 {
		t.Fatalf("%s: no columns Content and EventId: %q", name, rows[0])
	}
	for _, row := range rows[1:] {
		lines = append(lines, labelled{row[content], row[event]})
	}
	return lines
}
