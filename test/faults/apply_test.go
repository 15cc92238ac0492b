//go:build faults && linux

package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// keyOf is the line of a token that matched tokenForm.
func keyOf(m [][]byte) lineKey {
	number, _ := strconv.Atoi(string(m[2])) // the form holds digits only
	return lineKey{string(m[1]), number}
}

// apply keeps the documents of a request and returns the answer, with what filter_path asks for.
func (r *request) apply() string {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	items, failed := make([]string, 0, len(r.docs)), false
	for i := range r.docs {
		item, ok := r.s.take(&r.docs[i])
		items = append(items, item)
		failed = failed || !ok
	}
	return fmt.Sprintf(`{"errors":%t,"items":[%s]}`, failed, strings.Join(items, ","))
}

// take gives one document its verdict and returns its item.
func (s *sink) take(d *document) (item string, ok bool) {
	if s.item != nil {
		if status, kind, reason := s.item(d); status != 0 {
			if status == http.StatusConflict {
				s.keep(d)
			}
			return failure(status, kind, reason), false
		}
	}
	if !json.Valid(d.raw) {
		return failure(http.StatusBadRequest, "document_parsing_exception", "[1:1] failed to parse"), false
	}
	if !s.keep(d) {
		return failure(http.StatusConflict, "version_conflict_engine_exception", "["+d.id+"]: version conflict, document already exists"), false
	}
	return `{"create":{"status":201}}`, true
}

// failureStore is the kind of error of a document that went to the failure store.
const failureStore = "failure_store"

func failure(status int, kind, reason string) string {
	if kind == failureStore {
		return fmt.Sprintf(`{"create":{"status":%d,"failure_store":"used","error":{"type":"document_parsing_exception","reason":%q}}}`, status, reason)
	}
	return fmt.Sprintf(`{"create":{"status":%d,"error":{"type":%q,"reason":%q}}}`, status, kind, reason)
}

// keep stores a document unless its index has the _id.
func (s *sink) keep(d *document) bool {
	name := d.index + "\x00" + d.id
	if s.ids[name] && d.id != "" {
		s.count.conflicts++
		return false
	}
	s.ids[name] = true
	s.count.created++
	doc := kept{index: d.index, id: d.id, raw: string(d.raw)}
	if s.look != nil {
		s.look(doc)
	}
	if why := s.judge(&doc); why != "" {
		s.foreign = append(s.foreign, why+": "+clip(doc.raw, 300))
	}
	return true
}

// judge takes down whose line a document is; why says what is wrong with it.
func (s *sink) judge(doc *kept) (why string) {
	decoder := json.NewDecoder(strings.NewReader(doc.raw))
	decoder.UseNumber() // 1e400 is a good number in JSON
	if err := decoder.Decode(&doc.source); err != nil {
		return err.Error()
	}
	message, _ := doc.source["message"].(string) // none: no token
	if strings.HasPrefix(message, "#") || message == "" || s.expected(message) {
		s.others = append(s.others, *doc)
		return ""
	}
	m := tokenForm.FindSubmatch([]byte(message))
	if m == nil {
		return "no token"
	}
	key := keyOf(m)
	want := fmt.Sprintf("%08x", sum(key.writer, key.number, string(m[4])))
	whole := message == string(m[0]) || message == jsonLine(string(m[0]), key.number) // of a line read as text
	if string(m[3]) != want || !whole {
		return "altered"
	}
	s.lines[key]++
	return ""
}

// expected reports whether a message is a line that the row writes, or what is left of one too long.
func (s *sink) expected(message string) bool {
	for _, line := range s.odd {
		if message == line || len(message) >= 1<<20 && strings.HasPrefix(line, message) {
			return true
		}
	}
	return false
}
