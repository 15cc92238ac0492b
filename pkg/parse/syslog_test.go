package parse_test

import (
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

var inMarch2024 = parse.Timestamp{Now: "2024-03-01T00:00:00Z"}

func TestSyslogDocuments(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"syslog"}, Timestamp: inMarch2024}, []documentCase{
		{"RFC 3164's example", `<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8`,
			`"@timestamp":"2023-10-11T22:14:15Z","log.syslog.priority":34,"log.syslog.facility.code":4,"log.syslog.severity.code":2,"log.syslog.hostname":"mymachine","log.syslog.appname":"su","message":"'su root' failed for lonvick on /dev/pts/8","log.level":"critical"`},
		{"no priority", `Feb 21 21:54:44 localhost sshd[3402]: Accepted publickey for vagrant`,
			`"@timestamp":"2024-02-21T21:54:44Z","log.syslog.hostname":"localhost","log.syslog.appname":"sshd","log.syslog.procid":"3402","message":"Accepted publickey for vagrant"`},
		{"a zone and a year", `<165>Aug 24 05:34:00 CST 1987 mymachine myproc[10]: %% It's time`,
			`"@timestamp":"1987-08-24T11:34:00Z","log.syslog.priority":165,"log.syslog.facility.code":20,"log.syslog.severity.code":5,"log.syslog.hostname":"mymachine","log.syslog.appname":"myproc","log.syslog.procid":"10","message":"%% It's time","log.level":"notice"`},
		{"a zone", `Feb 11 22:14:15 UTC mymachine su: x`, `"@timestamp":"2024-02-11T22:14:15Z","log.syslog.hostname":"mymachine","log.syslog.appname":"su","message":"x"`},
		{"blanks around the colon", `Feb 21 21:54:44 localhost sshd[3402] : x`, `"@timestamp":"2024-02-21T21:54:44Z","log.syslog.hostname":"localhost","log.syslog.appname":"sshd","log.syslog.procid":"3402","message":"x"`},
		{"ASA's EMBLEM", `<166>:Oct 11 22:14:15 UTC: %ASA-vpn-4-713184: Client`,
			`"@timestamp":"2023-10-11T22:14:15Z","log.syslog.priority":166,"log.syslog.facility.code":20,"log.syslog.severity.code":6,"log.syslog.appname":"%ASA-vpn-4-713184","message":"Client","log.level":"info"`},
		{"no host", `Jun 13 16:33:35 haproxy[73411]: I am missing a pri.`,
			`"@timestamp":"2023-06-13T16:33:35Z","log.syslog.appname":"haproxy","log.syslog.procid":"73411","message":"I am missing a pri."`},
		{"no tag", `<166>Jul  6 20:33:28 ABC-1-234567 Some message here`,
			`"@timestamp":"2023-07-06T20:33:28Z","log.syslog.priority":166,"log.syslog.facility.code":20,"log.syslog.severity.code":6,"log.syslog.hostname":"ABC-1-234567","message":"Some message here","log.level":"info"`},
		{"a process id and no colon", `Dec 13 11:35:28 a-mac com.apple.xpc.launchd[1] (com.apple.bsd.dirhelper[55]): Service exited`,
			`"@timestamp":"2023-12-13T11:35:28Z","log.syslog.hostname":"a-mac","log.syslog.appname":"com.apple.xpc.launchd","log.syslog.procid":"1","message":"(com.apple.bsd.dirhelper[55]): Service exited"`},
		{"neither host nor tag", `Apr  4 03:39:57 --- last message repeated 1 time ---`,
			`"@timestamp":"2024-04-04T03:39:57Z","message":"--- last message repeated 1 time ---"`},
		{"a name of two words", `Jul  1 09:00:55 mac Google Chrome[12]: hello`,
			`"@timestamp":"2023-07-01T09:00:55Z","log.syslog.hostname":"mac","log.syslog.appname":"Google Chrome","log.syslog.procid":"12","message":"hello"`},
		{"a version in the tag", `Jun 14 15:16:01 combo syslogd 1.4.1: restart.`,
			`"@timestamp":"2023-06-14T15:16:01Z","log.syslog.hostname":"combo","log.syslog.appname":"syslogd 1.4.1","message":"restart."`},
		{"a module in the tag", `Jun 14 15:16:01 combo sshd(pam_unix)[19939]: authentication failure; user=root`,
			`"@timestamp":"2023-06-14T15:16:01Z","log.syslog.hostname":"combo","log.syslog.appname":"sshd(pam_unix)","log.syslog.procid":"19939","message":"authentication failure; user=root"`},
		{"colons in the tag", `Jun 14 15:16:01 h Foo::Bar: x`,
			`"@timestamp":"2023-06-14T15:16:01Z","log.syslog.hostname":"h","log.syslog.appname":"Foo::Bar","message":"x"`},
		{"a level in the text", `Jun 14 15:16:01 h app[1]: ERROR: no such table`,
			`"@timestamp":"2023-06-14T15:16:01Z","log.syslog.hostname":"h","log.syslog.appname":"app","log.syslog.procid":"1","message":"ERROR: no such table","log.level":"error"`},
		{"IPv6", `<13>Jan  1 00:00:00 2001:db8::1 app[1]: x`,
			`"@timestamp":"2024-01-01T00:00:00Z","log.syslog.priority":13,"log.syslog.facility.code":1,"log.syslog.severity.code":5,"log.syslog.hostname":"2001:db8::1","log.syslog.appname":"app","log.syslog.procid":"1","message":"x","log.level":"notice"`},
		{"IPv6 with a zone", `<13>Jan  1 00:00:00 fe80::1%eth0 app: x`,
			`"@timestamp":"2024-01-01T00:00:00Z","log.syslog.priority":13,"log.syslog.facility.code":1,"log.syslog.severity.code":5,"log.syslog.hostname":"fe80::1%eth0","log.syslog.appname":"app","message":"x","log.level":"notice"`},
		{"a year", `<13>Jan 12 2011 06:30:00 xxx apache: hi`,
			`"@timestamp":"2011-01-12T06:30:00Z","log.syslog.priority":13,"log.syslog.facility.code":1,"log.syslog.severity.code":5,"log.syslog.hostname":"xxx","log.syslog.appname":"apache","message":"hi","log.level":"notice"`},
		{"a year behind the clock", `<13>Jan 12 06:30:00 2011 xxx apache: hi`,
			`"@timestamp":"2011-01-12T06:30:00Z","log.syslog.priority":13,"log.syslog.facility.code":1,"log.syslog.severity.code":5,"log.syslog.hostname":"xxx","log.syslog.appname":"apache","message":"hi","log.level":"notice"`},
		{"RFC 3339", `2018-08-14T14:30:02.203151+02:00 linux-sqz4 systemd[4179]: Stopped target Basic System.`,
			`"@timestamp":"2018-08-14T12:30:02.203151Z","log.syslog.hostname":"linux-sqz4","log.syslog.appname":"systemd","log.syslog.procid":"4179","message":"Stopped target Basic System."`},
		{"an offset without a colon", `1986-04-26T01:23:45.101+0400 rmbkmonitor04 shutdown[2649]: shutting down`,
			`"@timestamp":"1986-04-25T21:23:45.101Z","log.syslog.hostname":"rmbkmonitor04","log.syslog.appname":"shutdown","log.syslog.procid":"2649","message":"shutting down"`},
		{"facility and severity in words", `Mar  2 23:24:28 UDM-Pro user.warn kernel: [1293979.679369] IN=br46`,
			`"@timestamp":"2024-03-02T23:24:28Z","log.syslog.facility.code":1,"log.syslog.severity.code":4,"log.syslog.hostname":"UDM-Pro","log.syslog.appname":"kernel","message":"[1293979.679369] IN=br46","log.level":"warning"`},
		{"in FreeBSD's brackets", `Mar  2 23:24:28 bsd <local0.info> app[5]: x`,
			`"@timestamp":"2024-03-02T23:24:28Z","log.syslog.facility.code":16,"log.syslog.severity.code":6,"log.syslog.hostname":"bsd","log.syslog.appname":"app","log.syslog.procid":"5","message":"x","log.level":"info"`},
		{"Cisco", `<189>29: *Mar  1 18:46:11: %SYS-5-CONFIG_I: Configured from console`,
			`"@timestamp":"2024-03-01T18:46:11Z","log.syslog.priority":189,"log.syslog.facility.code":23,"log.syslog.severity.code":5,"event.sequence":29,"log.syslog.appname":"%SYS-5-CONFIG_I","message":"Configured from console","log.level":"notice"`},
		{"Cisco with a name, a fraction and a zone", `<189>000029: router1: Mar  1 18:46:11.123 UTC: %SYS-5-CONFIG_I: Configured`,
			`"@timestamp":"2024-03-01T18:46:11.123Z","log.syslog.priority":189,"log.syslog.facility.code":23,"log.syslog.severity.code":5,"event.sequence":29,"log.syslog.hostname":"router1","log.syslog.appname":"%SYS-5-CONFIG_I","message":"Configured","log.level":"notice"`},
		{"Nexus", `<189>: 2013 Jan 12 06:30:00 UTC: %ETHPORT-5-IF_UP: up`,
			`"@timestamp":"2013-01-12T06:30:00Z","log.syslog.priority":189,"log.syslog.facility.code":23,"log.syslog.severity.code":5,"log.syslog.appname":"%ETHPORT-5-IF_UP","message":"up","log.level":"notice"`},
		{"ASA", `<166>May 05 2019 17:51:18 fw1 : %ASA-6-305011: Built dynamic`,
			`"@timestamp":"2019-05-05T17:51:18Z","log.syslog.priority":166,"log.syslog.facility.code":20,"log.syslog.severity.code":6,"log.syslog.hostname":"fw1","log.syslog.appname":"%ASA-6-305011","message":"Built dynamic","log.level":"info"`},
		{"ASA without a name", `<166>May 05 2019 17:51:18: %ASA-6-305011: Built dynamic`,
			`"@timestamp":"2019-05-05T17:51:18Z","log.syslog.priority":166,"log.syslog.facility.code":20,"log.syslog.severity.code":6,"log.syslog.appname":"%ASA-6-305011","message":"Built dynamic","log.level":"info"`},
		{"ids and a duration in the text", `<14>Jan  1 00:00:00 h app: done in 5ms trace_id=` + trace + ``,
			`"@timestamp":"2024-01-01T00:00:00Z","log.syslog.priority":14,"log.syslog.facility.code":1,"log.syslog.severity.code":6,"log.syslog.hostname":"h","log.syslog.appname":"app","message":"done in 5ms trace_id=` + trace + `","log.level":"info","trace.id":"` + trace + `"`},
		{"no text", `<14>Jan  1 00:00:00 h app:`,
			`"@timestamp":"2024-01-01T00:00:00Z","log.syslog.priority":14,"log.syslog.facility.code":1,"log.syslog.severity.code":6,"log.syslog.hostname":"h","log.syslog.appname":"app","message":"","log.level":"info"`},
		{"no time", `<14>app: no time`,
			`~,"message":"<14>app: no time","event.kind":"pipeline_error","error.message":"syslog: expected a time at byte 4"`},
		{"no priority above 191", `<192>Jan  1 00:00:00 h app: x`,
			`"@timestamp":"2024-01-01T00:00:00Z","message":"<192>Jan  1 00:00:00 h app: x","event.kind":"pipeline_error","error.message":"syslog: expected a priority from <0> to <191> at byte 0"`},
		{"no leading zero", `<014>Jan  1 00:00:00 h app: x`,
			`"@timestamp":"2024-01-01T00:00:00Z","message":"<014>Jan  1 00:00:00 h app: x","event.kind":"pipeline_error","error.message":"syslog: expected a priority from <0> to <191> at byte 0"`},
		{"plain text", `not much of a syslog message`,
			`~,"message":"not much of a syslog message","event.kind":"pipeline_error","error.message":"syslog: expected a time at byte 0"`},
	})
}

func TestSyslog5424Documents(t *testing.T) {
	checkDocuments(t, parse.Config{Format: []string{"syslog"}, Timestamp: inMarch2024}, []documentCase{
		{"all of it", `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog 12 ID47 [exampleSDID@32473 iut="3" eventSource="Application"][x@1 y="z"] An application event`,
			`"@timestamp":"2003-10-11T22:14:15.003Z","log.syslog.priority":165,"log.syslog.facility.code":20,"log.syslog.severity.code":5,"log.syslog.version":"1","log.syslog.hostname":"mymachine.example.com","log.syslog.appname":"evntslog","log.syslog.procid":"12","log.syslog.msgid":"ID47","log.syslog.structured_data.exampleSDID@32473.iut":"3","log.syslog.structured_data.exampleSDID@32473.eventSource":"Application","log.syslog.structured_data.x@1.y":"z","message":"An application event","log.level":"notice"`},
		{"nil values", `<0>1 - - - - - -`,
			`~,"log.syslog.priority":0,"log.syslog.facility.code":0,"log.syslog.severity.code":0,"log.syslog.version":"1","log.level":"emergency"`},
		{"an empty message", `<1>1 - h a p m - `,
			`~,"log.syslog.priority":1,"log.syslog.facility.code":0,"log.syslog.severity.code":1,"log.syslog.version":"1","log.syslog.hostname":"h","log.syslog.appname":"a","log.syslog.procid":"p","log.syslog.msgid":"m","message":"","log.level":"alert"`},
		{"a byte order mark", "<34>999 2003-10-11T22:14:15-07:00 h su - ID47 - \ufeff'su root' failed",
			`"@timestamp":"2003-10-12T05:14:15Z","log.syslog.priority":34,"log.syslog.facility.code":4,"log.syslog.severity.code":2,"log.syslog.version":"999","log.syslog.hostname":"h","log.syslog.appname":"su","log.syslog.msgid":"ID47","message":"'su root' failed","log.level":"critical"`},
		{"escapes", `<29>1 2016-01-15T01:00:43Z h a - - [m x="\]\"\\\n" u="é"] text`,
			`"@timestamp":"2016-01-15T01:00:43Z","log.syslog.priority":29,"log.syslog.facility.code":3,"log.syslog.severity.code":5,"log.syslog.version":"1","log.syslog.hostname":"h","log.syslog.appname":"a","log.syslog.structured_data.m.x":"]\"\\\\n","log.syslog.structured_data.m.u":"é","message":"text","log.level":"notice"`},
		{"a parameter twice", `<29>1 2016-01-15T01:00:43Z h a - - [origin ip="1" ip="2"]`,
			`"@timestamp":"2016-01-15T01:00:43Z","log.syslog.priority":29,"log.syslog.facility.code":3,"log.syslog.severity.code":5,"log.syslog.version":"1","log.syslog.hostname":"h","log.syslog.appname":"a","log.syslog.structured_data.origin.ip":"2","log.level":"notice"`},
		{"a name to be escaped", `<29>1 2016-01-15T01:00:43Z h a - - [a\b c="1"]`,
			`"@timestamp":"2016-01-15T01:00:43Z","log.syslog.priority":29,"log.syslog.facility.code":3,"log.syslog.severity.code":5,"log.syslog.version":"1","log.syslog.hostname":"h","log.syslog.appname":"a","log.syslog.structured_data.a\\b.c":"1","log.level":"notice"`},
		{"an offset of nearly a day", `<191>1 2018-12-31T23:59:59.999999-23:59 - - - - -`,
			`"@timestamp":"2019-01-01T23:58:59.999999Z","log.syslog.priority":191,"log.syslog.facility.code":23,"log.syslog.severity.code":7,"log.syslog.version":"1","log.level":"debug"`},
		{"ids in the structured data", `<29>1 2016-01-15T01:00:43Z h a - - [ctx trace_id="` + trace + `" span_id="` + span + `"] x`,
			`"@timestamp":"2016-01-15T01:00:43Z","log.syslog.priority":29,"log.syslog.facility.code":3,"log.syslog.severity.code":5,"log.syslog.version":"1","log.syslog.hostname":"h","log.syslog.appname":"a","log.syslog.structured_data.ctx.trace_id":"` + trace + `","log.syslog.structured_data.ctx.span_id":"` + span + `","message":"x","log.level":"notice","trace.id":"` + trace + `","span.id":"` + span + `"`},
		{"too many decimals", `<1>1 2003-09-29T22:09:01.0000000Z - - - - -`,
			`~,"message":"<1>1 2003-09-29T22:09:01.0000000Z - - - - -","event.kind":"pipeline_error","error.message":"syslog: expected a time of RFC 5424 at byte 5"`},
		{"no such day", `<1>1 2003-09-31T22:14:16Z - - - - -`,
			`~,"message":"<1>1 2003-09-31T22:14:16Z - - - - -","event.kind":"pipeline_error","error.message":"syslog: expected a time of RFC 5424 at byte 5"`},
		{"a leap second", `<1>1 2003-06-30T23:59:60Z - - - - -`,
			`~,"message":"<1>1 2003-06-30T23:59:60Z - - - - -","event.kind":"pipeline_error","error.message":"syslog: expected a time of RFC 5424 at byte 5"`},
		{"a version of 0", `<1>0 2003-06-30T23:59:59Z - - - - -`,
			`~,"message":"<1>0 2003-06-30T23:59:59Z - - - - -","event.kind":"pipeline_error","error.message":"syslog: expected a time at byte 3"`},
		{"a line end in the host", "<1>1 - ho\nst - - - -",
			`~,"message":"<1>1 - ho\nst - - - -","event.kind":"pipeline_error","error.message":"syslog: expected a host of at most 255 printable letters at byte 7"`},
		{"an element twice", `<1>1 - - - - - [a][a]`,
			`~,"message":"<1>1 - - - - - [a][a]","event.kind":"pipeline_error","error.message":"syslog: the element is there twice at byte 19"`},
		{"an unescaped bracket", `<1>1 - - - - - [a b="]"] x`,
			`~,"message":"<1>1 - - - - - [a b=\"]\"] x","event.kind":"pipeline_error","error.message":"syslog: expected \\ before ] at byte 21"`},
		{"an element without a name", `<1>1 - - - - - []`,
			`~,"message":"<1>1 - - - - - []","event.kind":"pipeline_error","error.message":"syslog: expected the name of an element of at most 32 letters at byte 16"`},
		{"no structured data", `<1>1 - h a p m text`,
			`~,"message":"<1>1 - h a p m text","event.kind":"pipeline_error","error.message":"syslog: expected structured data or - at byte 15"`},
		{"no blank behind it", `<1>1 - h a p m -text`,
			`~,"message":"<1>1 - h a p m -text","event.kind":"pipeline_error","error.message":"syslog: expected a blank behind the structured data at byte 16"`},
		{"a long name", `<1>1 - h a p m [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b="c"]`,
			`~,"message":"<1>1 - h a p m [aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b=\"c\"]","event.kind":"pipeline_error","error.message":"syslog: expected the name of an element of at most 32 letters at byte 16"`},
		{"too many elements", "<1>1 - - - - - [a]" + elements(64),
			`~,"message":"<1>1 - - - - - [a]` + elements(64) + `","event.kind":"pipeline_error","error.message":"syslog: too many elements at byte 460"`},
	})
}

func elements(n int) string {
	var all strings.Builder
	for i := range n {
		all.WriteString("[e" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + "xx]")
	}
	return all.String()
}

// TestSyslogInAuto sees what of lines with a time in front is a daemon's, and what a program wrote itself.
func TestSyslogInAuto(t *testing.T) {
	d := newDocuments(t, parse.Config{Timestamp: inMarch2024})
	for _, c := range []struct {
		line   string
		syslog bool
	}{
		{`<34>Oct 11 22:14:15 mymachine su: x`, true},
		{`<34>Oct 11 22:14:15 x`, true},
		{`<165>1 2003-10-11T22:14:15.003Z h a p m - x`, true},
		{`Oct 11 22:14:15 mymachine su: x`, true},
		{`Oct 11 22:14:15 mymachine su[1] x`, true},
		{`Oct 11 22:14:15 su[1]: x`, true},
		{`2018-08-14T14:30:02.203151+02:00 h systemd[1]: x`, true},
		{`2018-08-14T14:30:02.203151+02:00 h kernel: x`, true},
		{`2018-08-14T14:30:02.203151Z h kernel[1]: x`, true},
		{`<1>1 text`, false},
		{`<b>bold</b> and more of it`, false},
		{`Oct 11 22:14:15 ERROR main: x`, false},
		{`Oct 11 22:14:15 main ERROR: x`, false},
		{`Oct 11 22:14:15 Server started without: x`, false},
		{`Oct 11 22:14:15 su[main]: x`, false},
		{`October was a fine month, wasn't it?`, false},
		{`2018-08-14T14:30:02.203151Z main server: x`, false},
		{`2018-08-14T14:30:02.203151Z INFO server: x`, false},
		{`2018-08-14 14:30:02 h kernel: x`, false},
	} {
		if doc := string(d.append(nil, []byte(c.line))); strings.Contains(doc, `"log.syslog.`) != c.syslog {
			t.Errorf("%s\n%s", c.line, doc)
		}
	}
	checkDocuments(t, parse.Config{Timestamp: inMarch2024}, []documentCase{
		{"JSON inside", `<14>Jan  1 00:00:00 h app[1]: {"level":"error","msg":"m","time":"2023-12-31T23:59:59Z"}`,
			`"@timestamp":"2023-12-31T23:59:59Z","log.syslog.priority":14,"log.syslog.facility.code":1,"log.syslog.severity.code":6,"log.syslog.hostname":"h","log.syslog.appname":"app","log.syslog.procid":"1","message":"m","log.level":"error"`},
	})
}
