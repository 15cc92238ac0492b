package kubernetes

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// document is what a line that says nothing gets from the facts.
func document(f *event.Facts) string {
	var ev event.Event
	f.Describe(&ev)
	text := string(f.Append(nil, nil))
	if ev.Service.Set {
		text += `,"service.name":"` + string(ev.Service.Bytes) + `"`
	}
	return strings.TrimPrefix(text, ",")
}

const nginxPath = "/var/log/pods/shop_web-6d4cf56db6-x2x7p_" + podUID + "/nginx/"

// webPod is a pod as the API tells it, in a few lines.
const webPod = `{"kind":"Pod","apiVersion":"v1","metadata":{"name":"web-6d4cf56db6-x2x7p","namespace":"shop","uid":"` + podUID + `","resourceVersion":"7",
	"labels":{"app.kubernetes.io/name":"web","app":"frontend","pod-template-hash":"6d4cf56db6"},
	"ownerReferences":[{"kind":"ReplicaSet","name":"web-6d4cf56db6","controller":true}],"managedFields":[{"manager":"kubelet"}]},
	"spec":{"nodeName":"node-1","initContainers":[{"name":"init","image":"busybox:1"}],"containers":[{"name":"nginx","image":"nginx:1.29"},{"name":"side-car","image":"envoy"}]},
	"status":{"phase":"Running","initContainerStatuses":[{"name":"init","restartCount":0,"containerID":"containerd://aa"}],
	"containerStatuses":[{"name":"nginx","restartCount":2,"containerID":"containerd://cc","lastState":{"terminated":{"containerID":"containerd://bb"}}},
	{"name":"side-car","restartCount":0,"containerID":"cri-o://` + containerID + `"}]}}`

func decodePod(t *testing.T, text string) *pod {
	t.Helper()
	var o object
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		t.Fatal(err)
	}
	return o.pod()
}

func TestFacts(t *testing.T) {
	const (
		names  = `"kubernetes.namespace":"shop","kubernetes.pod.name":"web-6d4cf56db6-x2x7p",`
		nginx  = names + `"kubernetes.container.name":"nginx",`
		uid    = `"kubernetes.pod.uid":"` + podUID + `",`
		labels = `"kubernetes.labels":{"app":"frontend","app_kubernetes_io/name":"web","pod-template-hash":"6d4cf56db6"},`
		owner  = `"kubernetes.replicaset.name":"web-6d4cf56db6","kubernetes.deployment.name":"web",`
		rest   = `"kubernetes.node.name":"node-1",` + labels + owner
		image  = `"container.image.name":"nginx:1.29","service.name":"web"`
	)
	static := strings.NewReplacer(podUID, "11111111-2222-3333-4444-555555555555", `"managedFields"`,
		`"annotations":{"kubernetes.io/config.hash":"ad6ab0e5f2f4c6a07c3cf4e53f1f1a35"},"managedFields"`).Replace(webPod)
	for _, c := range []struct{ name, path, pod, want string }{
		{"the path alone", nginxPath + "2.log", "", nginx + uid + `"kubernetes.node.name":"node-1"`},
		{"the last run", nginxPath + "2.log", webPod, nginx + uid + rest + `"container.id":"cc","container.runtime":"containerd",` + image},
		{"the run before", nginxPath + "1.log.20261122-101010.gz", webPod, nginx + uid + rest + `"container.id":"bb","container.runtime":"containerd",` + image},
		{"a run that the API forgot", nginxPath + "0.log", webPod, nginx + uid + rest + image},
		{"an init container", strings.Replace(nginxPath, "/nginx/", "/init/", 1) + "0.log", webPod,
			names + `"kubernetes.container.name":"init",` + uid + rest + `"container.id":"aa","container.runtime":"containerd","container.image.name":"busybox:1","service.name":"web"`},
		{"the other folder", "/var/log/containers/web-6d4cf56db6-x2x7p_shop_side-car-" + containerID + ".log", webPod,
			names + `"kubernetes.container.name":"side-car",` + uid + rest + `"container.id":"` + containerID + `","container.runtime":"cri-o","container.image.name":"envoy","service.name":"web"`},
		{"a container of an earlier pod of the name", "/var/log/containers/web-6d4cf56db6-x2x7p_shop_nginx-" + containerID + ".log", webPod,
			nginx + rest + `"container.id":"` + containerID + `",` + image},
		{"an earlier pod of the name", strings.Replace(nginxPath, podUID, "99999999-2222-3333-4444-555555555555", 1) + "2.log", webPod,
			nginx + `"kubernetes.pod.uid":"99999999-2222-3333-4444-555555555555","kubernetes.node.name":"node-1"`},
		{"a pod from a file of the node", strings.Replace(nginxPath, podUID, "ad6ab0e5f2f4c6a07c3cf4e53f1f1a35", 1) + "2.log", static,
			nginx + `"kubernetes.pod.uid":"11111111-2222-3333-4444-555555555555",` + rest + `"container.id":"cc","container.runtime":"containerd",` + image},
		{"such a pod, the path alone", strings.Replace(nginxPath, podUID, "ad6ab0e5f2f4c6a07c3cf4e53f1f1a35", 1) + "2.log", "",
			nginx + `"kubernetes.node.name":"node-1"`},
		{"a stateful set, its service from app", nginxPath + "2.log",
			strings.NewReplacer("ReplicaSet", "StatefulSet", `"app.kubernetes.io/name":"web",`, "").Replace(webPod),
			nginx + uid + `"kubernetes.node.name":"node-1","kubernetes.labels":{"app":"frontend","pod-template-hash":"6d4cf56db6"},"kubernetes.statefulset.name":"web-6d4cf56db6",` +
				`"container.id":"cc","container.runtime":"containerd","container.image.name":"nginx:1.29","service.name":"frontend"`},
		{"no labels, no owner", nginxPath + "2.log", `{"metadata":{"name":"web-6d4cf56db6-x2x7p","namespace":"shop","uid":"` + podUID + `"}}`,
			strings.TrimSuffix(nginx+uid, ",")},
		{"labels that differ in dots only", nginxPath + "2.log", `{"metadata":{"name":"web-6d4cf56db6-x2x7p","namespace":"shop","uid":"` + podUID + `","labels":{"a_b":"2","a.b":"1","\"":"\u001b"}}}`,
			nginx + uid + `"kubernetes.labels":{"\"":"\u001b","a_b":"1"}`},
	} {
		s := New(Config{Node: "node-1"}, nil)
		if c.pod != "" {
			s.put(decodePod(t, c.pod))
		}
		f := s.Facts(c.path)
		if got := document(f); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
		if again := s.Facts(c.path); again != f {
			t.Errorf("%s: made anew", c.name)
		}
		if got := `{` + string(f.Append(nil, nil)[1:]) + `}`; !json.Valid([]byte(got)) {
			t.Errorf("%s: not JSON: %s", c.name, got)
		}
	}
}

func TestNoPod(t *testing.T) {
	s := New(Config{Node: "node-1"}, nil)
	if f := s.Facts("/var/log/syslog"); f != nil {
		t.Errorf("%s is known of a file that is no container's", document(f))
	}
	if f := (*Source)(nil).Facts(nginxPath + "0.log"); f != nil {
		t.Error("a source that is off knows something")
	}
}

// TestFactsNoAllocations: what a file that is known costs a batch of lines.
func TestFactsNoAllocations(t *testing.T) {
	s := New(Config{Node: "node-1"}, nil)
	s.put(decodePod(t, webPod))
	if n := testing.AllocsPerRun(100, func() { s.Facts(nginxPath + "2.log"); s.Facts("/var/log/syslog") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
