//go:build elasticsearch

package elasticsearch_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/test/elastictest"
	"github.com/tailspan/tailspan/test/free"
)

// nginxConfig has one server that passes requests on to an upstream and logs each of them twice. Its arguments are the
// folder for everything, the address to listen on, and the upstream's URL.
const nginxConfig = `daemon off;
pid %[1]s/nginx.pid;
error_log %[1]s/error.log;
events { worker_connections 64; }
http {
  log_format as_json escape=json '{"ts":$msec,"method":"$request_method","uri":"$request_uri","status":$status,'
    '"bytes":$body_bytes_sent,"request_time":$request_time,"traceparent":"$http_traceparent"}';
  log_format classic '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" rt=$request_time traceparent=$http_traceparent';
  access_log %[1]s/logs/access.json as_json;
  access_log %[1]s/logs/access.log classic;
  client_body_temp_path %[1]s/body;
  proxy_temp_path %[1]s/proxy;
  fastcgi_temp_path %[1]s/fastcgi;
  uwsgi_temp_path %[1]s/uwsgi;
  scgi_temp_path %[1]s/scgi;
  server {
    listen %[2]s;
    location / { proxy_pass %[3]s; }
  }
}
`

const classicPattern = `^(?P<source.ip>\S+) - (?P<user.name>\S+) \[(?P<time>[^\]]+)\] "(?P<http.request.method>\S+) (?P<url.original>\S+) ` +
	`HTTP/(?P<http.version>[^"]+)" (?P<http.response.status_code>\d+) (?P<http.response.body.bytes>\d+) "(?P<http.request.referrer>[^"]*)" ` +
	`"(?P<user_agent.original>[^"]*)" rt=(?P<request_time>\S+) traceparent=(?P<traceparent>\S+)$`

// TestNginx ships the access logs of a real nginx under load, in JSON and in its classic form, and compares every line
// with its document.
func TestNginx(t *testing.T) {
	bin := findNginx(t)
	s := newSetup(t, "access.json", "format: json", "")
	classic := s.dataset + "_classic"
	s.write(t, fmt.Sprintf("  - name: %s\n    paths: [%q]\n    format: json\n  - name: %s\n    paths: [%q]\n    format: regex\n    pattern: '%s'\n",
		s.dataset, filepath.Join(s.logs, "access.json"), classic, filepath.Join(s.logs, "access.log"), classicPattern), "")
	url, stop := startNginx(t, bin, filepath.Dir(s.logs))
	a := s.start(t)
	load(t, url)
	stop() // its logs are complete now
	lines := accessLog(t, filepath.Join(s.logs, "access.json"))
	eventually(t, patience, "as many documents as lines", func() (bool, any) {
		one, okOne := a.ledger(s.dataset)
		two, okTwo := a.ledger(classic)
		return okOne && okTwo && one.done() >= len(lines) && two.done() >= len(lines), []any{len(lines), one, two}
	})
	a.terminate(patience)
	s.wantNoDeadLetters(t)
	compareAccess(t, s.stream, lines, "uri")
	compareAccess(t, "logs-"+classic+"-default", classicLog(t, filepath.Join(s.logs, "access.log")), "url.original")
}

// findNginx looks where Debian puts it, which is not in everybody's PATH.
func findNginx(t *testing.T) string {
	t.Helper()
	bin, err := exec.LookPath("nginx")
	if err != nil {
		bin, err = exec.LookPath("/usr/sbin/nginx")
	}
	if err != nil {
		t.Skip("there is no nginx: install it (Debian: apt-get install nginx-light)")
	}
	return bin
}

// startNginx runs nginx below dir, before an upstream that takes up to some milliseconds. stop ends both in good order.
func startNginx(t *testing.T, bin, dir string) (url string, stop func()) {
	t.Helper()
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n, _ := strconv.Atoi(r.URL.Query().Get("n")); n%3 > 0 { // some answers take no measurable time
			time.Sleep(time.Duration(n%13) * time.Millisecond) // what is measured, not what is waited for
		}
		_, _ = fmt.Fprintln(w, "ok") // a client that went away is its own business
	}))
	t.Cleanup(upstream.Close)
	address := free.For(t)
	url = "http://" + address
	config := filepath.Join(dir, "nginx.conf")
	writeFile(t, config, fmt.Sprintf(nginxConfig, dir, address, upstream.URL))
	printed := new(output)
	cmd := exec.Command(bin, "-p", dir, "-c", config, "-e", filepath.Join(dir, "error.log"))
	cmd.Stderr = printed
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // how it ended stands in ProcessState
	}()
	t.Cleanup(func() {
		if err := cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		<-done
	})
	eventually(t, patience, "nginx listens", func() (bool, any) {
		res, err := scraper.Head(url + "/up?trace=none")
		if err == nil {
			err = res.Body.Close()
		}
		return err == nil, printed
	})
	return url, func() {
		if err := cmd.Process.Signal(syscall.SIGQUIT); err != nil {
			t.Fatal(err)
		}
		<-done
	}
}

// access is what a line of an access log says; time and duration are the figures of the line.
type access struct {
	uri, seconds string
	at           time.Time
}

// accessLog reads the log in JSON by its keys, without trusting a number to a float.
func accessLog(t *testing.T, path string) (lines []access) {
	t.Helper()
	for _, line := range readLines(t, path) {
		var l struct {
			TS   json.Number
			URI  string
			Time json.Number `json:"request_time"`
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			t.Fatal(err)
		}
		seconds, millis, _ := strings.Cut(l.TS.String(), ".")
		sec, _ := strconv.ParseInt(seconds, 10, 64) // a number, or else the comparison fails
		ms, _ := strconv.ParseInt(millis, 10, 64)
		lines = append(lines, access{l.URI, l.Time.String(), time.Unix(sec, ms*1e6)})
	}
	return lines
}

var classicLine = regexp.MustCompile(`\[([^\]]+)\] "\S+ (\S+) .* rt=(\S+) traceparent=`)

func classicLog(t *testing.T, path string) (lines []access) {
	t.Helper()
	for _, line := range readLines(t, path) {
		match := classicLine.FindStringSubmatch(line)
		if match == nil {
			t.Fatalf("nginx wrote another line than expected: %s", line)
		}
		at, err := time.Parse("02/Jan/2006:15:04:05 -0700", match[1])
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, access{match[2], match[3], at})
	}
	return lines
}

func readLines(t *testing.T, path string) []string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
}

var tracePath = regexp.MustCompile(`^/r/([0-9a-f]{32})\?`)

// compareAccess wants one document for each line, with the line's own time, duration and trace. Every uri but those that
// asked whether nginx is up is there once; name is the field it is in.
func compareAccess(t *testing.T, stream string, lines []access, name string) {
	t.Helper()
	wantCount(t, stream, len(lines))
	docs := map[string]map[string]any{}
	err := node.Each(stream, nil, func(hit elastictest.Hit) error {
		d, err := flat(hit.Source)
		if err == nil {
			docs[fmt.Sprint(d[name])] = d
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	compared, slow := 0, 0
	for _, line := range lines {
		trace := tracePath.FindStringSubmatch(line.uri)
		if trace == nil {
			continue
		}
		d := docs[line.uri]
		duration, _ := d["event.duration"].(float64) // below 2^53, so exact
		at, _ := d["@timestamp"].(string)
		if d == nil || duration != float64(nanoseconds(t, line.seconds)) || d["trace.id"] != trace[1] || !parseTime(t, at).Equal(line.at) {
			t.Fatalf("line %+v became %v", line, d)
		}
		compared++
		if duration > 0 {
			slow++
		}
	}
	t.Logf("%s: %d of %d lines had a trace, %d a duration above zero", stream, compared, len(lines), slow)
	if compared < 20 || slow == 0 {
		t.Error("that is too little to show anything")
	}
}

// nanoseconds is a decimal number of seconds, exactly.
func nanoseconds(t *testing.T, seconds string) int64 {
	t.Helper()
	whole, fraction, _ := strings.Cut(seconds, ".")
	n, err := strconv.ParseInt(whole+(fraction + "000000000")[:9], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
