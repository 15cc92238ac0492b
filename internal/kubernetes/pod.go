package kubernetes

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// pod is what documents need to know of a pod. It never changes: a later answer of the API makes another one.
type pod struct {
	namespace, name string
	uid             string // of the object
	logUID          string // in the path of its logs: another one when the pod is from a file of the node
	node            string
	labels          map[string]string
	ownerKind       string // of what manages it; empty for none
	ownerName       string
	containers      []container
}

// container is a container of a pod, of whatever kind.
type container struct {
	name, image string
	runs        []run // those that the API still knows, the last one first
}

// run is one life of a container.
type run struct {
	restarts int
	id       string // RUNTIME://ID
}

// owners are the fields for the names of what manages pods, by its kind.
var owners = map[string]string{
	"ReplicaSet": "kubernetes.replicaset.name", "StatefulSet": "kubernetes.statefulset.name",
	"DaemonSet": "kubernetes.daemonset.name", "Job": "kubernetes.job.name",
}

// Roots are the names at or below which all facts are.
var Roots = []string{"kubernetes", "container"}

// facts are those of the files at a place. p is nil as long as the API has said nothing; node is the one that the agent
// runs on.
func facts(at place, p *pod, node string) *event.Facts {
	var l list
	l.add("kubernetes.namespace", at.namespace)
	l.add("kubernetes.pod.name", at.pod)
	l.add("kubernetes.container.name", at.container)
	if p == nil {
		if strings.Contains(at.uid, "-") { // else it is a hash of the node's own
			l.add("kubernetes.pod.uid", at.uid)
		}
		l.add("kubernetes.node.name", node)
		l.add("container.id", at.containerID)
		return event.NewFacts("", l)
	}
	image, id := p.container(at)
	runtime, id, known := strings.Cut(id, "://")
	if !known {
		runtime, id = "", at.containerID
	}
	if at.uid != "" || known {
		l.add("kubernetes.pod.uid", p.uid)
	}
	l.add("kubernetes.node.name", p.node)
	l.addLabels(p.labels)
	l.add(owners[p.ownerKind], p.ownerName)
	if set, ok := strings.CutSuffix(p.ownerName, "-"+p.labels["pod-template-hash"]); ok && p.ownerKind == "ReplicaSet" {
		l.add("kubernetes.deployment.name", set)
	}
	l.add("container.id", id)
	l.add("container.runtime", runtime)
	l.add("container.image.name", image)
	service := p.labels["app.kubernetes.io/name"]
	if service == "" {
		service = p.labels["app"]
	}
	return event.NewFacts(service, l)
}

// container returns the image of the container at a place, and the id of its life that wrote the log there, as
// RUNTIME://ID; empty when the API does not know it any more.
func (p *pod) container(at place) (image, id string) {
	for _, c := range p.containers {
		if c.name != at.container {
			continue
		}
		for _, r := range c.runs {
			if at.containerID != "" && strings.HasSuffix(r.id, "://"+at.containerID) || at.restarts != "" && at.restarts == itoa(r.restarts) {
				return c.image, r.id
			}
		}
		return c.image, ""
	}
	return "", ""
}

// list gathers facts.
type list []event.Fact

// add adds a text, unless it or its name is empty.
func (l *list) add(name, value string) {
	if name != "" && value != "" {
		*l = append(*l, event.Fact{Name: name, Value: jsontext.AppendString(nil, strings.ToValidUTF8(value, "\uFFFD"))})
	}
}

// addLabels adds labels as one object, with _ for the dots in their names: where no template says that the field is flattened,
// app and app.kubernetes.io/name could not stand side by side. Of names that are the same then, the first one stays.
func (l *list) addLabels(labels map[string]string) {
	object := []byte{'{'}
	seen := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		plain := strings.ToValidUTF8(strings.ReplaceAll(name, ".", "_"), "\uFFFD")
		if plain == "" || seen[plain] {
			continue
		}
		seen[plain] = true
		if len(object) > 1 {
			object = append(object, ',')
		}
		object = append(jsontext.AppendString(object, plain), ':')
		object = jsontext.AppendString(object, strings.ToValidUTF8(labels[name], "\uFFFD"))
	}
	if len(object) > 1 {
		*l = append(*l, event.Fact{Name: "kubernetes.labels", Value: append(object, '}')})
	}
}

// remembered is a pod and since when the API does not have it any more; zero while it does.
type remembered struct {
	*pod
	gone time.Time
}
