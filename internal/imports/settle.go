package imports

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tailspan/tailspan/internal/confkey"
)

// maxRounds bounds the check: each round takes out something, and drafts are finite, but an error that stays would not end.
const maxRounds = 100

// Settle takes out of the draft what check refuses, and says so in the ledger. check loads a configuration; its error joins
// confkey errors whose keys are paths from the top. What the environment decides is left to the environment.
func (d *Draft) Settle(l *Ledger, check func(data []byte) error) error {
	free := map[*yaml.Node]bool{} // cannot be judged here: their values come from the environment
	for range maxRounds {
		trial, err := encode(withoutVariables(d.Root.Node, free))
		if err != nil {
			return err
		}
		err = check(trial)
		if err == nil {
			return nil
		}
		problems := confkey.All(err)
		if len(problems) == 0 {
			return err
		}
		slices.SortStableFunc(problems, func(a, b *confkey.Error) int { return comparePaths(b.Key, a.Key) })
		for _, problem := range problems {
			d.settle(l, problem, free)
		}
	}
	return fmt.Errorf("the draft of a configuration stays wrong after %d attempts at mending it", maxRounds)
}

// comparePaths orders paths so that of two items of one list the later one is greater.
func comparePaths(a, b string) int {
	return slices.CompareFunc(splitPath(a), splitPath(b), func(a, b string) int {
		m, errA := strconv.Atoi(a)
		n, errB := strconv.Atoi(b)
		if errA == nil && errB == nil {
			return m - n
		}
		return strings.Compare(a, b)
	})
}

var pathPart = regexp.MustCompile(`[^.\[\]]+`)

// splitPath takes "pipelines[0].process[3].drop" apart.
func splitPath(key string) []string { return pathPart.FindAllString(key, -1) }

// settle takes out what one problem is about.
func (d *Draft) settle(l *Ledger, problem *confkey.Error, free map[*yaml.Node]bool) {
	path := splitPath(problem.Key)
	trail := d.walk(path)
	last := trail[len(trail)-1]
	if unset(last) && !free[last] {
		free[last] = true
		return
	}
	if depth := cutDepth(path); len(path) > 0 && depth < len(trail) { // otherwise it was taken out already, or is missing
		gone := trail[depth]
		for _, at := range d.origins(gone) {
			l.Lose(at, "%s: %s", problem.Key, problem.Msg)
		}
		remove(trail[depth-1], gone)
	}
	d.mend(path, trail)
}

// walk follows the path as far as it leads; the first node is the root.
func (d *Draft) walk(path []string) []*yaml.Node {
	trail := []*yaml.Node{d.Root.Node}
	for _, part := range path {
		next := child(trail[len(trail)-1], part)
		if next == nil {
			break
		}
		trail = append(trail, next)
	}
	return trail
}

func child(node *yaml.Node, part string) *yaml.Node {
	switch node.Kind {
	case yaml.MappingNode:
		return Map{Node: node}.Get(part)
	case yaml.SequenceNode:
		if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i]
		}
	}
	return nil
}

// cutDepth is how deep in the path stands what is taken out whole: of processors, tests and fields an item, of pipelines and
// of an output a key, at the top a key.
func cutDepth(path []string) int {
	switch {
	case len(path) > 3 && path[0] == "pipelines" && slices.Contains([]string{"process", "fields", "tests", "pattern"}, path[2]):
		return 4
	case len(path) > 2 && (path[0] == "pipelines" || path[0] == "output"):
		return 3
	case len(path) > 1 && path[0] == "pipelines":
		return 2
	}
	return 1
}

func remove(parent, gone *yaml.Node) {
	i := slices.Index(parent.Content, gone)
	if i < 0 {
		return
	}
	if parent.Kind == yaml.MappingNode {
		parent.Content = slices.Delete(parent.Content, i-1, i+1)
		return
	}
	parent.Content = slices.Delete(parent.Content, i, i+1)
}

// formatKeys are the keys that only some formats have.
var formatKeys = []string{"pattern", "patterns", "pattern_dirs", "pattern_definitions", "append_separator", "columns", "delimiter", "kv"}

// mend makes whole again what lacks a part: a format without its pattern, an output without its server.
func (d *Draft) mend(path []string, trail []*yaml.Node) {
	if len(path) < 3 || len(trail) < 3 {
		return
	}
	if path[0] == "output" {
		if path[1] == "elasticsearch" && path[2] == "hosts" {
			Map{trail[2], d}.Set("hosts", []string{"http://127.0.0.1:9200"})
		}
		return
	}
	pipe := Map{trail[2], d}
	list := pipe.Get(path[2])
	if list != nil && list.Kind == yaml.SequenceNode && len(list.Content) == 0 {
		remove(pipe.Node, list)
		list = nil
	}
	switch {
	case path[2] == "paths" && list == nil:
		pipe.Set("paths", []string{"/var/log/app/*.log"})
	case (path[2] == "pattern" || path[2] == "format") && list == nil:
		pipe.Set("format", "auto")
		for _, key := range formatKeys {
			if node := pipe.Get(key); node != nil {
				remove(pipe.Node, node)
			}
		}
	}
}

// origins are the directives that the node and what is below it come from.
func (d *Draft) origins(node *yaml.Node) []Pos {
	all := slices.Clone(d.from[node])
	for _, inner := range node.Content {
		all = append(all, d.origins(inner)...)
	}
	return all
}

// variable is what the configuration takes from the environment, perhaps with a default.
var variable = regexp.MustCompile(`\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}`)

// unset reports whether the node, or one below it, takes something from the environment that is not there.
func unset(node *yaml.Node) bool {
	for _, form := range variable.FindAllStringSubmatch(node.Value, -1) {
		if _, set := os.LookupEnv(form[1]); !set && form[2] == "" {
			return true
		}
	}
	return slices.ContainsFunc(node.Content, unset)
}

// withoutVariables is a copy of the tree with samples in the place of variables, and without what cannot be judged.
func withoutVariables(node *yaml.Node, free map[*yaml.Node]bool) *yaml.Node {
	c := *node
	c.Content = nil
	if node.Kind == yaml.ScalarNode {
		c.Value = variable.ReplaceAllStringFunc(node.Value, sample)
		if strings.HasPrefix(node.Value, "${") && node.Value != c.Value && c.Value == sampleValue {
			c.Value = sampleURL
		}
	}
	for i := 0; i < len(node.Content); i++ {
		inner := node.Content[i]
		if node.Kind == yaml.MappingNode && i%2 == 0 && free[node.Content[i+1]] {
			i++
			continue
		}
		if !free[inner] {
			c.Content = append(c.Content, withoutVariables(inner, free))
		}
	}
	return &c
}

const (
	sampleValue = "x"
	sampleURL   = "http://x:9200" // fits wherever a text does, and where a server is named
)

func sample(form string) string {
	parts := variable.FindStringSubmatch(form)
	value, set := os.LookupEnv(parts[1])
	switch {
	case parts[2] != "" && value == "":
		return parts[2]
	case set:
		return value
	}
	return sampleValue
}
