package page

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/live"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/trace"
)

// fake is an agent with a source, which remembers what it was asked.
type fake struct {
	asked  search.Request
	reader error // why there is no source
	fails  error // what the source says beside its answers
	hub    live.Hub
}

func (*fake) Ready() error               { return errors.New("not yet") }
func (*fake) Turn(context.Context) error { return nil }
func (*fake) Status() status.Status {
	return status.Status{Files: []status.File{{Path: "/a", Lag: 1}, {Path: "/b", Lag: 2}}}
}
func (f *fake) Live() *live.Hub                { return &f.hub }
func (f *fake) Source() (search.Source, error) { return f, f.reader }
func (*fake) Name() string                     { return "local" }
func (*fake) Close() error                     { return nil }

const document = `{"@timestamp":"2026-11-22T12:00:00Z","message":"<b>","n":12345678901234567890,"tags":["a","b"]}`

func (f *fake) Search(_ context.Context, r search.Request) (search.Page, error) {
	f.asked = r
	return search.Page{Hits: []search.Hit{{ID: "x", Time: 1_763_812_800_000_000_001, Document: json.RawMessage(document)}}, Next: &search.Cursor{Time: 5, Path: "/a", Offset: 7, Host: "h"}}, f.fails
}

func (*fake) Histogram(_ context.Context, s search.Selection, step time.Duration) ([]search.Bar, error) {
	return []search.Bar{{From: s.From.Truncate(step), Count: 5, Levels: map[string]int64{"ERROR": 1, "error": 2, "": 2}}}, nil
}

func (*fake) Top(context.Context, search.Selection, string, int) (search.Top, error) {
	return search.Top{Values: []search.Count{{Value: "a", Count: 3}}, Others: 2}, nil
}

func (*fake) Document(_ context.Context, id string) (search.Hit, bool, error) {
	return search.Hit{ID: id, Document: json.RawMessage(document)}, id == "x", nil
}

func (*fake) Trace(context.Context, string) (*trace.Trace, error) { return nil, nil }

func (f *fake) Traces(context.Context, time.Time, time.Time) ([]*trace.Trace, bool, error) {
	return nil, false, f.fails
}

func (*fake) Services(_ context.Context, s search.Selection, step time.Duration) ([]search.Service, error) {
	return []search.Service{{Name: "shop", Points: []search.Point{{From: s.From, Count: 4, Errors: 1, Timed: 3, P50: 5}, {From: s.From.Add(step), Count: 2}}}}, nil
}

func handler(f *fake, listen, token string) http.Handler {
	return Handler(Config{Agent: f, Version: "test", Host: "web-1", Listen: listen, Token: token})
}

func get(t *testing.T, h http.Handler, address string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "http://127.0.0.1:8687"+address, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// TestAnswers: values checked by hand against fake.
func TestAnswers(t *testing.T) {
	h := handler(&fake{}, "127.0.0.1:8687", "")
	const hour = "&from=2026-11-22T11:00:00Z&to=2026-11-22T12:00:00Z"
	for _, c := range []struct {
		address string
		status  int
		has     string
	}{
		{"/api/about", 200, `{"version":"test","host":"web-1","source":"local"}`},
		{"/api/documents?q=" + hour, 200, `{"from":1795345200000,"to":1795348800000,"hits":[{"_id":"x","time":"2025-11-22T12:00:00.000000001Z","fields":[{"name":"@timestamp","value":"2026-11-22T12:00:00Z","text":true},` +
			`{"name":"message","value":"\u003cb\u003e","text":true},{"name":"n","value":"12345678901234567890","text":false},{"name":"tags","value":"a","text":true},{"name":"tags","value":"b","text":true}]}],"next":"`},
		{"/api/documents?q=a+and", 400, `,"offset":5}`},
		{"/api/documents?q=%C3%A4+and+%29", 400, `"offset":7}`},
		{"/api/documents?limit=1001", 400, `limit must be a number from 1 to 1000`},
		{"/api/documents?after=!", 400, `after is not what an answer had as next`},
		{"/api/documents?from=yesterday", 400, `from is no time`},
		{"/api/documents?from=now&to=now-1h", 400, `from is not before to`},
		{"/api/histogram?columns=60" + hour, 200, `"step":60000,"count":5,"bars":[{"from":1795345200000,"count":5,"levels":{"":2,"error":3}}]`},
		{"/api/top?field=a", 200, `{"values":[{"value":"a","count":3}],"others":2,"missing":0}`},
		{"/api/top", 400, `field is missing`},
		{"/api/document?id=x", 200, `"_source":{"@timestamp":"2026-11-22T12:00:00Z","message":"\u003cb\u003e","n":12345678901234567890,"tags":["a","b"]}`},
		{"/api/document?id=y", 404, `there is no such document`},
		{"/api/trace?id=zz", 400, `id is no trace id`},
		{"/api/trace?id=4bf9", 404, `no line names this trace`},
		{"/api/traces?order=slow", 200, `"warning":"there are more traces than can be held; choose a shorter range of time"`},
		{"/api/map?", 200, `"calls":[]`},
		{"/api/services?columns=60" + hour, 200, `[{"name":"shop","count":6,"errors":1,"timed":3,"at":[1795345200000,1795345260000],"counts":[4,2],"failed":[1,0],"p50_ns":[5,0],"p95_ns":[0,0],"p99_ns":[0,0]}]`},
		{"/api/why?at=2026-11-22T12:00:00Z&service=shop", 200, `{"at":"2026-11-22T12:00:00Z","from":"2026-11-22T11:45:00Z","split":"2026-11-22T12:00:00Z","to":"2026-11-22T12:15:00Z","service":"shop",` +
			`"documents":{"before":0,"after":150},"traces":{"before":{"count":0,"failed":0,"p50_ns":0,"p95_ns":0},"after":{"count":0,"failed":0,"p50_ns":0,"p95_ns":0}},"causes":[],"alerts":[],"warnings":["there are more than`},
		{"/api/why?window=1h", 200, `"causes":[]`},
		{"/api/why?window=0s", 400, `window must be a duration from 1s to 31d`},
		{"/api/why?at=then", 400, `at is no time`},
		{"/api/status", 200, `"ready":"not yet","turns":""`},
		{"/api/nothing", 404, `there is no such question`},
		{"/api/live?q=(", 400, `"offset":`},
		{"/nothing", 404, ""},
	} {
		w := get(t, h, c.address)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
			t.Errorf("%s: %d %s", c.address, w.Code, w.Body)
		}
		if strings.HasPrefix(c.address, "/api/") && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: no JSON", c.address)
		}
	}
}

// TestNextPage: what an answer has as next leads to the place behind it.
func TestNextPage(t *testing.T) {
	f := &fake{}
	h := handler(f, "127.0.0.1:8687", "")
	var first struct{ Next string }
	if err := json.Unmarshal(get(t, h, "/api/documents").Body.Bytes(), &first); err != nil {
		t.Fatal(err)
	}
	get(t, h, "/api/documents?limit=7&after="+url.QueryEscape(first.Next))
	if f.asked.Limit != 7 || f.asked.After == nil || *f.asked.After != (search.Cursor{Time: 5, Path: "/a", Offset: 7, Host: "h"}) {
		t.Errorf("%+v %+v", f.asked, f.asked.After)
	}
}

// TestErrors: an answer with an error is an answer with a warning; an error alone says why there is none.
func TestErrors(t *testing.T) {
	f := &fake{fails: errors.New("a day cannot be read")}
	h := handler(f, "127.0.0.1:8687", "")
	if w := get(t, h, "/api/documents"); w.Code != 200 || !strings.Contains(w.Body.String(), `"warning":"a day cannot be read"`) {
		t.Error(w.Code, w.Body)
	}
	if w := get(t, h, "/api/traces"); w.Code != 502 || !strings.Contains(w.Body.String(), "a day cannot be read") {
		t.Error(w.Code, w.Body)
	}
	if w := get(t, h, "/api/why"); w.Code != 502 || !strings.Contains(w.Body.String(), "a day cannot be read") {
		t.Error(w.Code, w.Body)
	}
	f.reader = errors.New("the configuration has neither")
	if w := get(t, h, "/api/documents"); w.Code != 404 || !strings.Contains(w.Body.String(), "neither") {
		t.Error(w.Code, w.Body)
	}
	if w := get(t, h, "/api/about"); w.Code != 200 || !strings.Contains(w.Body.String(), `"reason":"the configuration has neither"`) {
		t.Error(w.Code, w.Body)
	}
}

// TestOthersAreRefused: scripts of other sites get no answer; links from there may lead here.
func TestOthersAreRefused(t *testing.T) {
	h := handler(&fake{}, "127.0.0.1:8687", "")
	for _, c := range []struct {
		path, header, value string
		want                int
	}{
		{"/api/about", "Origin", "http://evil.example", 403}, {"/api/about", "Origin", "null", 403}, {"/api/about", "Origin", "http://127.0.0.1:8687", 200},
		{"/api/about", "Origin", "http://127.0.0.1:9999", 403}, {"/api/about", "Sec-Fetch-Site", "cross-site", 403}, {"/api/about", "Sec-Fetch-Site", "same-site", 403},
		{"/api/about", "Sec-Fetch-Site", "none", 200}, {"/api/live", "Origin", "http://evil.example", 403}, {"/", "Sec-Fetch-Site", "cross-site", 200},
	} {
		if w := get(t, h, c.path, c.header, c.value); w.Code != c.want {
			t.Errorf("%+v: %d", c, w.Code)
		}
	}
	w := get(t, h, "/")
	for header, has := range map[string]string{"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
		if !strings.Contains(w.Header().Get(header), has) {
			t.Errorf("%s: %s", header, w.Header().Get(header))
		}
	}
}

// TestToken: beyond loopback nobody sees the page without one, and with one nobody who does not know it.
func TestToken(t *testing.T) {
	const token = "correct horse battery"
	for _, listen := range []string{":8687", "0.0.0.0:8687", "192.0.2.1:8687", "[::]:8687", "logs.example.com:8687"} {
		for _, path := range []string{"/", "/api/documents", "/main.js"} {
			if w := get(t, handler(&fake{}, listen, ""), path); w.Code != 403 || !strings.Contains(w.Body.String(), "http: {token: ...}") {
				t.Errorf("%s%s: %d %s", listen, path, w.Code, w.Body)
			}
		}
	}
	for _, listen := range []string{":8687", "127.0.0.1:8687"} {
		h := handler(&fake{}, listen, token)
		for _, c := range []struct {
			path, header, value string
			want                int
		}{
			{"/api/about", "", "", 401}, {"/api/about", "Authorization", "Bearer " + token, 200}, {"/api/about", "Authorization", "Bearer " + token + "x", 401},
			{"/api/about", "Authorization", token, 401}, {"/api/about", "Cookie", "tailspan=" + token, 401}, {"/main.js", "", "", 200}, {"/style.css", "", "", 200},
		} {
			w := get(t, h, c.path, c.header, c.value)
			if w.Code != c.want {
				t.Errorf("%s %+v: %d", listen, c, w.Code)
			}
			if c.path == "/main.js" && !strings.Contains(w.Body.String(), "<form") {
				t.Error("a file is shown to whom nobody knows")
			}
		}
		if w := post(t, h, "wrong", ""); w.Code != 401 || len(w.Result().Cookies()) > 0 {
			t.Errorf("%d %v", w.Code, w.Result().Cookies())
		}
		if w := post(t, h, token, "http://evil.example"); w.Code != 403 {
			t.Errorf("a login from another site: %d", w.Code)
		}
		w := post(t, h, token, "")
		cookies := w.Result().Cookies()
		if w.Code != 204 || len(cookies) != 1 || !cookies[0].HttpOnly || strings.Contains(cookies[0].Value, token) {
			t.Fatalf("%d %v", w.Code, cookies)
		}
		if w := get(t, h, "/api/about", "Cookie", "tailspan="+cookies[0].Value); w.Code != 200 {
			t.Errorf("the cookie does not do: %d", w.Code)
		}
	}
}

func post(t *testing.T, h http.Handler, token, origin string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "http://127.0.0.1:8687/login", strings.NewReader(url.Values{"token": {token}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", origin)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

var inline = regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style|\son[a-z]+=|\sstyle=|(?:src|href)="(?:https?:)?//`)

// TestFiles: nothing inline, nothing from elsewhere, no way from text to HTML.
func TestFiles(t *testing.T) {
	err := fs.WalkDir(embedded, "assets", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.Contains(path, "/vendor/") {
			return err
		}
		data, err := fs.ReadFile(embedded, path)
		text := string(data)
		if strings.HasSuffix(path, ".html") && inline.MatchString(text) {
			t.Errorf("%s has %q", path, inline.FindString(text))
		}
		for _, bad := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "https://", "cssText"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s has %s", path, bad)
			}
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// TestLive: a viewer is told of what there is, and of nothing that does not match.
func TestLive(t *testing.T) {
	f := &fake{}
	server := httptest.NewServer(handler(f, "127.0.0.1:0", ""))
	defer server.Close()
	res, err := http.Get(server.URL + "/api/live?q=message:b")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if got := res.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Error(got)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && lines.Text() != "retry: 2000" { // then it looks on
	}
	f.hub.Show(live.Document{ID: "1", JSON: json.RawMessage(`{"message":"a"}`)})
	f.hub.Show(live.Document{ID: "2", JSON: json.RawMessage(`{"message":"b","@timestamp":"2026-11-22T12:00:00Z"}`)})
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if want := `{"hits":[{"_id":"2","time":"2026-11-22T12:00:00Z","fields":[{"name":"@timestamp","value":"2026-11-22T12:00:00Z","text":true},{"name":"message","value":"b","text":true}]}],"missed":0}`; text != want {
				t.Error(text)
			}
			return
		}
	}
	t.Error("nothing came")
}

// TestLevelsOfFailures: what format.js shows as an error, or as worse, is what counts as one in searches.
func TestLevelsOfFailures(t *testing.T) {
	script, err := fs.ReadFile(embedded, "assets/format.js")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, found := range regexp.MustCompile(`/\^\(([a-z|]+)\)\$/\.test\(w\)\) return '(?:fatal|error)'`).FindAllSubmatch(script, -1) {
		for word := range strings.SplitSeq(string(found[1]), "|") {
			words[word] = true
		}
	}
	asked, _, _ := strings.Cut(strings.TrimPrefix(event.FailureQuery, "log.level:("), ")")
	for word := range strings.SplitSeq(asked, " or ") {
		if !words[word] {
			t.Errorf("%s is no error in format.js", word)
		}
	}
}
