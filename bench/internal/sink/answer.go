package sink

import (
	"net/http"
	"strconv"
	"strings"
)

// filter says which parts of a bulk answer filter_path asks for.
type filter struct {
	took, errors                          bool
	index, id, result, status, kind, text bool // of an item: _index, _id, result and its kin, status, error.type, error.reason
}

// newFilter reads filter_path: patterns of dotted names, * for one name and ** for any. Without one, all is asked for.
func newFilter(param string) filter {
	if param == "" {
		param = "**"
	}
	var patterns [][]string
	for pattern := range strings.SplitSeq(param, ",") {
		patterns = append(patterns, strings.Split(pattern, "."))
	}
	asked := func(path ...string) bool {
		for _, pattern := range patterns {
			if matches(pattern, path) {
				return true
			}
		}
		return false
	}
	// The operation (create, index) stands for itself: no pattern that anyone writes tells one from the other.
	return filter{
		took: asked("took"), errors: asked("errors"),
		index: asked("items", "create", "_index"), id: asked("items", "create", "_id"), result: asked("items", "create", "result"),
		status: asked("items", "create", "status"), kind: asked("items", "create", "error", "type"),
		text: asked("items", "create", "error", "reason"),
	}
}

// matches reports whether pattern asks for path; a pattern that ends early asks for everything below.
func matches(pattern, path []string) bool {
	switch {
	case len(pattern) == 0:
		return true
	case pattern[0] == "**":
		for i := range len(path) + 1 {
			if matches(pattern[1:], path[i:]) {
				return true
			}
		}
		return false
	case len(path) == 0:
		return false
	}
	return (pattern[0] == "*" || pattern[0] == path[0]) && matches(pattern[1:], path[1:])
}

// answer is the body of a bulk answer being written.
type answer struct {
	filter filter
	items  []byte
	out    []byte
	failed bool
}

func (a *answer) reset(f filter) {
	a.filter, a.items, a.out, a.failed = f, a.items[:0], a.out[:0], false
}

// item appends the verdict for one document, of which only the wanted parts are written; nothing wanted, no item.
func (a *answer) item(act action, status int) {
	f, bad := &a.filter, status >= 400
	a.failed = a.failed || bad
	before := len(a.items)
	if before > 0 {
		a.items = append(a.items, ',')
	}
	a.items = append(append(append(a.items, `{"`...), act.op...), `":{`...)
	inside := len(a.items)
	if f.index {
		a.member("_index", strconv.Quote(act.index), inside)
	}
	if f.id {
		a.member("_id", strconv.Quote(act.id), inside)
	}
	if f.result && !bad {
		a.member("result", result(status), inside)
	}
	if f.status {
		a.member("status", strconv.Itoa(status), inside)
	}
	if bad && (f.kind || f.text) {
		a.member("error", failure(f, act, status), inside)
	}
	if len(a.items) == inside {
		a.items = a.items[:before]
		return
	}
	a.items = append(a.items, "}}"...)
}

func (a *answer) member(name, value string, inside int) {
	if len(a.items) > inside {
		a.items = append(a.items, ',')
	}
	a.items = append(append(append(append(a.items, '"'), name...), `":`...), value...)
}

func result(status int) string {
	if status == http.StatusOK {
		return `"updated"`
	}
	return `"created"`
}

// failure is the error object of an item, in Elasticsearch's words.
func failure(f *filter, act action, status int) string {
	kind, reason := "document_parsing_exception", "[1:1] failed to parse: the document is not JSON"
	if status == http.StatusConflict {
		kind, reason = "version_conflict_engine_exception", "["+act.id+"]: version conflict, document already exists (current version [1])"
	}
	var parts []string
	if f.kind {
		parts = append(parts, `"type":`+strconv.Quote(kind))
	}
	if f.text {
		parts = append(parts, `"reason":`+strconv.Quote(reason))
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// finish returns the whole answer, valid until the next reset.
func (a *answer) finish() []byte {
	a.out = append(a.out, '{')
	if a.filter.errors {
		a.out = strconv.AppendBool(append(a.out, `"errors":`...), a.failed)
	}
	if a.filter.took {
		a.comma()
		a.out = append(a.out, `"took":1`...)
	}
	if len(a.items) > 0 {
		a.comma()
		a.out = append(append(append(a.out, `"items":[`...), a.items...), ']')
	}
	return append(a.out, '}')
}

func (a *answer) comma() {
	if len(a.out) > 1 {
		a.out = append(a.out, ',')
	}
}
