package server

import (
	"net"
	"net/http"
	"strings"
)

// open are the endpoints that anybody who reaches the server may ask, under any name of it: probes and scrapers do.
var open = map[string]bool{"/healthz": true, "/readyz": true, "/metrics": true}

// knownHost lets a browser see everything else only under a name that is the server's. A page on the web can make a name of
// its own lead to this machine, and its scripts may read what that name answers (DNS rebinding); then the Host header has that
// name. It cannot be an address, localhost, or the name in listen.
func knownHost(next http.Handler, listen string) http.Handler {
	own, _, err := net.SplitHostPort(listen)
	if err != nil {
		own = listen
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !open[r.URL.Path] && !isOwn(r.Host, own) {
			http.Error(w, "this server does not have that name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOwn reports whether the Host header is an address, localhost, or own.
func isOwn(host, own string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	}
	name = strings.TrimSuffix(name, ".")
	return net.ParseIP(name) != nil || strings.EqualFold(name, "localhost") || own != "" && strings.EqualFold(name, own)
}
