package config

import (
	"os"
	"path/filepath"
	"testing"
)

func TestExpand(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"secret": "s3cret\n", "dos": "x\r\n", "two": "a\n\n", "bare": "x\r"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("SET", "value")
	t.Setenv("EMPTY", "")
	t.Setenv("LIKE_ONE", "${SET}")
	for text, want := range map[string]string{
		"":                           "",
		"${SET}":                     "value",
		"a-${SET}-${SET}-b":          "a-value-value-b",
		"${EMPTY}":                   "",
		"${EMPTY:-x}":                "x",
		"${NOT_SET:-}":               "",
		"${NOT_SET:-a: b, #c}":       "a: b, #c",
		"${LIKE_ONE}":                "${SET}",
		"$${SET}":                    "${SET}",
		"$${SET:-x} $${file:/x}":     "${SET:-x} ${file:/x}",
		"$$${SET}":                   "$${SET}",
		"$":                          "$",
		"$$":                         "$$",
		"$SET":                       "$SET",
		`^(\d+) \$$`:                 `^(\d+) \$$`,
		"a${2}${,3}${}${a b}${-x}${": "a${2}${,3}${}${a b}${-x}${",
		"${SET:x}":                   "${SET:x}",
		"${file:secret}":             "s3cret",
		"${file:" + dir + "/secret}": "s3cret",
		"${file:dos}":                "x",
		"${file:two}":                "a\n",
		"${file:bare}":               "x\r",
		"${file:-x}":                 "x",
	} {
		got, err := expand(text, dir)
		if err != nil || got != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, err, want)
		}
	}
}

// What a variable holds is a value and nothing else, wherever it stands.
func TestExpansionInjectsNothing(t *testing.T) {
	const evil = "a: b\n- c\n\"'{}[],&x *x # y"
	t.Setenv("EVIL", evil)
	for _, form := range []string{"${EVIL}", `"${EVIL}"`, "'${EVIL}'", "|-\n    ${EVIL}", "${NOT_SET:-${EVIL}"} {
		c, err := load("f.yaml", []byte("pipelines:\n- name: a\n  service: "+form+"\n"))
		if form == "${NOT_SET:-${EVIL}" {
			if err == nil {
				t.Errorf("%s was accepted", form)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		equal(t, c.Pipelines[0].Parse.Service, evil)
	}
	c := mustLoad(t, "host: {name: ${EVIL}}\npipelines: [{name: a, fields: [{name: ${EVIL}, value: ${EVIL}}]}]\n")
	equal(t, c.Host.Name, evil)
	equal(t, c.Pipelines[0].Parse.Fields[0].Name, evil)
	equal(t, c.Pipelines[0].Parse.Fields[0].Value, any(evil))
}

func TestExpansionBecomesWhatTheKeyWants(t *testing.T) {
	t.Setenv("N", "32")
	t.Setenv("YES", "true")
	c := mustLoad(t, `
memory: ${N}MiB
shutdown_timeout: ${N}s
pipelines: [{name: a, keep_original: ${YES}, fields: [{name: n, value: ${N}}]}]
output: {elasticsearch: {hosts: ["http://${H:-x}"], bulk: {in_flight: ${N}}}}
`)
	equal(t, c.Memory, int64(32<<20))
	equal(t, c.ShutdownTimeout.Seconds(), 32.0)
	equal(t, c.Pipelines[0].Parse.KeepOriginal, true)
	equal(t, c.Pipelines[0].Parse.Fields[0].Value, any("32"))
	equal(t, c.Output.Elasticsearch.Bulk.InFlight, 32)
}

// The contract writes host: {name: ${NODE_NAME}}, which YAML by itself takes for a map within a map.
func TestExpansionInFlowMap(t *testing.T) {
	t.Setenv("NODE_NAME", "node-7")
	c := mustLoad(t, "# \ue000 \uf8ff ${NODE_NAME}\nhost: {name: ${NODE_NAME}}\n"+minimal)
	equal(t, c.Host.Name, "node-7")
	c = mustLoad(t, "host: {name: \"\ue000$${NODE_NAME}\ue001\"}\n"+minimal)
	equal(t, c.Host.Name, "\ue000${NODE_NAME}\ue001")
}
