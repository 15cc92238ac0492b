package parse

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// constant is a field that the configuration adds to every document that has none of its name.
type constant struct {
	name, value []byte // as JSON has them
	claims      claims
}

// constants encodes the key fields.
func constants(named []Named) ([]constant, error) {
	var all []constant
	var errs []error
	seen := map[string]int{}
	for i, n := range named {
		nameKey, valueKey := fmt.Sprintf("fields[%d].name", i), fmt.Sprintf("fields[%d].value", i)
		first, twice := seen[n.Name]
		seen[n.Name] = i
		r := roleOf([]byte(n.Name))
		switch {
		case n.Name == "":
			errs = append(errs, confkey.Errorf(nameKey, "is missing"))
		case twice:
			errs = append(errs, confkey.Errorf(nameKey, "%q stands in fields[%d] already", n.Name, first))
		case r.duty == metaDuty:
			errs = append(errs, confkey.Errorf(nameKey, "%q is a name of Elasticsearch's own, which it refuses in documents", n.Name))
		case r.claims == claimTime:
			errs = append(errs, confkey.Errorf(nameKey, "@timestamp comes from the line; the key timestamp says how"))
		}
		c := constant{name: jsontext.AppendEscaped(nil, strings.ToValidUTF8(n.Name, "\uFFFD")), claims: r.claims}
		var err error
		if c.value, err = constantValue(n.Value); err != nil {
			errs = append(errs, confkey.Errorf(valueKey, "%v", err))
		}
		all = append(all, c)
	}
	return all, errors.Join(errs...)
}

// constantValue is the JSON for a value of the configuration.
func constantValue(value any) ([]byte, error) {
	switch v := value.(type) {
	case string:
		return jsontext.AppendString(nil, strings.ToValidUTF8(v, "\uFFFD")), nil
	case bool, int, int64, uint64, float64:
		if text, err := json.Marshal(v); err == nil { // there are numbers that JSON has not
			return text, nil
		}
	}
	return nil, errors.New("must be text, a finite number, true or false")
}

// addConstants adds those constants whose names the document does not have yet.
func (p *Parser) addConstants(ev *event.Event) {
	said := said(ev)
	for i := range p.constants {
		c := &p.constants[i]
		if said&c.claims == 0 && event.Lookup(ev.Fields, c.name) < 0 {
			ev.Add(c.name, c.value, event.JSON)
			ev.Known |= event.Known(c.claims & claimsKnown)
		}
	}
}

// said are the names that the document gets from what was found in the line.
func said(ev *event.Event) claims {
	var c claims
	for _, s := range []struct {
		claims claims
		set    bool
	}{
		{claimMessage, ev.Message.Set}, {claimLevel, ev.Level != nil}, {claims(event.HasService), ev.Service.Set},
		{claimTraceID, ev.TraceID != nil}, {claimSpanID, ev.SpanID != nil}, {claimParentID, ev.ParentID != nil},
		{claimDuration, ev.HasDuration}, {claimOriginal, ev.Original.Set}, {claimFlags, ev.Cut},
		{claimKind | claimError, ev.Failure != nil},
	} {
		if s.set {
			c |= s.claims
		}
	}
	return c
}
