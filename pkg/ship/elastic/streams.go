package elastic

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
)

// streams gives the lifecycle to data streams that are there already: a template counts only for what is made after it. Streams made
// by other templates are left alone. Indices that are no data streams keep what they were made with.
func (s *setup) streams(ctx context.Context, targets []Target) error {
	seen := map[string]bool{}
	for _, t := range everyTarget(targets) {
		pattern := t.Index.Pattern()
		if !t.Stream || seen[pattern] {
			continue
		}
		seen[pattern] = true
		status, _, text, err := s.caller.do(ctx, http.MethodGet, "/_data_stream/"+url.PathEscape(pattern), nil)
		switch {
		case err != nil:
			return err
		case status == http.StatusNotFound: // there is none yet
			continue
		case status == http.StatusMethodNotAllowed || status == http.StatusBadRequest:
			s.tell("this server has no API for data streams: those that are there keep their lifecycle")
			return nil
		case status != http.StatusOK:
			return fmt.Errorf("data streams %s: %w", pattern, s.caller.refused(status, text, "view_index_metadata on "+pattern))
		}
		var answer struct {
			Streams []dataStream `json:"data_streams"`
		}
		if err := json.Unmarshal(text, &answer); err != nil {
			return fmt.Errorf("data streams %s: %w", pattern, err)
		}
		for _, stream := range answer.Streams {
			if stream.Template != templateName(t) {
				s.tell(fmt.Sprintf("data stream %s: left alone; it was made by the template %s", stream.Name, stream.Template))
				continue
			}
			if err := s.stream(ctx, t, stream); err != nil {
				return fmt.Errorf("data stream %s: %w", stream.Name, err)
			}
		}
	}
	return nil
}

// dataStream is what a server says of one.
type dataStream struct {
	Name      string `json:"name"`
	Template  string `json:"template"`
	Policy    string `json:"ilm_policy"`
	Lifecycle struct {
		Retention string `json:"data_retention"`
	} `json:"lifecycle"`
}

// stream gives one data stream its lifecycle.
func (s *setup) stream(ctx context.Context, t Target, stream dataStream) error {
	retention := s.caller.cfg.Retention
	policy, name := policyName(t, s.product, retention), url.PathEscape(stream.Name)
	var body map[string]any
	method, path, privilege, details := http.MethodPut, "", "manage on "+stream.Name, ": lifecycle policy "+policy
	switch s.product {
	case Elasticsearch:
		if stream.Lifecycle.Retention != days(retention) {
			path, body = "/_data_stream/"+name+"/_lifecycle", map[string]any{"data_retention": days(retention)}
			privilege, details = "manage_data_stream_lifecycle on "+stream.Name, ": retention "+days(retention)
		}
	case ElasticsearchILM:
		if stream.Policy != policy {
			path, body = "/"+name+"/_settings", map[string]any{"index.lifecycle.name": policy}
		}
	case OpenSearch:
		managed, err := s.managed(ctx, name)
		if err != nil {
			return err
		}
		if !managed {
			method, path, body = http.MethodPost, "/_plugins/_ism/add/"+name, map[string]any{"policy_id": policy}
			privilege, details = "cluster:admin/opendistro/ism/managedindex/add", ": state policy "+policy
		}
	}
	if path == "" {
		s.tell("data stream " + stream.Name + ": unchanged")
		return nil
	}
	return s.act("data stream "+stream.Name, "changed", details, func() error {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		status, _, answer, err := s.caller.do(ctx, method, path, text)
		if err == nil && status != http.StatusOK {
			err = s.caller.refused(status, answer, privilege)
		}
		return err
	})
}

// managed reports whether every index behind a name has a policy of index state management, whichever.
func (s *setup) managed(ctx context.Context, name string) (bool, error) {
	status, _, text, err := s.caller.do(ctx, http.MethodGet, "/_plugins/_ism/explain/"+name, nil)
	if err != nil {
		return false, err
	}
	if status != http.StatusOK {
		return false, s.caller.refused(status, text, "cluster:admin/opendistro/ism/managedindex/explain")
	}
	answer, err := decodeJSON(text)
	if err != nil {
		return false, err
	}
	for _, index := range answer {
		if state, ok := index.(map[string]any); ok && textAt(state, "index.plugins.index_state_management.policy_id") == "" {
			return false, nil
		}
	}
	return true, nil
}
