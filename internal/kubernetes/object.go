package kubernetes

import "strconv"

// object is as much as is needed of a Pod of the API (core/v1).
type object struct {
	Metadata struct {
		Name            string            `json:"name"`
		Namespace       string            `json:"namespace"`
		UID             string            `json:"uid"`
		ResourceVersion string            `json:"resourceVersion"`
		Labels          map[string]string `json:"labels"`
		Annotations     struct {
			ConfigHash string `json:"kubernetes.io/config.hash"` // of a pod from a file of the node: what the kubelet calls its UID
		} `json:"annotations"`
		Owners []struct {
			Kind       string `json:"kind"`
			Name       string `json:"name"`
			Controller bool   `json:"controller"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
	Spec struct {
		Node       string          `json:"nodeName"`
		Init       []containerSpec `json:"initContainers"`
		Containers []containerSpec `json:"containers"`
		Ephemeral  []containerSpec `json:"ephemeralContainers"`
	} `json:"spec"`
	Status struct {
		Init       []containerStatus `json:"initContainerStatuses"`
		Containers []containerStatus `json:"containerStatuses"`
		Ephemeral  []containerStatus `json:"ephemeralContainerStatuses"`
	} `json:"status"`
}

type containerSpec struct {
	Name  string `json:"name"`
	Image string `json:"image"`
}

type containerStatus struct {
	Name     string `json:"name"`
	ID       string `json:"containerID"`
	Restarts int    `json:"restartCount"`
	Last     struct {
		Terminated struct {
			ID string `json:"containerID"`
		} `json:"terminated"`
	} `json:"lastState"`
}

// pod takes what is needed out of the object.
func (o *object) pod() *pod {
	p := &pod{namespace: o.Metadata.Namespace, name: o.Metadata.Name, uid: o.Metadata.UID, logUID: o.Metadata.UID, node: o.Spec.Node,
		labels: o.Metadata.Labels}
	if hash := o.Metadata.Annotations.ConfigHash; hash != "" {
		p.logUID = hash
	}
	for _, owner := range o.Metadata.Owners {
		if owner.Controller {
			p.ownerKind, p.ownerName = owner.Kind, owner.Name
		}
	}
	runs := map[string][]run{}
	for _, statuses := range [][]containerStatus{o.Status.Init, o.Status.Containers, o.Status.Ephemeral} {
		for _, s := range statuses {
			if s.ID != "" {
				runs[s.Name] = append(runs[s.Name], run{s.Restarts, s.ID})
			}
			if last := s.Last.Terminated.ID; last != "" && last != s.ID {
				runs[s.Name] = append(runs[s.Name], run{s.Restarts - 1, last})
			}
		}
	}
	for _, specs := range [][]containerSpec{o.Spec.Init, o.Spec.Containers, o.Spec.Ephemeral} {
		for _, s := range specs {
			p.containers = append(p.containers, container{s.Name, s.Image, runs[s.Name]})
		}
	}
	return p
}

func itoa(n int) string { return strconv.Itoa(n) }
