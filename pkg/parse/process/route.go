package process

import (
	"strings"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
)

func (r *Route) condition() string { return r.When }

// router sends documents elsewhere. Where that is, the output knows: it makes a destination ready for each route, in their
// order, and what lines say goes only into names that it has guarded.
type router struct {
	number  int
	dataset []byte // event.dataset of its documents, unless the line says it or the name is made of what it says
}

var datasetName = newName(slotNames[datasetSlot])

func (r *Route) make(c *Chain, _ int) (processor, error) {
	if r.Index == "" && r.DataStream == (RouteStream{}) && r.Ingest == "" {
		return nil, confkey.Errorf("", "leads nowhere; write index, data_stream or ingest_pipeline")
	}
	c.routes++
	p := &router{number: c.routes}
	if !strings.Contains(r.DataStream.Dataset, "%{") {
		p.dataset = []byte(r.DataStream.Dataset)
	}
	return p, nil
}

func (r *router) run(c *Chain, ev *event.Event) {
	ev.Route = r.number
	if len(r.dataset) > 0 && (c.routed || ev.Known&event.HasDataset == 0) {
		c.routed = true
		n := datasetName
		c.put(ev, &n, text(r.dataset))
	}
}

// Routes are those among steps, in their order: event.Event.Route counts them from 1.
func Routes(steps []Step) []*Route {
	var routes []*Route
	for i := range steps {
		if steps[i].Route != nil {
			routes = append(routes, steps[i].Route)
		}
	}
	return routes
}
