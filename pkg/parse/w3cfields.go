package parse

import (
	"bytes"
	"strconv"

	"github.com/tailspan/tailspan/pkg/event"
)

// w3cNames are the columns that ECS has a field for, or that Elastic's IIS integration has.
var w3cNames = map[string]w3cColumn{
	"date":            {role: w3cDate},
	"time":            {role: w3cTime},
	"cs-uri-stem":     {role: w3cStem},
	"cs-uri-query":    {role: w3cQuery},
	"time-taken":      {role: w3cTaken},
	"cs(user-agent)":  {nameAgent, w3cAgent},
	"cs(referer)":     {nameReferrer, w3cText},
	"cs-referer":      {nameReferrer, w3cText},
	"cs-user-agent":   {nameAgent, w3cAgent},
	"cs-method":       {nameMethod, w3cText},
	"cs-uri":          {nameURL, w3cText},
	"cs-username":     {nameUser, w3cText},
	"cs-host":         {nameDomain, w3cText},
	"cs(host)":        {nameDomain, w3cText},
	"cs-version":      {nameVersion, w3cText},
	"cs-bytes":        {[]byte("http.request.bytes"), w3cNumber},
	"sc-bytes":        {nameResponseBytes, w3cNumber},
	"sc-status":       {nameStatus, w3cNumber},
	"sc-substatus":    {[]byte("iis.access.sub_status"), w3cNumber},
	"sc-win32-status": {[]byte("iis.access.win32_status"), w3cNumber},
	"c-ip":            {nameSource, w3cText},
	"c-port":          {namePort, w3cNumber},
	"s-ip":            {nameDestination, w3cText},
	"s-port":          {nameVhostPort, w3cNumber},
	"s-sitename":      {[]byte("iis.access.site_name"), w3cText},
	"s-computername":  {[]byte("iis.access.server_name"), w3cText},
}

var nameDurationSeconds = []byte("duration_seconds")

// add adds the fields. Of a column that is there twice the first one counts.
func (f *w3cFormat) add(p *Parser, ev *event.Event, columns []w3cColumn) {
	var date, time, stem, query []byte
	first := len(ev.Fields)
	for i, c := range columns {
		v := f.values[i]
		if len(v) == 0 || len(c.name) > 0 && memberAt(ev.Fields, first, c.name) >= 0 {
			continue
		}
		switch c.role {
		case w3cDate:
			date = v
		case w3cTime:
			time = v
		case w3cStem:
			stem = v
		case w3cQuery:
			query = v
		case w3cTaken:
			addTaken(ev, v)
		case w3cNumber:
			addNumber(ev, c.name, v)
		case w3cAgent:
			ev.Add(c.name, p.withoutPlus(v), event.Text)
		default:
			if bytes.HasPrefix(v, nameProtocolHTTP) && string(c.name) == string(nameVersion) {
				v = v[len(nameProtocolHTTP):]
			}
			addText(ev, c.name, v)
		}
	}
	if len(date) > 0 && len(time) > 0 {
		ev.Add(nameTimestamp, p.join(date, ' ', time), event.Text)
	}
	if len(stem) > 0 && len(query) > 0 {
		stem = p.join(stem, '?', query)
	}
	if memberAt(ev.Fields, first, nameURL) < 0 {
		addText(ev, nameURL, stem)
	}
}

// addTaken adds a duration under a name that says its unit: whole numbers are IIS's milliseconds, others seconds, as the
// format's draft has them.
func addTaken(ev *event.Event, text []byte) {
	name := nameDurationMS
	if bytes.IndexByte(text, '.') >= 0 {
		name = nameDurationSeconds
	}
	if memberAt(ev.Fields, 0, name) < 0 {
		addDecimal(ev, name, text)
	}
}

// join is a and b with a byte between; it lives as long as the event.
func (p *Parser) join(a []byte, between byte, b []byte) []byte {
	start := len(p.spare)
	p.spare = append(append(append(p.spare, a...), between), b...)
	return p.spare[start:len(p.spare):len(p.spare)]
}

// withoutPlus is text with a blank for each +; it lives as long as the event.
func (p *Parser) withoutPlus(text []byte) []byte {
	kept := p.keep("", text)
	for i, c := range kept {
		if c == '+' {
			kept[i] = ' '
		}
	}
	return kept
}

// keepNumber is n in decimal; it lives as long as the event.
func (p *Parser) keepNumber(n int64) []byte {
	start := len(p.spare)
	p.spare = strconv.AppendInt(p.spare, n, 10)
	return p.spare[start:len(p.spare):len(p.spare)]
}
