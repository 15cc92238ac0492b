//go:build faults && linux

package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// apply keeps the documents of a request and returns the answer, with what filter_path asks for.
func (r *request) apply() string {
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	items, failed := make([]string, 0, len(r.docs)), false
	for i := range r.docs {
		item, ok := r.s.answerFor(&r.docs[i])
		items = append(items, item)
		failed = failed || !ok
	}
	return fmt.Sprintf(`{"errors":%t,"items":[%s]}`, failed, strings.Join(items, ","))
}

// answerFor gives one document its verdict and returns its item.
func (s *sink) answerFor(d *document) (item string, ok bool) {
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
	s.take(kept{index: d.index, id: d.id, raw: string(d.raw)})
	return true
}
