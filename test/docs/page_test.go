package docs

import (
	"os"
	"path/filepath"
	"testing"
)

// TestEveryBlock finds, without a machine, blocks that nothing is known of.
func TestEveryBlock(t *testing.T) {
	pages, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(pages) < 10 {
		t.Fatalf("%v %v", pages, err)
	}
	for _, page := range append(pages, "../../README.md", "../../CONTRIBUTING.md", "../../SECURITY.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parse(string(text)); err != nil {
			t.Errorf("%s: %v", page, err)
		}
	}
}

func TestParse(t *testing.T) {
	page := "# A\n\n    one\n\n    two\n\ntext\n<!-- test: output -->\n```\nout\n```\n<!-- test: prepare\na\nb\n-->\n\n```yaml\nk: v\n```\n" +
		"<!-- test: by make check -->\n```sh\nx\n```\n<!-- test: output of\necho 1\n-->\n```json\n1\n```\n- item\n    no block\n"
	got, err := parse(page)
	if err != nil {
		t.Fatal(err)
	}
	want := []step{
		{3, "commands", "", "one\n\ntwo\n", ""}, {9, "output", "", "out\n", ""}, {12, "prepare", "", "a\nb\n", "a\nb\n"},
		{17, "yaml", "", "k: v\n", ""}, {21, "by", "make check", "x\n", ""}, {27, "output of", "", "1\n", "echo 1\n"},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v\nwant %+v", got[i], want[i])
		}
	}
	for _, bad := range []string{"```\nx\n```\n", "```ini\nx\n```\n", "```sh\nx\n", "<!-- test: output -->\n", "<!-- test: drawing\n"} {
		if _, err := parse(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
}

func TestShown(t *testing.T) {
	for _, c := range []struct {
		want, got string
		same      bool
	}{
		{"a  b\n", "a b\n", true}, {"a\n", "b\n", false}, {"a … c\n", "a xx c", true}, {"a\n…\nc\n", "a\nb\nb\nc\n", true}, {"a\n", "a\nb\n", false},
		{"…\n", "x\ny\n", true}, {"a.c\n", "abc\n", false}, {"{\"a\":1,\n \"b\":2}", "{\"a\":1,\"b\":2}\n", true},
	} {
		if shown(c.want, c.got) != c.same {
			t.Errorf("%q for %q: %v", c.want, c.got, !c.same)
		}
	}
}
