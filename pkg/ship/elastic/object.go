package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"slices"
)

// manager is who owns what is set up: as _meta.managed_by, or, where a server knows no _meta, at the end of a description.
const manager = "tailspan"

// object is one thing that is kept on a server by its name.
type object struct {
	kind      string                                // for messages: index template
	name      string                                //
	path      string                                // of the API, as far as the name
	body      map[string]any                        // what it should say
	privilege string                                // that reading and writing it needs, for messages
	replace   bool                                  // body is all it says; else what the server has beside body stays
	inside    func(answer map[string]any) any       // what stands there, in the answer to a question for it
	owner     func(body map[string]any) (by string) // who owns it
	guard     func(answer map[string]any) string    // the query that lets a change fail when another came first; nil: there is none
}

func (o *object) String() string { return o.kind + " " + o.name }

func (o *object) url() string { return o.path + url.PathEscape(o.name) }

// state is what a server has under the name of an object.
type state struct {
	body  map[string]any // nil: nothing
	query string         // what a change has to say
}

// ask gets what the server has.
func (o *object) ask(ctx context.Context, c *caller) (state, error) {
	status, _, text, err := c.do(ctx, http.MethodGet, o.url(), nil)
	switch {
	case err != nil:
		return state{}, err
	case status == http.StatusNotFound:
		return state{}, nil
	case status != http.StatusOK:
		return state{}, c.refused(status, text, o.privilege)
	}
	answer, err := decodeJSON(text)
	if err != nil {
		return state{}, &answerError{status, "the answer is not JSON: " + err.Error(), text}
	}
	body, _ := o.inside(answer).(map[string]any)
	for _, key := range stamps {
		delete(body, key)
	}
	if body == nil {
		return state{}, &answerError{status, "the answer says nothing of it; is this the address of Elasticsearch?", text}
	}
	s := state{body: body}
	if o.guard != nil {
		s.query = o.guard(answer)
	}
	return s, nil
}

// put writes the object over what is there.
func (o *object) put(ctx context.Context, c *caller, over state) error {
	body := o.body
	if over.body != nil && !o.replace {
		body = overlay(over.body, o.body)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	status, _, answer, err := c.do(ctx, http.MethodPut, o.url()+over.query, text)
	if err != nil {
		return err
	}
	if status != http.StatusOK && status != http.StatusCreated {
		return c.refused(status, answer, o.privilege)
	}
	return nil
}

// foreign says whose the object is when it is not ours; empty: ours.
func (o *object) foreign(s state) string {
	by := o.owner(s.body)
	switch by {
	case manager:
		return ""
	case "":
		return "nobody that it names"
	}
	return by
}

// changes are the paths of what is not as it should be.
func (o *object) changes(s state) []string {
	all := differences("", s.body, o.body)
	if o.replace {
		for _, key := range slices.Sorted(maps.Keys(s.body)) {
			if _, wanted := o.body[key]; !wanted {
				all = append(all, key)
			}
		}
	}
	return all
}

// stamps are what a server writes into objects by itself, and refuses to be sent.
var stamps = []string{"created_date", "created_date_millis", "modified_date", "modified_date_millis"}

// differences are the paths of what wanted has and found has not, or has otherwise. What found has beyond it does not count:
// servers fill in defaults.
func differences(path string, found, wanted any) []string {
	switch w := wanted.(type) {
	case map[string]any:
		f, ok := found.(map[string]any)
		if !ok {
			return []string{path}
		}
		var all []string
		for _, key := range slices.Sorted(maps.Keys(w)) {
			at := key
			if path != "" {
				at = path + "." + key
			}
			if _, there := f[key]; !there {
				all = append(all, at)
				continue
			}
			all = append(all, differences(at, f[key], w[key])...)
		}
		return all
	case []any:
		f, ok := found.([]any)
		if !ok || len(f) != len(w) {
			return []string{path}
		}
		var all []string
		for i := range w {
			all = append(all, differences(fmt.Sprintf("%s[%d]", path, i), f[i], w[i])...)
		}
		return all
	}
	if reflect.DeepEqual(found, wanted) || found != nil && isScalar(found) && fmt.Sprint(found) == fmt.Sprint(wanted) { // settings come back as texts
		return nil
	}
	return []string{path}
}

func isScalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// overlay is found with what wanted has in its place. Mappings are taken whole: halves of two definitions of a field make none.
func overlay(found, wanted map[string]any) map[string]any {
	all := maps.Clone(found)
	for key, w := range wanted {
		f, isMap := all[key].(map[string]any)
		inner, both := w.(map[string]any)
		if isMap && both && key != "mappings" {
			w = overlay(f, inner)
		}
		all[key] = w
	}
	return all
}

// at is what stands under the keys, one inside the other.
func at(v any, keys ...string) any {
	for _, key := range keys {
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func textAt(v any, keys ...string) string {
	text, _ := at(v, keys...).(string)
	return text
}

// decodeJSON reads an object, with its numbers as they are written.
func decodeJSON(text []byte) (map[string]any, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var m map[string]any
	err := d.Decode(&m)
	return m, err
}

// plainJSON is a value as it reads after it was written as JSON, so that it can be compared with what comes from a server.
func plainJSON(v map[string]any) (map[string]any, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	return decodeJSON(text)
}
