package elastic

import (
	"fmt"
	"time"
)

// Days is a duration as both servers write it, in the largest unit that it is a whole number of.
func days(d time.Duration) string {
	for _, unit := range []struct {
		size time.Duration
		sign string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%unit.size == 0 {
			return fmt.Sprintf("%d%s", d/unit.size, unit.sign)
		}
	}
	return fmt.Sprintf("%ds", d/time.Second)
}

// turnover is how old an index gets before a data stream begins its next one. What is kept is deleted by whole indices, so a short
// retention wants short ones; the steps are those of Elasticsearch's own lifecycle of data streams.
func turnover(retention time.Duration) time.Duration {
	const day = 24 * time.Hour
	switch {
	case retention <= day:
		return time.Hour
	case retention <= 14*day:
		return day
	case retention <= 90*day:
		return 7 * day
	}
	return 30 * day
}

// greatestShard ends an index before its time.
const greatestShard = "50gb"

// policyName is the policy that a target's indices have: with ILM one for each retention, whoever uses it, so that agents with other
// retentions do not undo each other's; ISM policies name what they are for.
func policyName(t Target, p Product, retention time.Duration) string {
	switch {
	case p == OpenSearch:
		return templateName(t)
	case t.Stream:
		return manager + "-" + days(retention)
	}
	return manager + "-" + days(retention) + "-index"
}

// lifecyclePolicy is the policy that deletes what is older than the retention. ok is false where the template itself says it.
func lifecyclePolicy(t Target, p Product, retention time.Duration) (o *object, ok bool) {
	switch {
	case retention == 0 || p == Elasticsearch && t.Stream:
		return nil, false
	case p == OpenSearch:
		return statePolicy(t, retention), true
	}
	phases := map[string]any{"delete": map[string]any{"min_age": days(retention), "actions": map[string]any{"delete": map[string]any{}}}}
	if t.Stream {
		phases["hot"] = map[string]any{"actions": map[string]any{
			"rollover": map[string]any{"max_age": days(turnover(retention)), "max_primary_shard_size": greatestShard}}}
	}
	name := policyName(t, p, retention)
	return &object{kind: "lifecycle policy", name: name, path: "/_ilm/policy/", privilege: "the cluster privilege manage_ilm",
		body:   map[string]any{"policy": map[string]any{"_meta": managed(), "phases": phases}},
		inside: func(answer map[string]any) any { return at(answer, name) },
		owner:  func(body map[string]any) string { return textAt(body, "policy", "_meta", "managed_by") }}, true
}

// statePolicy is the policy of OpenSearch's index state management. It is replaced whole: what the server adds to it may not be sent back.
func statePolicy(t Target, retention time.Duration) *object {
	begin := map[string]any{"name": "write", "actions": []any{}}
	age := "min_index_age"
	if t.Stream {
		begin["actions"] = []any{map[string]any{"rollover": map[string]any{
			"min_index_age": days(turnover(retention)), "min_primary_shard_size": greatestShard}}}
		age = "min_rollover_age"
	}
	begin["transitions"] = []any{map[string]any{"state_name": "delete", "conditions": map[string]any{age: days(retention)}}}
	return &object{kind: "state policy", name: policyName(t, OpenSearch, retention), path: "/_plugins/_ism/policies/",
		privilege: "cluster:admin/opendistro/ism/policy/get and /write",
		body: map[string]any{"policy": map[string]any{
			"description":   "managed by " + manager,
			"default_state": "write",
			"states": []any{begin, map[string]any{"name": "delete", "transitions": []any{},
				"actions": []any{map[string]any{"delete": map[string]any{}}}}},
			"ism_template": []any{map[string]any{"index_patterns": []any{t.Index.Pattern()}, "priority": templatePriority}},
		}},
		inside: func(answer map[string]any) any { return map[string]any{"policy": at(answer, "policy")} },
		owner:  func(body map[string]any) string { return describedOwner(textAt(body, "policy", "description")) },
		guard: func(answer map[string]any) string {
			return fmt.Sprintf("?if_seq_no=%v&if_primary_term=%v", answer["_seq_no"], answer["_primary_term"])
		}}
}
