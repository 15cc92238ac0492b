package redfa

import (
	"regexp"
)

// definitions of our own for what access logs, syslog, HAProxy and S3 lines are read with in grok, of the shapes that
// are hard: look-arounds, atomic groups, IPv6, host names with bounded labels, lazy and greedy wild cards.
var definitions = map[string]string{
	"INT":    `(?:[+-]?[0-9]+)`,
	"NUMBER": `(?<![0-9.+-])(?>[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+))`,
	"POSINT": `\b[1-9][0-9]*\b`,
	"WORD":   `\b\w+\b`,
	"TOKEN":  `\S+`,
	"LAZY":   `.*?`,
	"REST":   `.*`,
	"USER":   `[a-zA-Z0-9._-]+`,
	"MAIL":   `[a-zA-Z0-9!#$%&'*+/=?^_{|}~-]{1,64}(?:\.[a-zA-Z0-9!#$%&'*+/=?^_{|}~-]{1,62}){0,63}@%{HOST}`,
	"OCTET":  `(?:25[0-5]|2[0-4][0-9]|[01]?[0-9]{1,2})`,
	"IPV4":   `(?<![0-9])%{OCTET}\.%{OCTET}\.%{OCTET}\.%{OCTET}(?![0-9])`,
	"H16":    `[0-9A-Fa-f]{1,4}`,
	"IPV6": `(?:(?:%{H16}:){7}%{H16}|(?:%{H16}:){1,7}:|(?:%{H16}:){1,6}:%{H16}|(?:%{H16}:){1,5}(?::%{H16}){1,2}|` +
		`(?:%{H16}:){1,4}(?::%{H16}){1,3}|(?:%{H16}:){1,3}(?::%{H16}){1,4}|(?:%{H16}:){1,2}(?::%{H16}){1,5}|` +
		`%{H16}:(?::%{H16}){1,6}|:(?:(?::%{H16}){1,7}|:)|(?:%{H16}:){6}%{IPV4}|::(?:%{H16}:){0,5}%{IPV4})(?:%.+)?`,
	"IP":      `(?:%{IPV6}|%{IPV4})`,
	"HOST":    `\b[0-9A-Za-z][0-9A-Za-z-]{0,62}(?:\.[0-9A-Za-z][0-9A-Za-z-]{0,62})*(?:\.?|\b)`,
	"ADDR":    `(?:%{IP}|%{HOST})`,
	"MONTH":   `\b(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm](?:a|ä)?r(?:ch|z)?|[Aa]pr(?:il)?|[Mm]a[iy]|[Jj]un[ei]?|[Jj]ul[iy]?|[Aa]ug(?:ust)?|[Ss]ep(?:tember)?|[Oo][ck]?t(?:ober)?|[Nn]ov(?:ember)?|[Dd]e[cz](?:ember)?)\b`,
	"DAY":     `(?:0[1-9]|[12][0-9]|3[01]|[1-9])`,
	"YEAR":    `(?>[0-9]{2}){1,2}`,
	"HOUR":    `(?:2[0-3]|[01]?[0-9])`,
	"MINUTE":  `(?:[0-5][0-9])`,
	"SECOND":  `(?:(?:[0-5]?[0-9]|60)(?:[:.,][0-9]+)?)`,
	"TIME":    `(?!<[0-9])%{HOUR}:%{MINUTE}:%{SECOND}(?![0-9])`,
	"STAMP":   `%{MONTH} +%{DAY} %{TIME}`,
	"ISO":     `%{YEAR}-(?:0?[1-9]|1[0-2])-%{DAY}[T ]%{HOUR}:?%{MINUTE}(?::?%{SECOND})?(?:Z|[+-]%{HOUR}:?%{MINUTE})?`,
	"ACCESS":  `%{DAY}/%{MONTH}/%{YEAR}:%{TIME} %{INT}`,
	"PROG":    `[\x21-\x5a\x5c\x5e-\x7e]+`,
	"PATH":    `(?:/[A-Za-z0-9$.+!*'(){},~:;=@#%&_-]*)+`,
	"QUERY":   `\?[A-Za-z0-9$.+!*'|(){},~@#%&/=:;_?\[\]<>-]*`,
	"REQUEST": `(?:%{WORD:http.request.method} %{TOKEN:url.original}(?: HTTP/%{NUMBER:http.version})?)`,

	"COMBINED": `%{ADDR:source.address} (?:-|(?:%{MAIL:user.mail}|%{USER:apache.access.identity})) (?:-|%{USER:user.name}) \[%{ACCESS:timestamp}\] ` +
		`"(?:%{REQUEST}|%{LAZY})" (?:-|%{INT:http.response.status_code}) (?:-|%{INT:http.response.body.bytes}) ` +
		`"(?:-|%{LAZY:http.request.referrer})" "(?:-|%{LAZY:user_agent.original})"`,
	"SYSLOG": `(?:%{STAMP:timestamp}|%{ISO:timestamp}) (?:<%{INT:log.syslog.facility.code}\.%{INT:log.syslog.priority}> )?` +
		`%{ADDR:host.hostname}+(?: %{PROG:process.name}(?:\[%{POSINT:process.pid}\])?:|) %{REST:message}`,
	"HAPROXY": `(?:%{STAMP:timestamp}|%{ISO:timestamp}) %{ADDR:host.hostname} %{PROG:process.name}(?:\[%{POSINT:process.pid}\])?: ` +
		`%{IP:source.address}:%{INT:source.port} \[(?<haproxy.date>%{DAY}/%{MONTH}/%{YEAR}:%{TIME})\] %{TOKEN:haproxy.frontend} ` +
		`%{TOKEN:haproxy.backend}/(?:<NOSRV>|%{TOKEN:haproxy.server}) (?:-1|%{INT:haproxy.tq})/(?:-1|%{INT:haproxy.tw})/(?:-1|%{INT:haproxy.tc})/` +
		`(?:-1|%{INT:haproxy.tr})/%{TOKEN:haproxy.tt} %{INT:http.response.status_code} %{INT:source.bytes} (?:-|%{LAZY:haproxy.request_cookie}) ` +
		`(?:-|%{LAZY:haproxy.response_cookie}) %{TOKEN:haproxy.state} %{INT:haproxy.a}/%{INT:haproxy.f}/%{INT:haproxy.b}/%{INT:haproxy.s}/` +
		`%{INT:haproxy.r} %{INT:haproxy.sq}/%{INT:haproxy.bq}(?: \{%{LAZY:haproxy.request_headers}\}(?: \{%{LAZY:haproxy.response_headers}\})?)?` +
		`(?: "(?:<BADREQ>|(?:%{WORD:http.request.method} (?<url.original>%{PATH:url.path}(?:%{QUERY:url.query})?)(?: HTTP/%{NUMBER:http.version})?))"?)?`,
	"S3": `%{WORD:s3.owner} %{TOKEN:s3.bucket} \[%{ACCESS:timestamp}\] (?:-|%{IP:client.ip}) (?:-|%{TOKEN:client.user.id}) %{TOKEN:s3.request_id} ` +
		`%{TOKEN:s3.operation} (?:-|%{TOKEN:s3.key}) (?:-|"(?<s3.request_uri>%{REQUEST})") (?:-|%{INT:http.response.status_code}) ` +
		`(?:-|%{TOKEN:s3.error_code}) (?:-|%{INT:s3.bytes_sent}) (?:-|%{INT:s3.object_size}) (?:-|%{INT:s3.total_time}) ` +
		`(?:-|%{INT:s3.turn_around_time}) "(?:-|%{LAZY:http.request.referrer})" "(?:-|%{LAZY:user_agent.original})" (?:-|%{TOKEN:s3.version_id})` +
		`(?: (?:-|%{TOKEN:s3.host_id}) (?:-|%{TOKEN:s3.signature}) (?:-|%{TOKEN:tls.cipher}) (?:-|%{TOKEN:s3.auth}) (?:-|%{TOKEN:s3.header}) (?:-|%{TOKEN:tls.version}))?`,
}

var definitionRef = regexp.MustCompile(`%\{(\w+)(?::([^}]+))?\}`)

// expand writes out the definitions an expression refers to.
func expand(expr string) string {
	for definitionRef.MatchString(expr) {
		expr = definitionRef.ReplaceAllStringFunc(expr, func(s string) string {
			m := definitionRef.FindStringSubmatch(s)
			if m[2] != "" {
				return "(?<" + m[2] + ">" + definitions[m[1]] + ")"
			}
			return "(?:" + definitions[m[1]] + ")"
		})
	}
	return expr
}
