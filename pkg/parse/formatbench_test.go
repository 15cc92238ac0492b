package parse

import (
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

// BenchmarkFormats parses a usual line of each format, as its own and by auto.
func BenchmarkFormats(b *testing.B) {
	for _, c := range []struct{ format, line string }{
		{"cri", `2016-10-06T00:17:09.669794202Z stdout F the quick brown fox jumps over the lazy dog and runs away from it`},
		{"docker", `{"log":"the quick brown fox jumps over the lazy dog and runs away\n","stream":"stdout","time":"2021-02-01T16:45:03.01231Z"}`},
		{"syslog", `<34>Oct 11 22:14:15 mymachine sshd[2812]: Accepted publickey for vagrant from 10.0.2.2 port 63673 ssh2: RSA 39:33:99:e9`},
		{"syslog", `<165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3" eventSource="Application"] An application event log entry`},
		{"nginx", `85.181.35.98 - frank [10/Oct/2000:13:55:36 -0700] "GET /apache_pb.gif?size=12 HTTP/1.1" 200 2326 "http://www.example.com/start.html" "Mozilla/5.0 (Windows NT 6.1) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0.3626.119 Safari/537.36"`},
		{"nginx", `2025/01/03 16:41:26 [error] 31#31: *3 open() "/usr/share/nginx/html/favicon.ico" failed (2: No such file or directory), client: 172.24.0.2, server: localhost, request: "GET /favicon.ico HTTP/1.1", host: "localhost:4080"`},
		{"apache", `[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187:24259] AH00128: File does not exist: /usr/local/apache2/htdocs/favicon.ico`},
	} {
		for _, format := range []string{c.format, "auto"} {
			b.Run(format+"/"+c.line[:12], func(b *testing.B) {
				p, err := New(Config{Format: []string{format}})
				if err != nil {
					b.Fatal(err)
				}
				ev := event.Event{Raw: []byte(c.line)}
				b.SetBytes(int64(len(c.line)))
				for b.Loop() {
					p.Parse(&ev)
				}
				if ev.Failure != nil || len(ev.Fields) == 0 {
					b.Fatalf("%s", ev.Failure)
				}
			})
		}
	}
}
