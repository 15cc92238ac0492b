package config

import (
	"bytes"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"
)

// withheld stands where a secret was.
const withheld = "(withheld)"

// secretKey are keys whose values are never shown, those that this version does not know among them.
var secretKey = regexp.MustCompile(`(?i)(pass|secret|token|bearer|credential|api_?key|private|authori[sz]ation|cloud_id)|^key$|^auth$`)

// knownKeys are all keys that exist. A secret may stand behind one that was misspelt.
var knownKeys = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	var gather func(t reflect.Type)
	gather = func(t reflect.Type) {
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || t == durationType {
			return
		}
		for _, f := range fieldsOf(t) {
			names[f.name] = true
			gather(f.typ)
		}
	}
	gather(reflect.TypeFor[Config]())
	return names
})

// placeKeys are keys whose values say where something is; what stands in them is no secret, wherever it comes from.
var placeKeys = []string{"paths", "exclude", "allowed_roots", "data_dir", "host", "http", "hosts", "endpoint", "pattern_dirs", "pattern_definitions"}

// Redact returns the file as it may be shown to others: without comments, secrets replaced, and expansions as they were written,
// not what they stand for. secrets are texts that must not be shown anywhere else: values of such keys, and what expansions put
// into any other key than those of places.
func Redact(path string) (text []byte, secrets []string, err error) {
	data, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	top, err := parseYAML(data)
	if err != nil {
		return nil, nil, err
	}
	r := &redactor{dir: folder(path)}
	r.node(top, "", false)
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(top); err != nil {
		return nil, nil, err
	}
	slices.Sort(r.secrets)
	return out.Bytes(), slices.Compact(r.secrets), encoder.Close()
}

// fallback is an expansion with a default.
var fallback = regexp.MustCompile(`(\$\{[A-Za-z_][A-Za-z0-9_]*:-)[^}\n]+\}`)

// redactor walks the nodes of a file and gathers what it hides.
type redactor struct {
	dir     string
	secrets []string
}

// node redacts a value below a key. place says that it is where something is.
func (r *redactor) node(n *yaml.Node, key string, place bool) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	place = place || slices.Contains(placeKeys, key)
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			name.HeadComment, name.LineComment, name.FootComment = "", "", ""
			r.node(n.Content[i+1], name.Value, place)
		}
	case yaml.ScalarNode:
		r.scalar(n, key, place)
	default:
		for _, child := range n.Content {
			r.node(child, key, place)
		}
	}
}

func (r *redactor) scalar(n *yaml.Node, key string, place bool) {
	expanded, err := expand(n.Value, r.dir)
	if err != nil {
		expanded = n.Value // what cannot be expanded is no secret yet
	}
	secret := n.Tag != "!!null" && (secretKey.MatchString(key) || !place && !knownKeys()[key])
	if secret || expanded != n.Value && !place {
		r.hide(expanded)
	}
	if secret && expansion.FindString(n.Value) != n.Value {
		n.SetString(withheld)
		return
	}
	if !place {
		n.Value = fallback.ReplaceAllString(n.Value, "${1}"+withheld+"}")
	}
	if u, err := url.Parse(n.Value); err == nil && u.User != nil {
		password, _ := u.User.Password()
		r.hide(password)
		r.hide(u.User.Username())
		u.User = nil
		n.SetString(strings.Replace(u.String(), "://", "://"+withheld+"@", 1))
	}
}

// hide takes down a text that must not be shown. One of a few characters stands in every other word; it is left to the
// places where it is known to be a secret.
func (r *redactor) hide(text string) {
	const least = 6
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); len(line) >= least {
			r.secrets = append(r.secrets, line)
		}
	}
}
