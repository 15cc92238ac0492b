package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHidden: a secret under the wrong key is not in the message about it, however that shows values.
func TestHidden(t *testing.T) {
	dir := t.TempDir()
	for _, secret := range []string{"s3cr3t-value", "s3cr3t \"with\" \x1b signs", "s3cr3t-" + strings.Repeat("long", 40), "s3cr3t@host/%zz"} {
		if err := os.WriteFile(filepath.Join(dir, "secret"), []byte(secret+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Setenv("SECRET", secret)
		for _, form := range []string{"${SECRET}", "${file:" + filepath.Join(dir, "secret") + "}", "${SECRET:-x}", "http://a:${SECRET}@x:1/?a"} {
			for _, text := range []string{
				"memory: 'FORM'", "data_dir: ['FORM']", "http: {listen: 'FORM'}", "shutdown_timeout: 'FORM'", "kubernetes: 'FORM'", "http: 'FORM'",
				"output: {primary: 'FORM'}", "output: {elasticsearch: {hosts: ['FORM'], delivery: 'FORM', compression: 'FORM'}}",
				"output: {elasticsearch: {cloud_id: 'FORM'}}", "output: {elasticsearch: {hosts: [http://x], tls: {fingerprint: 'FORM'}, data_stream: {type: 'FORM'}}}",
				"output: {jaeger: {endpoint: 'FORM'}}",
				"pipelines: [{name: a, format: regex, pattern: '(FORM'}]", "pipelines: [{name: a, timestamp: {timezone: 'FORM'}}]",
				"pipelines: [{name: a, timestamp: 'FORM', format: 'FORM', multiline: 'FORM', framing: 'FORM', encoding: 'FORM'}]",
				"pipelines: [{name: a, paths: ['~FORM'], start_at: 'FORM', follow_symlinks: 'FORM', ignore_older: 'FORM'}]",
				"pipelines: [{name: 'FORM'}, {name: 'FORM'}]",
			} {
				_, err := load(filepath.Join(dir, "f.yaml"), []byte(strings.ReplaceAll(text, "FORM", form)))
				if err == nil {
					t.Errorf("%s with %s is accepted", text, form)
				} else if strings.Contains(err.Error(), "s3cr3t") {
					t.Errorf("%s with %s: %v", text, form, err)
				}
			}
		}
	}
}
