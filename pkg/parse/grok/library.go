package grok

import (
	"embed"
	"fmt"
	"maps"
	"path"
	"sync"

	"github.com/elastic/go-grok/patterns"
)

// The names of the built-in libraries.
const (
	ECS    = "ecs-v1" // fields of the Elastic Common Schema, as Logstash's patterns name them since version 8
	Legacy = "legacy" // fields as Logstash's patterns named them before
)

// Libraries are the names of the built-in libraries, the default first.
var Libraries = []string{ECS, Legacy}

// own are the definitions written here, in the form of pattern files: library/common for both libraries, the others for
// theirs. They override those of go-grok, which adapted Logstash's to what Go's regexp can do.
//
//go:embed library
var own embed.FS

// Builtin returns a copy of a built-in library, for the caller to add to.
func Builtin(name string) (Definitions, bool) {
	switch name {
	case ECS:
		return maps.Clone(ecs()), true
	case Legacy:
		return maps.Clone(legacy()), true
	}
	return nil, false
}

var (
	ecs    = sync.OnceValue(newECS)
	legacy = sync.OnceValue(newLegacy)
)

func newECS() Definitions {
	d := Definitions{}
	for _, some := range []map[string]string{patterns.Default, patterns.AWS, patterns.Bind9, patterns.Bro, patterns.Exim,
		patterns.Firewalls, patterns.HAProxy, patterns.Httpd, patterns.Java, patterns.Junos, patterns.Maven,
		patterns.MCollective, patterns.MongoDB, patterns.PostgreSQL, patterns.Rails, patterns.Redis, patterns.Ruby,
		patterns.Squid, patterns.Syslog} {
		maps.Copy(d, some)
	}
	d.rename(asLogstash)
	d.readOwn("common")
	d.readOwn(ECS)
	return d
}

// newLegacy gives the fields of the other library their old names.
func newLegacy() Definitions {
	d := maps.Clone(ecs())
	text, err := own.ReadFile("library/legacy.names")
	mustRead(err)
	rename, err := legacyNames(string(text))
	mustRead(err)
	d.rename(rename)
	d.readOwn(Legacy)
	return d
}

// mustRead stops at an error in what is embedded, which does not change.
func mustRead(err error) {
	if err != nil {
		panic(fmt.Sprintf("built-in grok library: %v", err))
	}
}

// readOwn adds the definitions below a folder of the library.
func (d Definitions) readOwn(dir string) {
	dir = path.Join("library", dir)
	entries, err := own.ReadDir(dir)
	mustRead(err)
	for _, entry := range entries {
		text, err := own.ReadFile(path.Join(dir, entry.Name()))
		mustRead(err)
		mustRead(d.read(entry.Name(), string(text)))
	}
}
