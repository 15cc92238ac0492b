package detect

import (
	"github.com/DataDog/sketches-go/ddsketch"

	"github.com/tailspan/tailspan/internal/durable"
)

// decode takes over a state. The Engine must be new; after an error it is of no use.
func (e *Engine) decode(data []byte) error {
	var svc *service
	_, err := durable.Unseal(data, stateHeader, func(r *record) (err error) {
		svc, err = e.restore(svc, r)
		return err
	})
	return err
}

// restore takes over a record; svc is the service of the records before.
func (e *Engine) restore(svc *service, r *record) (*service, error) {
	switch {
	case r.Finding != nil:
		e.view.show(r.Finding)
		return svc, nil
	case r.Service != nil:
		st := r.Service
		svc = &service{name: st.Name, head: st.Head, sealed: st.Sealed, learned: st.Learned, live: st.Live, novel: st.Novel, started: true, resumed: true}
		svc.all = e.add(svc, keyOf([]byte(svc.name), ""), "", "")
		e.services[svc.name] = svc
		return svc, nil
	case svc == nil:
		return nil, errState
	case r.Series != nil:
		return svc, e.restoreSeries(svc, r.Series)
	case r.Incident != nil:
		return svc, svc.restoreIncident(r.Incident)
	}
	return svc, nil
}

func (e *Engine) restoreSeries(svc *service, st *seriesState) (err error) {
	s := svc.all
	if st.Template != "" {
		s = e.add(svc, keyOf([]byte(svc.name), st.Template), st.Template, st.Text)
		svc.series = append(svc.series, s)
	}
	s.born, s.last, s.total, s.windows, s.old, s.dispersion = st.Born, st.Last, st.Total, st.Windows, st.Old, st.Dispersion
	for _, gap := range st.Gaps[:min(len(st.Gaps), beatsKept)] {
		s.beats.Gaps[s.beats.N] = gap
		s.beats.N++
	}
	if st.Minutes != nil {
		if s.history, err = readHistory(st.Minutes); err != nil {
			return err
		}
		if s.season, err = readSeason(st.Hours); err != nil {
			return err
		}
	}
	if st.Latency == nil {
		return nil
	}
	s.latency = newLatency()
	s.latency.dispersion, s.latency.minutes = st.Latency.Dispersion, max(st.Latency.Minutes, 0)
	s.latency.past, err = ddsketch.DecodeDDSketch(st.Latency.Past, bins, nil)
	return err
}

func (svc *service) restoreIncident(st *incidentState) error {
	of := func(id string) *series {
		for s := range svc.each {
			if s.id == id {
				return s
			}
		}
		return nil
	}
	in := &incident{finding: st.Finding, rule: st.Finding.Rule, series: of(st.Template), opened: st.Opened, active: st.Active}
	for _, m := range st.Members {
		if s := of(m.Template); s != nil && m.Rule < ruleCount {
			in.members = append(in.members, member{m.Rule, s})
		}
	}
	if in.series == nil || in.rule >= ruleCount || len(svc.incidents) >= mostIncidents {
		return errState
	}
	svc.incidents = append(svc.incidents, in)
	return nil
}
