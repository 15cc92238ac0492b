package grok

import (
	"os"
	"strings"
	"testing"
)

// escapes are how testdata/lines.txt writes what would end a line, or not be seen.
var escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t")

// Lines as the systems write them, and what is captured of them: field=value, in the order of the fields.
func TestLines(t *testing.T) {
	text, err := os.ReadFile("testdata/lines.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range strings.Split(strings.TrimSpace(string(text)), "\n\n")[1:] {
		parts := strings.Split(block, "\n")
		if len(parts) != 4 {
			t.Fatalf("%d lines, not 4: %s", len(parts), block)
		}
		line := escapes.Replace(parts[1])
		for i, library := range Libraries {
			defs, _ := Builtin(library)
			p, err := defs.Compile("^%{" + parts[0] + "}")
			if err != nil {
				t.Fatal(err)
			}
			if got, want := captured(p, line), escapes.Replace(parts[2+i]); got != want {
				t.Errorf("%s %s:\n got %q\nwant %q", library, parts[0], got, want)
			}
		}
	}
}

// captured writes down what a pattern captures of a line.
func captured(p *Pattern, line string) string {
	at := p.NewMatcher().Match([]byte(line))
	if at == nil {
		return "no match"
	}
	var all []string
	for _, field := range p.Fields {
		var values []string
		for _, c := range field.Captures {
			if from, to := at[2*c.Group], at[2*c.Group+1]; from < to {
				values = append(values, line[from:to])
			}
		}
		if len(values) > 0 {
			all = append(all, field.Name+"="+strings.Join(values, "|"))
		}
	}
	if len(all) == 0 {
		return "nothing"
	}
	return strings.Join(all, "; ")
}
