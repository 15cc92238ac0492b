package grok

import (
	"os"
	"strings"
	"testing"
)

// namesOf reads a list of names: those that Logstash's pattern files define, one a line.
func namesOf(t *testing.T, file string) []string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(text))
}

// Whatever name of Logstash's patterns somebody uses, it has a definition, and every definition compiles.
func TestLibraries(t *testing.T) {
	for _, library := range Libraries {
		defs, ok := Builtin(library)
		if !ok {
			t.Fatal(library)
		}
		for _, name := range namesOf(t, "testdata/"+library+".names") {
			if _, ok := defs[name]; !ok {
				t.Errorf("%s: no definition %s", library, name)
			}
		}
		for name := range defs {
			if _, err := defs.Compile("%{" + name + "}"); err != nil {
				t.Errorf("%s: %s: %v", library, name, err)
			}
		}
		defs["WORD"] = "x"
		if again, _ := Builtin(library); again["WORD"] == "x" {
			t.Error("a caller's definition is everybody's")
		}
	}
	if _, ok := Builtin("ecs-v2"); ok {
		t.Error("ecs-v2 is no library")
	}
}

// Fields are those of Logstash's library, not go-grok's, and the old ones in the legacy library.
func TestRename(t *testing.T) {
	for _, c := range []struct{ definition, text, ecs, legacy string }{
		{"RUBY_LOGGER", `%{POSINT:process.pid:int} %{DATA:process.command}`, `%{POSINT:process.pid:int} %{DATA:process.name}`, `%{POSINT:pid} %{DATA:progname}`},
		{"REDISMONLOG", `%{IP:client.address}\%{1`, `%{IP:client.ip}\%{1`, `%{IP:client}\%{1`},
		{"HAPROXYTCP", `%{IP:source.address} (x)(?:y)`, `%{IP:source.address} (x)(?:y)`, `%{IP} (x)(?:y)`},
		{"RCONTROLLER", `(?P<rails___controller___class>a)(?<!b)(?<=c)(?<rails.x>d)`, `(?<rails.controller.class>a)(?<!b)(?<=c)(?<rails.x>d)`, `(?<controller>a)(?<!b)(?<=c)(?:d)`},
		{"CISCOFW713172", `%{DATA:metadata.cisco.asa.local_nat}`, `%{DATA:@metadata.cisco.asa.local_nat}`, `%{DATA:is_local_natted}`},
		{"NAGIOS_CURRENT_HOST_STATE", `%{INT:[nagios][log][attempt]:int}`, `%{INT:nagios.log.attempt:int}`, `%{INT:nagios_statecode}`},
		{"NAGIOS_HOST_ALERT", `%{INT:[nagios][log][attempt]:int}`, `%{INT:nagios.log.attempt:int}`, `%{INT:nagios_attempt}`},
	} {
		ecs := renameIn(c.definition, c.text, asLogstash)
		if ecs != c.ecs {
			t.Errorf("%s: %s, not %s", c.definition, ecs, c.ecs)
		}
		text, err := own.ReadFile("library/legacy.names")
		if err != nil {
			t.Fatal(err)
		}
		rename, err := legacyNames(string(text))
		if err != nil {
			t.Fatal(err)
		}
		if legacy := renameIn(c.definition, ecs, rename); legacy != c.legacy {
			t.Errorf("%s: %s, not %s", c.definition, legacy, c.legacy)
		}
	}
	if _, err := legacyNames("A b"); err == nil {
		t.Error("a word without = is accepted")
	}
}
