package parse

import (
	"bytes"

	"github.com/tailspan/tailspan/pkg/event"
)

var (
	nameRequestTime   = []byte("request_time")
	nameRequestID     = []byte("http.request.id")
	nameRequestBytes  = []byte("http.request.bytes")
	nameUpstreamName  = []byte("nginx.ingress_controller.upstream.name")
	nameUpstreamAlt   = []byte("nginx.ingress_controller.upstream.alternative_name")
	nameUpstreamAddr  = []byte("nginx.ingress_controller.upstream.address")
	nameUpstreamTime  = []byte("upstream_response_time")
	nameUpstreamBytes = []byte("nginx.ingress_controller.upstream.response.bytes")
	nameUpstreamCode  = []byte("nginx.ingress_controller.upstream.response.status_code")
)

// addIngress adds what the log format of Kubernetes' ingress-nginx, upstreaminfo, has behind the combined one:
//
//	$request_length $request_time [$proxy_upstream_name] [$proxy_alternative_upstream_name] $upstream_addr
//	$upstream_response_length $upstream_response_time $upstream_status $req_id
//
// The numbers have no names in the line, but the brackets between them give the format away. What is of the upstream is a list
// when several were asked, with commas between them and a colon before those of an internal redirect. Bytes and status are
// those of the last, which answered.
func addIngress(ev *event.Event, i int) {
	line := ev.Line
	var words [10][]byte
	n := 0
	for i = skipBlanks(line, i); i < len(line); i = skipBlanks(line, i) {
		if n == len(words) {
			return
		}
		from := i
		i = listEnd(line, i)
		words[n] = line[from:i]
		n++
	}
	if n != 9 || !allDigits(words[0]) || !inBrackets(words[2]) || !inBrackets(words[3]) || bytes.IndexByte(words[1], '.') < 0 {
		return
	}
	addNumber(ev, nameRequestBytes, words[0])
	addUnlessThere(ev, nameRequestTime, words[1])
	addText(ev, nameUpstreamName, words[2][1:len(words[2])-1])
	addText(ev, nameUpstreamAlt, words[3][1:len(words[3])-1])
	addText(ev, nameUpstreamAddr, unlessNone(words[4]))
	addNumber(ev, nameUpstreamBytes, lastListed(words[5]))
	addText(ev, nameUpstreamTime, unlessNone(words[6]))
	addNumber(ev, nameUpstreamCode, lastListed(words[7]))
	addText(ev, nameRequestID, unlessNone(words[8]))
}

// listEnd is where the word at i ends, with those that a comma or a colon of its own joins to it.
func listEnd(line []byte, i int) int {
	for {
		for i < len(line) && !isBlank(line[i]) {
			i++
		}
		switch rest := line[i:]; {
		case line[i-1] == ',' && len(rest) > 1:
			i++
		case bytes.HasPrefix(rest, between) && len(rest) > len(between):
			i += len(between)
		default:
			return i
		}
	}
}

// between separates upstreams of one location from those of another.
var between = []byte(" : ")

// lastListed is the last word of a list.
func lastListed(list []byte) []byte { return list[bytes.LastIndexByte(list, ' ')+1:] }

func inBrackets(word []byte) bool {
	return len(word) > 1 && word[0] == '[' && word[len(word)-1] == ']'
}
