//go:build docs

package docs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
	"github.com/tailspan/tailspan/test/machine"
)

const root = "../.." // of the repository

// TestPages runs all pages that users read.
func TestPages(t *testing.T) {
	node, err := elastictest.Start(elastictest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := node.Close(); err != nil {
			t.Error(err)
		}
	})
	pages, err := filepath.Glob(filepath.Join(root, "docs/*.md"))
	if err != nil || len(pages) < 10 {
		t.Fatalf("%v %v", pages, err)
	}
	for _, file := range append([]string{"README.md", "CONTRIBUTING.md", "SECURITY.md"}, pages...) {
		name := strings.TrimPrefix(file, root+"/")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join(root, name))
			if err != nil {
				t.Fatal(err)
			}
			steps, err := parse(string(text))
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			run(t, name, steps, strings.TrimPrefix(node.URL, "http://"))
		})
	}
}

// reader is somebody who follows a page.
type reader struct {
	machine.Machine
	*testing.T
	page    string
	sitting bool     // at a machine
	output  string   // of the last commands
	beside  []string // processes that go on
}

func run(t *testing.T, page string, steps []step, elasticsearch string) {
	r := &reader{T: t, page: page}
	for _, s := range steps {
		switch s.verb {
		case "by":
			r.elsewhere(s)
			continue
		case "figures":
			r.figures(s)
			continue
		case "drawing":
			continue
		}
		if !r.sitting {
			r.Machine, r.sitting = desk(t, elasticsearch), true
		}
		r.follow(s)
	}
	for _, process := range r.beside {
		r.Do("kill " + process + "; timeout 30 tail --pid=" + process + " -f /dev/null")
	}
}

// desk is a machine with everything that a reader needs. sudo is not needed there, and an editor changes nothing.
func desk(t *testing.T, elasticsearch string) machine.Machine {
	t.Helper()
	gobin, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	m := machine.Boot(t, "HOME=/root", "PATH="+filepath.Dir(gobin)+":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
	m.Forward(t, "127.0.0.1:9200", elasticsearch)
	files := exec.Command("bash", "-c", "{ git ls-files -co --exclude-standard --deduplicate; ls dist/*_amd64.deb dist/*-linux-amd64.tar.gz bin/tailspan; } | tar -c --ignore-failed-read -T - | base64 -w 0")
	files.Dir = root
	packed, err := files.Output()
	if err != nil {
		t.Fatalf("the repository: %v", err)
	}
	if said, err := m.Try(string(packed), "bash", "-c", "mkdir -p /root/tailspan && base64 -d | tar -x --no-same-owner -C /root/tailspan && install -m 0755 /root/tailspan/bin/tailspan /usr/bin/tailspan"); err != nil {
		t.Fatalf("the repository: %v %s", err, said)
	}
	m.Put("/usr/local/bin/sudo", "#!/bin/sh\nexec \"$@\"\n")
	m.Put("/usr/local/bin/sudoedit", "#!/bin/sh\ntest -f \"$1\"\n")
	m.Do("chmod 0755 /usr/local/bin/sudo /usr/local/bin/sudoedit")
	return m
}

// forever is a last command that does not end by itself.
var forever = regexp.MustCompile(`(?m)^(?:sudo )?((?:bin/)?tailspan run .*)\n\z`)

func (r *reader) follow(s step) {
	switch s.verb {
	case "commands", "prepare", "fails":
		text := s.text
		if last := forever.FindStringSubmatch(text); last != nil && !strings.Contains(last[1], "--once") {
			text = strings.TrimSuffix(text, last[0]) + fmt.Sprintf("\nsetsid %s > /root/beside.log 2>&1 &\necho $! > /root/beside.pid\n", last[1])
		}
		r.shell(s, text)
		if text != s.text {
			r.beside = append(r.beside, r.Do("cat /root/beside.pid"))
		}
	case "until":
		for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
			out, err := r.try(s.text)
			if err == nil {
				return
			}
			if time.Now().After(deadline) {
				log, _ := r.try("cat /root/beside.log || journalctl -u tailspan --no-pager -o cat | tail -n 20")
				r.Fatalf("%s:%d: waited in vain for\n%s%s\n%s", r.page, s.line, s.text, out, log)
			}
		}
	case "file":
		r.Put(path(s.words), s.text)
	case "yaml":
		r.Put("/root/tailspan/page.yaml", complete(s.text))
		s.text = complete(s.text)
		r.shell(s, "ES_API_KEY=key NODE_NAME=node tailspan check --config page.yaml")
	case "output of":
		r.shell(s, s.shell)
		r.compare(s)
	case "output":
		r.compare(s)
	default:
		r.Fatalf("%s:%d: there is no %q", r.page, s.line, s.verb)
	}
}

// path is a name in the repository's copy, unless it is absolute.
func path(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return "/root/tailspan/" + name
}

func (r *reader) try(script string) (string, error) {
	return r.Try("", "bash", "-euo", "pipefail", "-c", "cd /root/tailspan; "+script)
}

// shell runs commands, and keeps what they print.
func (r *reader) shell(s step, script string) {
	r.Helper()
	out, err := r.try(script)
	r.output = out
	if (err != nil) != (s.verb == "fails") {
		r.Errorf("%s:%d: %v\n%s\nprints\n%s", r.page, s.line, err, s.text, out)
	}
}

func (r *reader) compare(s step) {
	r.Helper()
	if !shown(s.text, r.output) {
		r.Errorf("%s:%d: shows\n%s\nand what is printed is\n%s", r.page, s.line, s.text, r.output)
	}
}

// elsewhere holds a block to a test, or to a target of the Makefile, that there is.
func (r *reader) elsewhere(s step) {
	where, what, _ := strings.Cut(s.words, " ")
	if where == "make" {
		for _, target := range made.FindAllStringSubmatch(s.text, -1) {
			r.find(s, "Makefile", regexp.QuoteMeta("\n"+target[1]+":"))
		}
		return
	}
	r.find(s, where+"/*_test.go", regexp.QuoteMeta("\nfunc "+what+"("))
}

var (
	made    = regexp.MustCompile(`(?m)^make ([a-z-]+)`)
	folders = regexp.MustCompile(`\./[a-z0-9/]+`)
	named   = regexp.MustCompile(`-(?:run|bench) ('[^']*'|[^ ]+)`)
)

// figures holds commands that measure something, which takes long, to the folders, tests and benchmarks that they name.
func (r *reader) figures(s step) {
	for line := range strings.Lines(s.text) {
		line, _, _ = strings.Cut(line, " #")
		for _, folder := range folders.FindAllString(line, -1) {
			r.find(s, folder+"/*.go", "\npackage ")
			for _, name := range named.FindAllStringSubmatch(line, -1) {
				if name[1] != "'^$'" {
					r.find(s, folder+"/*_test.go", `\nfunc \w*(`+strings.Trim(name[1], "'")+")")
				}
			}
		}
	}
	r.elsewhere(step{line: s.line, words: "make", text: s.text})
}

// find wants the expression in one of the repository's files that the pattern matches.
func (r *reader) find(s step, pattern, expression string) {
	r.Helper()
	files, err := filepath.Glob(filepath.Join(root, pattern))
	if err != nil {
		r.Fatal(err)
	}
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && regexp.MustCompile(expression).Match(text) {
			r.Logf("%s:%d: not run here, but held to %s", r.page, s.line, strings.TrimPrefix(file, root+"/"))
			return
		}
	}
	r.Errorf("%s:%d: %s has no %q", r.page, s.line, pattern, expression)
}

// whole are the keys of a configuration; all others are those of a pipeline.
var whole = regexp.MustCompile(`(?m)^(data_dir|host|http|kubernetes|memory|pipelines|output|shutdown_timeout):`)

// complete makes a configuration of a part of one.
func complete(text string) string {
	for strings.HasPrefix(text, " ") { // a part that is indented as in its place
		text = regexp.MustCompile(`(?m)^ `).ReplaceAllString(text, "")
	}
	switch {
	case strings.HasPrefix(text, "- name:"):
		text = "pipelines:\n" + text
	case !whole.MatchString(text):
		text = "pipelines:\n  - name: docs\n    paths: [/var/log/docs.log]\n" + regexp.MustCompile(`(?m)^`).ReplaceAllString(text, "    ")
	}
	if !strings.Contains("\n"+text, "\npipelines:") {
		text += "\npipelines: [{name: docs, paths: [/var/log/docs.log]}]\n"
	}
	if !strings.Contains("\n"+text, "\noutput:") {
		text += "\noutput: {console: {}}\n"
	}
	return text
}
