// Package docker says which container a log of Docker's json-file driver is from: by the file config.v2.json that Docker keeps
// beside it, with the container's name, image and labels. Docker itself is not asked, and need not run.
package docker

import (
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

const (
	maxPaths   = 8192             // remembered; then all are forgotten, and looked at again
	maxConfig  = 1 << 20          // bytes of a config.v2.json
	again      = 10 * time.Second // a container may be given another name
	configName = "config.v2.json"
)

// Root is the name below which all facts are.
const Root = "container"

// Source tells the facts of files. Any goroutine may ask it. The zero value is ready.
type Source struct {
	mu    sync.Mutex
	paths map[string]*known
}

// known is what is known of a path.
type known struct {
	facts   *event.Facts // nil for a file that is no log of a container
	config  string       // path of config.v2.json; empty for such a file
	looked  time.Time
	changed time.Time // of the file, when it was read
}

// Facts returns what is known of the file at path at the time now; nil when it is not the log of a container.
func (s *Source) Facts(path string, now time.Time) *event.Facts {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.paths[path]
	if k == nil {
		if len(s.paths) >= maxPaths || s.paths == nil {
			s.paths = map[string]*known{}
		}
		k = &known{config: configOf(path)}
		s.paths[path] = k
	}
	if k.config != "" && now.Sub(k.looked) >= again {
		k.looked = now
		k.look(containerOf(path))
	}
	return k.facts
}

// containerOf is the id in ID/ID-json.log, or in the name of such a file that was rotated; empty for another path.
func containerOf(path string) string {
	id := filepath.Base(filepath.Dir(path))
	if len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "" || !strings.HasPrefix(filepath.Base(path), id+"-json.log") {
		return ""
	}
	return id
}

func configOf(path string) string {
	if containerOf(path) == "" {
		return ""
	}
	return filepath.Join(filepath.Dir(path), configName)
}

// look reads the file when it has changed. When it cannot be read, what is known stays, and the id is known by the path.
func (k *known) look(id string) {
	info, err := os.Stat(k.config)
	if err == nil && k.facts != nil && info.ModTime().Equal(k.changed) {
		return
	}
	var c container
	if err == nil {
		c, err = read(k.config)
	}
	if err == nil {
		k.changed = info.ModTime()
	}
	if err == nil || k.facts == nil {
		k.facts = c.facts(id)
	}
}

// container is what documents need of a config.v2.json.
type container struct {
	Name   string
	Config struct {
		Image  string
		Labels map[string]string
	}
}

func read(path string) (c container, err error) {
	f, err := os.Open(path) // #nosec G304 -- beside a log that the user has named
	if err != nil {
		return c, err
	}
	defer func() { _ = f.Close() }() // was only read
	return c, json.NewDecoder(io.LimitReader(f, maxConfig)).Decode(&c)
}

// facts are those of the container's logs. Its service is the one that Compose has it for.
func (c *container) facts(id string) *event.Facts {
	var list []event.Fact
	add := func(name, value string) {
		if value != "" {
			list = append(list, event.Fact{Name: name, Value: text(value)})
		}
	}
	add("container.id", id)
	add("container.runtime", "docker")
	add("container.name", strings.TrimPrefix(c.Name, "/"))
	add("container.image.name", c.Config.Image)
	if labels := object(c.Config.Labels); len(labels) > 0 {
		list = append(list, event.Fact{Name: "container.labels", Value: labels})
	}
	return event.NewFacts(c.Config.Labels["com.docker.compose.service"], list)
}

func text(value string) []byte {
	return jsontext.AppendString(nil, strings.ToValidUTF8(value, "\uFFFD"))
}

// object is the labels as JSON, with _ for the dots in their names, as those of pods are; nil for none.
func object(labels map[string]string) []byte {
	var out []byte
	seen := map[string]bool{"": true}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		plain := strings.ToValidUTF8(strings.ReplaceAll(name, ".", "_"), "\uFFFD")
		if seen[plain] {
			continue
		}
		seen[plain] = true
		out = append(append(append(out, ','), text(plain)...), ':')
		out = append(out, text(labels[name])...)
	}
	if out == nil {
		return nil
	}
	out[0] = '{'
	return append(out, '}')
}
