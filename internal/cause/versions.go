package cause

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
)

// home is a service on a host.
type home struct{ service, host string }

// maxPlaces is how many services on hosts are watched for versions.
const maxPlaces = 10_000

// maxVersions is how many versions of one are remembered.
const maxVersions = 16

// seen is when something was there, in nanoseconds since 1970.
type seen struct {
	version     string
	first, last int64
	started     bool // a line says that the service was starting
	line        Line // the first
}

// versions remembers which versions services said that they are.
type versions struct {
	homes map[home]*residence
}

type residence struct {
	versions []seen
	first    int64 // of all its lines
}

// add takes in a line of a service; version is empty when it names none.
func (v *versions) add(d *fields, version string, started bool) {
	h, at := home{d.service, d.host}, d.at
	r := v.homes[h]
	if r == nil {
		if h.service == "" || len(v.homes) == maxPlaces {
			return
		}
		if v.homes == nil {
			v.homes = map[home]*residence{}
		}
		r = &residence{first: at}
		v.homes[h] = r
	}
	r.first = min(r.first, at)
	if version == "" && !started {
		return
	}
	i := slices.IndexFunc(r.versions, func(s seen) bool { return s.version == version && s.started == started })
	if i < 0 {
		if len(r.versions) < maxVersions {
			r.versions = append(r.versions, seen{version, at, at, started, d.line()})
		}
		return
	}
	s := &r.versions[i]
	if at < s.first {
		s.first, s.line = at, d.line()
	}
	s.last = max(s.last, at)
}

// change is that a service became another version, or was started.
type change struct {
	service, from, to string
	hosts             []string
	at                int64 // on the first of them
	lines             []Line
}

// changes are those of all services: a version that was first seen when another one was seen for the last time, not more than overlap
// after it, and starts. A field called version that has several values by turns is no version of the service.
func (v *versions) changes(overlap int64) []change {
	type key struct{ service, to string }
	found := map[key]*change{}
	note := func(h home, from string, s seen) {
		k := key{h.service, s.version}
		c := found[k]
		if c == nil {
			c = &change{service: h.service, from: from, to: s.version, at: s.first}
			found[k] = c
		}
		c.at, c.from = min(c.at, s.first), cmp.Or(c.from, from)
		c.lines = append(c.lines, s.line)
		if !slices.Contains(c.hosts, h.host) {
			c.hosts = append(c.hosts, h.host)
		}
	}
	for h, r := range v.homes {
		slices.SortFunc(r.versions, func(a, b seen) int {
			return cmp.Or(cmp.Compare(a.first, b.first), strings.Compare(a.version, b.version))
		})
		var from seen
		for _, s := range r.versions {
			if s.started || from.version != "" && s.version != from.version && from.last <= s.first+overlap {
				note(h, other(from.version, s.version), s)
			}
			if s.version != "" {
				from = s
			}
		}
	}
	var all []change
	for _, c := range found {
		slices.Sort(c.hosts)
		slices.SortFunc(c.lines, func(a, b Line) int { return cmp.Or(a.Time.Compare(b.Time), strings.Compare(a.Host, b.Host)) })
		c.lines = c.lines[:min(len(c.lines), maxExamples)]
		all = append(all, *c)
	}
	slices.SortFunc(all, func(a, b change) int {
		return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.service, b.service), strings.Compare(a.to, b.to))
	})
	return all
}

// other is from unless that is the same version.
func other(from, to string) string {
	if from == to {
		return ""
	}
	return from
}

// starting is a line in which a program says that it starts, with its version: "starting payments version 1.4.2", "Starting ShopApplication
// v2.0.1 using Java 21", "booting release 2026-03-01".
var starting = regexp.MustCompile(`(?i)\b(?:start(?:ing|ed|up)?|boot(?:ing|ed)?|launch(?:ing|ed)?|deploy(?:ing|ed)?)\b.{0,80}?` +
	`(?:\bversion[ =:"]+|\brelease[ =:"]+|\bbuild[ =:"]+|\bv)(\d[0-9A-Za-z.+_-]{0,40})`)

// startedAs is the version that a message says was started.
func startedAs(message string) (version string, ok bool) {
	if len(message) > 1000 || !strings.ContainsAny(message, "vVrRbB") || !hasStart(message) {
		return "", false
	}
	m := starting.FindStringSubmatch(message)
	if m == nil {
		return "", false
	}
	return strings.TrimRight(m[1], ".-_+"), true
}

// hasStart reports whether it is worth to look more closely.
func hasStart(message string) bool {
	for i := 0; i+3 < len(message); i++ {
		switch message[i] | 0x20 {
		case 's', 'b', 'l', 'd':
			switch word := strings.ToLower(message[i : i+4]); word {
			case "star", "boot", "laun", "depl":
				return true
			}
		}
	}
	return false
}
