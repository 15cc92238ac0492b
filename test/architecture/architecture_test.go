// Package architecture holds the code to the house that docs/ARCHITECTURE.md draws.
package architecture

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/tailspan/tailspan/"

// rooms never import one another; a room may have rooms of its own inside.
var rooms = []string{"pkg/tail", "pkg/parse", "pkg/ship", "pkg/trace", "pkg/receive", "pkg/detect", "pkg/hold"}

// leaves are imported by the rooms and import none of the house themselves.
var leaves = []string{"internal/confkey", "internal/durable", "internal/freelist", "internal/jsontext", "pkg/query"}

// keepers are the only packages that may import what they keep.
var keepers = map[string]string{
	"github.com/DataDog/sketches-go":          "pkg/detect",
	"github.com/expr-lang/expr":               "pkg/parse/process",
	"github.com/oschwald/maxminddb-golang":    "pkg/parse/process",
	"github.com/spf13/viper":                  "internal/config",
	"github.com/spf13/cobra":                  "cmd/agent",
	"github.com/fsnotify/fsnotify":            "pkg/tail",
	"github.com/prometheus/client_golang":     "internal/server",
	"github.com/coreos/go-systemd":            "internal/systemd",
	"github.com/elastic/elastic-transport-go": "pkg/ship/elastic",
	"github.com/elastic/go-elasticsearch":     "pkg/ship/elastic",
	"go.opentelemetry.io/proto":               "pkg/ship/otlp",
	"github.com/mattn/go-runewidth":           "pkg/trace",
	"modernc.org/sqlite":                      "pkg/ship/local",
	"github.com/clipperhouse/uax29":           "pkg/query",
	"github.com/opentracing/opentracing-go":   "internal/shop",
}

type pkg struct {
	ImportPath string
	Doc        string
	GoFiles    []string
	Imports    []string
}

// packages lists the module's packages as go list has them.
func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,GoFiles,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

// within reports whether path is the package at root or one below it.
func within(path, root string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// home returns which of the roots path is within, or "".
func home(path string, roots []string) string {
	for _, root := range roots {
		if within(path, root) {
			return root
		}
	}
	return ""
}

// breach says which rule of the house an import breaks, or "".
func breach(from, to string) string {
	for kept, keeper := range keepers {
		if within(to, kept) && !within(from, keeper) {
			return "only " + keeper + " imports " + kept
		}
	}
	if strings.HasPrefix(to, "github.com/elastic/go-elasticsearch/") && !strings.HasSuffix(to, "/esapi") {
		return "of go-elasticsearch only esapi is imported: the rest compiles its whole typed API"
	}
	inside, ok := strings.CutPrefix(to, module)
	if !ok {
		return ""
	}
	room, leaf := home(from, rooms), home(from, leaves)
	switch {
	case leaf != "":
		return "a leaf imports nothing of the house"
	case within(from, "pkg/event") && home(inside, leaves) == "":
		return "pkg/event imports leaves only"
	case room != "" && !within(inside, room) && inside != "pkg/event" && home(inside, leaves) == "":
		return "a room imports pkg/event, leaves and what is inside it"
	case within(inside, "cmd"), within(inside, "internal/pipeline") && !within(from, "cmd"):
		return "dependencies point inwards: event, rooms, internal/pipeline, cmd"
	}
	return ""
}

func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		from := strings.TrimPrefix(p.ImportPath, module)
		if within(from, "bench") || within(from, "test") || within(from, "examples") {
			continue
		}
		for _, to := range p.Imports {
			if why := breach(from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, strings.TrimPrefix(to, module), why)
			}
		}
	}
}

func TestPackageComments(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) > 0 && p.Doc == "" {
			t.Errorf("%s has no package comment", strings.TrimPrefix(p.ImportPath, module))
		}
	}
}

// TestBreachesAreSeen keeps the rules from becoming true of everything.
func TestBreachesAreSeen(t *testing.T) {
	for _, c := range []struct{ from, to string }{
		{"pkg/parse", module + "pkg/ship"},
		{"pkg/parse/redfa", module + "pkg/tail"},
		{"pkg/ship/elastic", module + "internal/config"},
		{"pkg/event", module + "pkg/parse"},
		{"internal/jsontext", module + "pkg/event"},
		{"internal/server", module + "internal/pipeline"},
		{"pkg/tail", "github.com/spf13/viper"},
		{"pkg/trace", module + "pkg/ship"},
		{"pkg/ship/otlp", module + "pkg/trace"},
		{"pkg/ship/elastic", "github.com/elastic/go-elasticsearch/v8"},
	} {
		if breach(c.from, c.to) == "" {
			t.Errorf("%s may import %s", c.from, c.to)
		}
	}
	if why := breach("pkg/ship/elastic", module+"pkg/ship"); why != "" {
		t.Errorf("a room's inside may not import the room: %s", why)
	}
}
