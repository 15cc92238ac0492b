package parse_test

import (
	"slices"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

func TestCollisions(t *testing.T) {
	for _, c := range []struct {
		cfg  parse.Config
		want []string
	}{
		{parse.Config{Format: []string{"grok"}, Pattern: []string{`%{WORD:service} %{WORD:url} %{WORD:url.path}`, `%{WORD:service}`}}, []string{"service", "url"}},
		{parse.Config{Format: []string{"regex"}, Pattern: []string{`(?P<host>a)(?P<host.name>b)(?P<team>c)`}}, []string{"host"}},
		{parse.Config{Format: []string{"dissect"}, Pattern: []string{`%{process} %{message}`}}, []string{"process"}},
		{parse.Config{Format: []string{"syslog", "csv"}, Columns: []string{"user", "id"}}, []string{"user"}},
		{parse.Config{Format: []string{"json"}}, nil},
	} {
		p, err := parse.New(c.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Collisions(); !slices.Equal(got, c.want) {
			t.Errorf("%v: %q, want %q", c.cfg.Format, got, c.want)
		}
	}
}
