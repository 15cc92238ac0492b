package main

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
)

// unpack returns the texts of a bundle by name.
func unpack(t *testing.T, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	zip, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for archive := tar.NewReader(zip); ; {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		parts[strings.TrimPrefix(header.Name, "tailspan-bundle/")] = string(text)
	}
}

// TestBundle looks for every secret, and for the lines of the log, in every part.
func TestBundle(t *testing.T) {
	t.Setenv("ES_KEY", "key-from-environment")
	t.Setenv("TEAM", "team-from-environment")
	f := newFolder(t, "a line of the log\nanother line\n")
	f.write("secret", "password-from-file\n")
	f.write("tailspan.yaml", `# a comment with key-in-comment
data_dir: state
pipelines:
  - {name: app, paths: [app.log], fields: [{name: labels.team, value: '${TEAM}'}]} # line-comment-secret
output:
  primary: console
  console: {}
  elasticsearch: {hosts: ['http://127.0.0.1:1'], api_key: '${ES_KEY:-fallback-secret}'}
`)
	if status, _, errs := command(t, "", "files", "-c", f.file("tailspan.yaml")); status != exitDone {
		t.Fatal(errs)
	}
	for _, c := range []struct {
		name, replace, with string
		secrets             []string
		status              string
	}{
		{"an environment variable", "", "", nil, ""},
		{"plain", "'${ES_KEY:-fallback-secret}'", "plain-api-key", []string{"plain-api-key"}, ""},
		{"a user and a password from a file", "api_key: '${ES_KEY:-fallback-secret}'", "username: user-name, password: '${file:secret}'", []string{"password-from-file"}, ""},
		{"bearer", "api_key: '${ES_KEY:-fallback-secret}'", "bearer: plain-bearer-token", []string{"plain-bearer-token"}, ""},
		{"a mistake beside it", "api_key: '${ES_KEY:-fallback-secret}'", "api_kez: plain-misspelt", []string{"plain-misspelt"}, "api_kez: unknown key"},
		{"a user in a URL", "http://127.0.0.1:1", "http://user-in-url:password-in-url@h:1", []string{"user-in-url", "password-in-url"}, "a user in the URL"},
		{"no YAML", "output:", "output: ]plain-in-broken-yaml", []string{"plain-in-broken-yaml"}, "is not YAML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before, err := os.ReadFile(f.file("tailspan.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.write("tailspan.yaml", string(before))
			f.write("tailspan.yaml", strings.Replace(string(before), c.replace, c.with, 1))
			out := f.file(strings.ReplaceAll(c.name, " ", "-") + ".tar.gz")
			status, said, errs := command(t, "", "bundle", "-c", f.file("tailspan.yaml"), "-o", out)
			if status != exitDone || !strings.Contains(said, "config.yaml") {
				t.Fatalf("status %d, %s%s", status, said, errs)
			}
			parts := unpack(t, out)
			for name, text := range parts {
				for _, secret := range append(c.secrets, "key-from-environment", "team-from-environment", "fallback-secret", "key-in-comment", "line-comment-secret", "a line of the log") {
					if strings.Contains(text, secret) {
						t.Errorf("%s has %s:\n%s", name, secret, text)
					}
				}
			}
			if !strings.Contains(parts["check.txt"], c.status) {
				t.Errorf("check says %s", parts["check.txt"])
			}
		})
	}
	out := f.file("whole.tar.gz")
	if status, _, errs := command(t, "", "bundle", "-c", f.file("tailspan.yaml"), "-o", out); status != exitDone {
		t.Fatal(errs)
	}
	parts := unpack(t, out)
	for name, want := range map[string]string{"config.yaml": "api_key: '${ES_KEY:-(withheld)}'", "version.txt": "tailspan dev", "files.json": "null", "status.json": "no agent is running",
		"system.txt": "processors", "log.txt": ""} {
		if text, there := parts[name]; !there || !strings.Contains(text, want) {
			t.Errorf("%s lacks %q: %s", name, want, text)
		}
	}
	if info, err := os.Stat(out); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read it: %v, %v", info.Mode(), err)
	}
	if status, _, errs := command(t, "", "bundle", "-c", f.file("tailspan.yaml"), "-o", out); status != exitFailed || !strings.Contains(errs, "exists") {
		t.Errorf("a file that is there: status %d, %s", status, errs)
	}
}

func TestWithoutQuotes(t *testing.T) {
	const line = `level=WARN msg="Elasticsearch refused a document" status=400 type=document_parsing_exception reason="failed to parse field [n] of type [long]. Preview of field's value: 'the \"secret\" line'" file=/x`
	got := string(withoutQuotes([]byte(line + "\n")))
	if strings.Contains(got, "secret") || !strings.Contains(got, "failed to parse field [n]") || !strings.Contains(got, "file=/x") {
		t.Error(got)
	}
}
