package event

import (
	"strings"

	"github.com/tailspan/tailspan/internal/jsontext"
)

// OutcomeFields are the names that Failed looks for among the fields of an event.
var OutcomeFields = concat(errorFields, outcomeFields, statusFields, grpcFields, []string{"error.message"})

var (
	errorFields   = []string{"error", "tags.error"}
	outcomeFields = []string{"event.outcome", "outcome", "otel.status_code", "status.code"}
	statusFields  = []string{"http.response.status_code", "status", "status_code", "http.status_code", "http.status", "response_code", "statusCode"}
	grpcFields    = []string{"rpc.grpc.status_code", "grpc.code", "grpc_status", "grpc.status", "grpc.status_code"}

	errorNames, outcomeNames, statusNames, grpcNames = names(errorFields), names(outcomeFields), names(statusFields), names(grpcFields)
)

func concat(lists ...[]string) (all []string) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

func names(list []string) (all [][]byte) {
	for _, name := range list {
		all = append(all, jsontext.AppendEscaped(nil, name))
	}
	return all
}

// Failed reports whether the line says that what it tells of failed: a tag or outcome that says so counts before statuses, and those before
// the level, as in traces (package trace, which has the whole document to look at). HTTP fails from 500 on: what the
// caller did wrong is no failure of the server. A line that could not be parsed says nothing by that.
func (e *Event) Failed() bool {
	for _, name := range errorNames {
		switch word := e.word(name); {
		case equalFold(word, "true"):
			return true
		case equalFold(word, "false"):
			return false
		}
	}
	for _, name := range outcomeNames {
		switch word := e.word(name); {
		case equalFold(word, "failure"), equalFold(word, "error"), equalFold(word, "status_code_error"):
			return true
		case equalFold(word, "success"), equalFold(word, "ok"), equalFold(word, "status_code_ok"):
			return false
		}
	}
	for _, name := range statusNames {
		if s := e.word(name); len(s) == 3 && s[0] == '5' && digit(s[1]) && digit(s[2]) {
			return true
		}
	}
	for _, name := range grpcNames {
		if FailureCode(e.word(name)) {
			return true
		}
	}
	return FailureLevel(e.Level) || len(e.Level) == 0 && len(e.word(errorMessage)) > 0
}

var errorMessage = []byte("error.message")

// failureLevels are the levels at which something has failed, in lower case: all words of package parse from error on.
var failureLevels = []string{"error", "err", "eror", "severe", "failure", "fatal", "critical", "crit", "alert", "emergency", "emerg", "panic", "dpanic"}

// FailureLevel reports a level, in lower case, at which something has failed.
func FailureLevel(level []byte) bool {
	for _, word := range failureLevels {
		if word == string(level) {
			return true
		}
	}
	return false
}

// FailureQuery is the query, in the language of package query, for documents that say that something went wrong: those of a
// level of error or worse, with event.outcome failure, or with an HTTP status of 500 or more. The page, 'tailspan why' and
// Kibana's dashboards count by it.
var FailureQuery = "log.level:(" + strings.Join(failureLevels, " or ") + ") or event.outcome:failure or http.response.status_code >= 500"

// FailureCode reports gRPC's codes for what is not the caller's fault: unknown, deadline exceeded, unimplemented, internal, unavailable and
// data loss, by number or name.
func FailureCode(code []byte) bool {
	switch string(code) {
	case "2", "4", "12", "13", "14", "15":
		return true
	}
	for _, name := range [...]string{"unknown", "deadlineexceeded", "deadline_exceeded", "unimplemented", "internal", "unavailable", "dataloss", "data_loss"} {
		if equalFold(code, name) {
			return true
		}
	}
	return false
}

// word is the text of a scalar field as it stands, without the quotes; nil for none. Words with escapes are none of those asked for.
func (e *Event) word(name []byte) []byte {
	i := Lookup(e.Fields, name)
	if i < 0 || e.Fields[i].Kind == Object {
		return nil
	}
	v := e.Fields[i].Value
	if e.Fields[i].Kind == JSON && len(v) > 1 && v[0] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

// equalFold reports whether text is word, which is in lower case, in any case.
func equalFold(text []byte, word string) bool {
	if len(text) != len(word) {
		return false
	}
	for i, c := range text {
		if c >= 'A' && c <= 'Z' {
			c += 'a' - 'A'
		}
		if c != word[i] {
			return false
		}
	}
	return true
}
