package kubernetes

import (
	"strings"
	"testing"
)

const (
	podUID      = "0f8b1f64-2f1f-4f0a-9d9e-7d1b7a1c2d3e"
	containerID = "3f1c0e6a5b4d3c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3"
)

func TestPath(t *testing.T) {
	web := place{namespace: "shop", pod: "web-6d4cf56db6-x2x7p", container: "nginx", uid: podUID, restarts: "0"}
	const folder = "/var/log/pods/shop_web-6d4cf56db6-x2x7p_" + podUID + "/nginx/"
	for _, c := range []struct {
		path string
		want place
		ok   bool
	}{
		{folder + "0.log", web, true},
		{"/host" + folder + "0.log", web, true},
		{folder + "0.log.20261122-213000", web, true},
		{folder + "0.log.20261122-213000.gz", web, true},
		{"/var/log/pods/kube-system_etcd-node_ad6ab0e5f2f4c6a07c3cf4e53f1f1a35/etcd/12.log",
			place{namespace: "kube-system", pod: "etcd-node", container: "etcd", uid: "ad6ab0e5f2f4c6a07c3cf4e53f1f1a35", restarts: "12"}, true},
		{"/var/log/containers/web-0_shop_side-car-" + containerID + ".log",
			place{namespace: "shop", pod: "web-0", container: "side-car", containerID: containerID}, true},
		{folder + "app.log", place{}, false},
		{folder + "0.txt", place{}, false},
		{folder + "deep/0.log", place{}, false},
		{"/var/log/pods/shop_web_" + podUID + "/0.log", place{}, false},
		{"/var/log/pods/shop_web_not-a-uid/nginx/0.log", place{}, false},
		{"/var/log/pods/shop_web_x_" + podUID + "/nginx/0.log", place{}, false},
		{"/var/log/pods/Shop_web_" + podUID + "/nginx/0.log", place{}, false},
		{"/srv/logs/shop_web_" + podUID + "/nginx/0.log", place{}, false},
		{"/var/log/containers/web-0_shop_nginx.log", place{}, false},
		{"/var/log/containers/web-0_shop_nginx-abc.log", place{}, false},
		{"containers", place{}, false}, {"", place{}, false}, {"-", place{}, false}, {".log", place{}, false},
	} {
		got, ok := parsePath(c.path)
		if ok != c.ok || ok && got != c.want {
			t.Errorf("%s: %+v %v, want %+v %v", c.path, got, ok, c.want, c.ok)
		}
	}
}

// FuzzPath: whatever a folder is called, what is taken from it needs no escaping and stands in it.
func FuzzPath(f *testing.F) {
	f.Add("/var/log/pods/shop_web_" + podUID + "/nginx/0.log")
	f.Add("/var/log/containers/web-0_shop_nginx-" + containerID + ".log")
	f.Add("//pods/__/\x00/0.log")
	f.Fuzz(func(t *testing.T, path string) {
		p, ok := parsePath(path)
		if !ok {
			return
		}
		for _, part := range []string{p.namespace, p.pod, p.container, p.uid + p.containerID} {
			if part == "" || strings.ContainsAny(part, "\"\\/_\x00 ") {
				t.Errorf("%q: %+v", path, p)
			}
		}
	})
}
