package kubernetes

import (
	"path/filepath"
	"strings"
)

// place is what the path of a container's log says.
type place struct {
	namespace, pod, container string
	uid                       string // as the kubelet counts it; empty when the path does not say
	containerID               string // empty when the path does not say
	restarts                  string // of the container before this log; empty when the path does not say
}

// parsePath reads the paths that the kubelet gives to logs, wherever their folder is mounted:
//
//	pods/NAMESPACE_POD_UID/CONTAINER/RESTARTS.log     and what it is rotated to, RESTARTS.log.TIME and RESTARTS.log.TIME.gz
//	containers/POD_NAMESPACE_CONTAINER-ID.log         the same by another name
func parsePath(path string) (p place, ok bool) {
	rest, file := cutLast(filepath.ToSlash(path), "/")
	stem, _, isLog := strings.Cut(file, ".log")
	if !isLog {
		return place{}, false
	}
	if folder, name := cutLast(rest, "/"); name == "containers" && folder != rest {
		return parseContainers(stem)
	}
	rest, p.container = cutLast(rest, "/")
	rest, pod := cutLast(rest, "/")
	if _, folder := cutLast(rest, "/"); folder != "pods" {
		return place{}, false
	}
	parts := strings.Split(pod, "_")
	if len(parts) != 3 {
		return place{}, false
	}
	p.namespace, p.pod, p.uid, p.restarts = parts[0], parts[1], parts[2], stem
	ok = isName(p.namespace) && isName(p.pod) && isName(p.container) && isUID(p.uid) && isNumber(stem)
	return p, ok
}

// parseContainers reads POD_NAMESPACE_CONTAINER-ID.
func parseContainers(stem string) (p place, ok bool) {
	parts := strings.Split(stem, "_")
	if len(parts) != 3 {
		return place{}, false
	}
	p.pod, p.namespace = parts[0], parts[1]
	p.container, p.containerID = cutLast(parts[2], "-")
	ok = isName(p.namespace) && isName(p.pod) && isName(p.container) && len(p.containerID) == 64 && isHex(p.containerID)
	return p, ok
}

// cutLast cuts text at the last separator; the part before is empty without one.
func cutLast(text, separator string) (before, after string) {
	i := strings.LastIndex(text, separator)
	return text[:max(i, 0)], text[i+1:]
}

// isName reports a DNS subdomain, which the names of namespaces, pods and containers are (RFC 1123).
func isName(text string) bool {
	return text != "" && len(text) <= 253 && isOf(text, "abcdefghijklmnopqrstuvwxyz0123456789-.")
}

// isUID reports a UUID, or the hash that a pod from a file of the node has in its place.
func isUID(text string) bool {
	switch len(text) {
	case 32:
		return isHex(text)
	case 36:
		return isOf(text, "0123456789abcdef-")
	}
	return false
}

func isHex(text string) bool { return isOf(text, "0123456789abcdef") }

func isNumber(text string) bool { return text != "" && len(text) <= 9 && isOf(text, "0123456789") }

// isOf reports whether text has no other letters.
func isOf(text, letters string) bool { return strings.Trim(text, letters) == "" }
