package config

import (
	"os"
	"strings"
	"testing"
)

// FuzzLoad wants no panic, and the file's name before whatever is wrong.
func FuzzLoad(f *testing.F) {
	for _, test := range append(bad, wrong...) {
		f.Add([]byte(test.file))
	}
	for _, file := range []string{"../../configs/tailspan.yaml", "../../configs/console.yaml", "../../configs/nginx.yaml"} {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("a: &a [*a]\n<<: &b {<<: *b}\npipelines: *a\n"))
	f.Add([]byte("pipelines: [&p {name: a, <<: *p, fields: [{name: &n x, value: *n}]}]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := load("f.yaml", data)
		if err == nil {
			if c.Host.Name == "" || len(c.Pipelines) == 0 {
				t.Errorf("accepted, and not complete: %+v", c)
			}
			_ = c.RunErrors()
			return
		}
		for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
			if text := one.Error(); !strings.HasPrefix(text, "f.yaml:") || strings.Contains(text, "\n") {
				t.Errorf("an error without its place, or of many lines: %q", text)
			}
		}
	})
}
