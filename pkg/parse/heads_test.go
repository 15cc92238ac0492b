package parse_test

import (
	"bufio"
	"os"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse"
)

// headClock makes the year of lines without one known.
var headClock = parse.Config{Timestamp: parse.Timestamp{Now: "2026-01-02T00:00:00Z"}}

// headCase is a line, its document as documentCase has it, and the format that it belongs to.
type headCase struct{ format, line, want string }

// headCases reads testdata/heads.txt: behind `## FORMAT` stand lines, each with its document below.
func headCases(tb testing.TB) []headCase {
	tb.Helper()
	file, err := os.Open("testdata/heads.txt")
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	var cases []headCase
	format := ""
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		line := scanner.Text()
		if name, ok := strings.CutPrefix(line, "## "); ok {
			format = name
		} else if line != "" && scanner.Scan() {
			cases = append(cases, headCase{format, line, scanner.Text()})
		}
	}
	return cases
}

func TestHeads(t *testing.T) {
	cases := headCases(t)
	if len(cases) < 150 {
		t.Fatalf("only %d cases", len(cases))
	}
	parsers := map[string]*documents{}
	for _, c := range cases {
		for _, format := range []string{c.format, "auto"} {
			d := parsers[format]
			if d == nil {
				cfg := headClock
				cfg.Format = []string{format}
				d = newDocuments(t, cfg)
				parsers[format] = d
			}
			doc := d.append(nil, []byte(c.line))
			if problem := strictProblem(doc); problem != "" {
				t.Errorf("%s: %s\n%s", format, problem, doc)
			}
			if got := short.Replace(string(doc)); got != c.want {
				t.Errorf("%s: %s\n got %s\nwant %s", format, c.line, got, c.want)
			}
		}
	}
}

// TestHeadsOfEvents are events of several lines, and lines that have a head and nothing else.
func TestHeadsOfEvents(t *testing.T) {
	checkDocuments(t, headClock, []documentCase{
		{"a stack trace is the message", "2023-01-01 12:00:00,123 ERROR [main] com.acme.Foo - failed\njava.lang.RuntimeException: x\n\tat com.acme.Foo.run(Foo.java:12)",
			`"@timestamp":"2023-01-01T12:00:00.123Z","process.thread.name":"main","log.logger":"com.acme.Foo","message":"failed\njava.lang.RuntimeException: x\n\tat com.acme.Foo.run(Foo.java:12)","log.level":"error"`},
		{"java.util.logging", "Jan 01, 2023 1:02:03 PM com.acme.Main run\nSEVERE: failed",
			`"@timestamp":"2023-01-01T13:02:03Z","log.logger":"com.acme.Main","log.origin.function":"run","message":"failed","log.level":"severe"`},
		{".NET in two lines", "warn: Acme.Shop.Cart[7]\n      the cart is empty",
			`~,"log.logger":"Acme.Shop.Cart","event.code":7,"message":"the cart is empty","log.level":"warn"`},
		{"MySQL's slow query log", "# Time: 2023-01-01T12:00:00.123456Z\n# User@Host: app[app] @ localhost []  Id:     8\n# Query_time: 1.000283  Lock_time: 0.000003 Rows_sent: 1\nSELECT 1;",
			`"@timestamp":"2023-01-01T12:00:00.123456Z","user.name":"app","host.hostname":"localhost","process.thread.id":8,"message":"# Time: 2023-01-01T12:00:00.123456Z\n# User@Host: app[app] @ localhost []  Id:     8\n# Query_time: 1.000283  Lock_time: 0.000003 Rows_sent: 1\nSELECT 1;","event.duration":1000283000`},
		{"one line of it", "# Query_time: 0.5  Lock_time: 0.000003", `~,"message":"# Query_time: 0.5  Lock_time: 0.000003","event.duration":500000000`},
		{"another", "# User@Host: app[app] @  [10.0.0.1]  Id: 8", `~,"user.name":"app","source.address":"10.0.0.1","process.thread.id":8,"message":"# User@Host: app[app] @  [10.0.0.1]  Id: 8"`},
		{"nothing behind the head", "2023-01-01 12:00:00,123 ERROR [main] com.acme.Foo - ",
			`"@timestamp":"2023-01-01T12:00:00.123Z","process.thread.name":"main","log.logger":"com.acme.Foo","message":"2023-01-01 12:00:00,123 ERROR [main] com.acme.Foo - ","log.level":"error"`},
		{"blanks and line ends before it", "\n  I20210131 14:48:54.411655 15520 main.c++:9] Hello world!  \n",
			`"@timestamp":"2021-01-31T14:48:54.411655Z","process.thread.id":15520,"log.origin.file.name":"main.c++","log.origin.file.line":9,"message":"Hello world!  \n","log.level":"info"`},
		{"a number that is too long", "I20210131 14:48:54.411655 99999999999999999999999999999 main.c++:9] Hello",
			`"@timestamp":"2021-01-31T14:48:54.411655Z","message":"I20210131 14:48:54.411655 99999999999999999999999999999 main.c++:9] Hello","log.level":"info"`},
		{"running text behind a level in small letters", "2023-01-01 12:00:00 error while reading: x", `"@timestamp":"2023-01-01T12:00:00Z","message":"2023-01-01 12:00:00 error while reading: x","log.level":"error"`},
		{"a sentence is no logger", "2023-01-01 12:00:00 INFO Started: x", `"@timestamp":"2023-01-01T12:00:00Z","message":"Started: x","log.level":"info"`},
		{"no such day", "2023-02-30 12:00:00,123 ERROR [main] com.acme.Foo - x", `~,"message":"2023-02-30 12:00:00,123 ERROR [main] com.acme.Foo - x","log.level":"error"`},
	})
}

func TestHeadsFail(t *testing.T) {
	cfg := headClock
	cfg.Format = []string{"log4j"}
	checkDocuments(t, cfg, []documentCase{
		{"a line of a stack trace", "\tat com.acme.Foo.run(Foo.java:12)", `~,"message":"\tat com.acme.Foo.run(Foo.java:12)","event.kind":"pipeline_error","error.message":"log4j: the line does not begin as such lines do at byte 1"`},
		{"the middle is wrong", "2023-01-01 12:00:00,123 nothing", `"@timestamp":"2023-01-01T12:00:00.123Z","message":"2023-01-01 12:00:00,123 nothing","event.kind":"pipeline_error","error.message":"log4j: the line does not begin as such lines do at byte 31"`},
		{"empty", "", `~,"message":"","event.kind":"pipeline_error","error.message":"log4j: the line does not begin as such lines do at byte 0"`},
	})
}

// TestHeadsAndTheConfiguration: what is switched off stays in the document as a field, layouts of the user's are used.
func TestHeadsAndTheConfiguration(t *testing.T) {
	line := "01/02/2023 12:00:00 INFO [main] com.acme.Foo - took 5ms"
	rest := `"process.thread.name":"main","log.logger":"com.acme.Foo","message":"took 5ms","log.level":"info"`
	checkDocuments(t, parse.Config{Timestamp: parse.Timestamp{Mode: parse.Off}, Duration: parse.Duration{Mode: parse.Off}}, []documentCase{
		{"off", line, `~,"timestamp":"01/02/2023 12:00:00",` + rest}})
	checkDocuments(t, parse.Config{Timestamp: parse.Timestamp{Mode: parse.Field, Layouts: []string{"%d/%m/%Y %H:%M:%S"}, Timezone: "+01:00"}}, []documentCase{
		{"layouts", line, `"@timestamp":"2023-02-01T11:00:00Z",` + rest + `,"event.duration":5000000`}})
}

// TestAutoForgets holds auto to making the same document of a line whatever the line before was.
func TestAutoForgets(t *testing.T) {
	cases := append(headCases(t), headCase{line: "[Sun Dec 04 04:47:44 2005] [notice]",
		want: `{"@timestamp":"2005-12-04T04:47:44Z","message":"","log.level":"notice"}`})
	d := newDocuments(t, headClock)
	for _, c := range cases {
		for _, before := range cases {
			d.append(nil, []byte(before.line))
			if got := short.Replace(string(d.append(nil, []byte(c.line)))); got != c.want {
				t.Errorf("%s\nbehind %s\nis %s\nnot %s", c.line, before.line, got, c.want)
				break
			}
		}
	}
}

// FuzzHeads tries the heads of every format on a line: the document is valid JSON with the line's message in it, and does
// not depend on the line before.
func FuzzHeads(f *testing.F) {
	for _, c := range headCases(f) {
		f.Add(c.line, "x")
		f.Add(c.line, c.line)
	}
	var parsers []*documents
	for _, name := range []string{"auto", "glog", "postgres", "mysql", "redis", "mongodb", "log4j", "python", "ruby", "php", "dotnet", "go", "logcat"} {
		cfg := headClock
		cfg.Format = []string{name}
		parsers = append(parsers, newDocuments(f, cfg))
	}
	f.Fuzz(func(t *testing.T, line, before string) {
		for _, d := range parsers {
			first := string(d.append(nil, []byte(line)))
			if problem := strictProblem([]byte(first)); problem != "" {
				t.Errorf("%s\n%s", problem, first)
			}
			if d.ev.Message.Set && !d.ev.Original.Set && !strings.Contains(line, string(d.ev.Message.Bytes)) {
				t.Errorf("the message %q is no part of the line", d.ev.Message.Bytes)
			}
			d.append(nil, []byte(before))
			if again := string(d.append(nil, []byte(line))); again != first {
				t.Errorf("behind %q\n%s\nis %s", before, first, again)
			}
		}
	})
}
