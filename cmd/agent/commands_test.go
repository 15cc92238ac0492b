package main

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// called is a use of tailspan in a line of shell: its words up to a pipe or a redirection.
var called = regexp.MustCompile(`(?:^|\| |&& )tailspan ([^|<>#&]*)`)

// words takes a simple line of shell apart, as far as examples need it.
var words = regexp.MustCompile(`'[^']*'|\S+`)

// TestCommandTable holds every command to help that helps: what it does, examples that are accepted, and no flag without a word.
func TestCommandTable(t *testing.T) {
	for _, cmd := range newRoot().Commands() {
		t.Run(cmd.Name(), func(t *testing.T) {
			if cmd.Name() == "help" {
				return
			}
			if cmd.Short == "" || !strings.HasSuffix(cmd.Long, ".") && !strings.Contains(cmd.Long, "\n  ") || cmd.GroupID == "" {
				t.Errorf("short %q, long %q, group %q", cmd.Short, cmd.Long, cmd.GroupID)
			}
			for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
				if len([]rune(strings.TrimSuffix(line, "\n"))) > 128 {
					t.Errorf("too long to be read: %s", line)
				}
			}
			cmd.Flags().VisitAll(func(f *pflag.Flag) {
				if f.Usage == "" {
					t.Errorf("--%s says nothing", f.Name)
				}
				if name, _ := pflag.UnquoteUsage(f); name == "string" {
					t.Errorf("--%s does not say what it takes", f.Name)
				}
			})
			var uses [][]string
			for line := range strings.Lines(cmd.Example) {
				uses = append(uses, called.FindAllStringSubmatch(strings.TrimSpace(line), -1)...)
			}
			if len(uses) == 0 {
				t.Fatalf("no example in %q", cmd.Example)
			}
			for _, use := range uses {
				fresh := newRoot() // flags keep what they were set to
				found, rest, err := fresh.Find(words.FindAllString(use[1], -1))
				if err == nil {
					err = found.ParseFlags(rest)
				}
				if err == nil {
					err = found.ValidateRequiredFlags()
				}
				if err == nil && found.Args != nil {
					err = found.Args(found, found.Flags().Args())
				}
				if err != nil || found.Name() != cmd.Name() {
					t.Errorf("tailspan %s: %v", use[1], err)
				}
			}
		})
	}
}

func TestHelp(t *testing.T) {
	status, list, _ := command(t, "", "help")
	if status != exitDone {
		t.Errorf("status %d", status)
	}
	for _, g := range groups() {
		for _, cmd := range g.commands {
			if !strings.Contains(list, "  "+cmd.Name()+" ") {
				t.Errorf("help does not list %s", cmd.Name())
			}
			_, asked, _ := command(t, "", "help", cmd.Name())
			_, flagged, _ := command(t, "", cmd.Name(), "--help")
			if asked != flagged || !strings.Contains(asked, "Examples:\n  ") || strings.Contains(asked, "help for") != strings.Contains(flagged, "help for") {
				t.Errorf("help %s says\n%s\n--help\n%s", cmd.Name(), asked, flagged)
			}
		}
	}
	if status, _, errs := command(t, "", "help", "shipp"); status != exitUsage || !strings.Contains(errs, `no command "shipp"`) {
		t.Errorf("help for what there is not: status %d, says %q", status, errs)
	}
}

// TestManual holds the page to the commands, and to what groff has to say of it where there is one.
func TestManual(t *testing.T) {
	status, page, errs := command(t, "", "man")
	if status != exitDone || errs != "" {
		t.Fatalf("status %d, says %s", status, errs)
	}
	for _, g := range groups() {
		for _, cmd := range g.commands {
			if !strings.Contains(page, `.SS "tailspan `+cmd.Name()) {
				t.Errorf("the page lacks %s", cmd.Name())
			}
			cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
				if !strings.Contains(page, troff("--"+f.Name)) {
					t.Errorf("the page lacks --%s of %s", f.Name, cmd.Name())
				}
			})
		}
	}
	groff, err := exec.LookPath("groff")
	if err != nil {
		t.Skip("no groff on this machine; test-packages asks lintian")
	}
	check := exec.Command(groff, "-man", "-Tutf8", "-ww", "-b", "-z", "-rLL=120n")
	check.Stdin = strings.NewReader(page)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestTroff gives the page what would mean something to troff.
func TestTroff(t *testing.T) {
	if got, want := troff(".x\n'y\na-b \\d"), `\&.x`+"\n"+`\&'y`+"\n"+`a\-b \ed`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestCompletion asks what the scripts of the shells ask, and whether the shells that are here read the scripts.
func TestCompletion(t *testing.T) {
	f := newFolder(t, "")
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"bottl"}, "bottleneck\t"},
		{[]string{"files", "r"}, "rewind"},
		{[]string{"import", ""}, "filebeat"},
		{[]string{"replay", "--output", ""}, "jaeger"},
		{[]string{"parse", "-c", f.file("tailspan.yaml"), "--pipeline", ""}, "app"},
		{[]string{"run", "--on"}, "--once"},
		{[]string{"help", "par"}, "parse\t"},
	} {
		_, out, _ := command(t, "", append([]string{"__complete"}, c.args...)...)
		found := slices.ContainsFunc(strings.Split(out, "\n"), func(line string) bool { return strings.HasPrefix(line, c.want) })
		if !found {
			t.Errorf("%q: %q lacks %q", c.args, out, c.want)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish"} {
		status, script, _ := command(t, "", "completion", shell)
		if status != exitDone || !strings.Contains(script, "tailspan") {
			t.Errorf("%s: status %d", shell, status)
		}
		if path, err := exec.LookPath(shell); err == nil {
			check := exec.Command(path, "-n")
			check.Stdin = strings.NewReader(script)
			if out, err := check.CombinedOutput(); err != nil {
				t.Errorf("%s does not read its script: %v %s", shell, err, out)
			}
		}
	}
}
