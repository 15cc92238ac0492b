package page

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// corpus is what must not become anything else than text, wherever it stands.
var corpus = []string{
	`<script>window.pwned=1</script>`, `"><script>window.pwned=1</script>`, `</script><script>window.pwned=1</script>`, `<img src=x onerror=window.pwned=1>`,
	`<svg onload=window.pwned=1>`, `<svg><script>window.pwned=1</script></svg>`, `<iframe srcdoc="<script>parent.pwned=1</script>">`, `<a href="javascript:window.pwned=1">x</a>`,
	`javascript:window.pwned=1`, `' onmouseover='window.pwned=1`, `" autofocus onfocus="window.pwned=1`, `<style>*{background:url(http://evil.example/)}</style>`,
	`<link rel=stylesheet href=http://evil.example/x.css>`, `<base href=http://evil.example/>`, `<meta http-equiv=refresh content="0;url=http://evil.example/">`,
	`<form action=http://evil.example/><button autofocus>`, `<math><mtext></p><img src=x onerror=window.pwned=1>`, `<!--><img src=x onerror=window.pwned=1>-->`,
	`${window.pwned=1}`, `{{constructor.constructor('window.pwned=1')()}}`, `<template><img src=x onerror=window.pwned=1></template>`, "\u2028window.pwned=1\u2029", `%3Cscript%3Ewindow.pwned=1%3C/script%3E`,
	`__proto__`, `constructor`, `toString`, `#/search?q=x`, `] or log.level:*`, `" or *:* or "`, `\`, `\"`, `*`, `data:text/html,<script>window.pwned=1</script>`,
	"data: {\"hits\":[]}\n\nevent: pwned", "a\r\nSet-Cookie: pwned=1", "\u202egnp.exe", "\x1b[31mred", strings.Repeat("<b>", 200), strings.Repeat("A", 5000),
}

// hostile runs an agent whose logs are full of the corpus, in names and values of every kind, and returns where its page is.
func hostile(t *testing.T, token string) (base string) {
	t.Helper()
	dir := t.TempDir()
	var logs strings.Builder
	for i, text := range corpus {
		trace := fmt.Sprintf("%032x", 0xabc000+i)
		for n, span := range []string{fmt.Sprintf("%016x", 0x100+i), fmt.Sprintf("%016x", 0x900+i)} {
			line := map[string]any{"@timestamp": time.Now().Add(-time.Duration(i) * time.Second).UTC().Format(time.RFC3339Nano), "message": text, "service.name": fmt.Sprint(text, n),
				"log.level": text, "trace.id": trace, "span.id": span, "event.duration": 1e6 * (5 - n), "host.name": text, "error.message": text, "error.type": text, "http.request.method": text,
				"url.path": text, "event.outcome": []string{"failure", text}[n], "labels": map[string]any{text: text}, "span.name": text, "peer.service": text, text: text}
			if n == 1 {
				line["parent.id"] = fmt.Sprintf("%016x", 0x100+i)
			}
			data, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			logs.Write(append(data, '\n'))
		}
	}
	// #nosec G306 -- nothing secret
	if err := os.WriteFile(filepath.Join(dir, "<img src=x onerror=window.pwned=1>.log"), []byte(logs.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return run(t, dir, token)
}

// run starts an agent that ships every log of a folder into its store.
func run(t *testing.T, dir, token string) (base string) {
	t.Helper()
	path := filepath.Join(dir, "tailspan.yaml")
	text := fmt.Sprintf("data_dir: data\nhttp: {listen: \"127.0.0.1:0\", token: %q}\npipelines:\n- {name: hostile, paths: [\"*.log\"], format: json}\noutput: {local: {}}\n", token)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return agent(t, path)
}

// agent runs one until the test ends, and returns where its page is.
func agent(t *testing.T, path string) (base string) {
	t.Helper()
	cmd := exec.Command(binary, "run", "--config", path)
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found, drained := make(chan string, 1), make(chan struct{})
	go func() {
		defer close(drained)
		address := regexp.MustCompile(`msg=listening address=(\S+)`)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := address.FindStringSubmatch(lines.Text()); m != nil {
				found <- "http://" + m[1]
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		_ = cmd.Wait()
	})
	select {
	case base = <-found:
	case <-drained:
		t.Fatal("the agent ended")
	case <-time.After(20 * time.Second):
		t.Fatal("the agent does not listen")
	}
	return base
}

// TestHostileLines: whatever lines say is text in every view.
func TestHostileLines(t *testing.T) {
	base := hostile(t, "")
	b := open(t, base)
	b.size(1280, 1000, "light")
	b.show("#/search?from=now-1h")
	for range 100 {
		if eval[int](b, `document.querySelectorAll("li.line").length`) >= 2*len(corpus) {
			break
		}
		b.show("#/search?from=now-1h")
	}
	if n := eval[int](b, `document.querySelectorAll("li.line").length`); n < 2*len(corpus) {
		t.Fatalf("%d of %d lines", n, 2*len(corpus))
	}
	check := func(where string) {
		t.Helper()
		if eval[bool](b, `"pwned" in window || document.querySelectorAll("main script, main img, main iframe, main style, main link, main base, main meta, main form[action], main [onerror], main [onload], main [onfocus]").length > 0 ||
			[...document.querySelectorAll("main a")].some(a => !(a.getAttribute("href") ?? "").startsWith("#"))`) {
			t.Errorf("%s: a line became something else than text", where)
		}
		b.clean(where)
	}
	openAll := `document.querySelectorAll(".toggle[aria-expanded=false]").forEach(e => e.click())`
	eval[any](b, openAll)
	check("search")
	b.show("#/live")
	eval[any](b, openAll)
	check("live")
	for _, view := range []string{"#/traces?from=now-1h", "#/traces?from=now-1h&failed=true", "#/services?from=now-1h", "#/map?from=now-1h", "#/why?at=now-20s&window=1m", "#/why?at=now-40s&window=1h", "#/files", "#/health"} {
		b.show(view)
		check(view)
	}
	for i, text := range corpus {
		for _, view := range []string{"#/services?from=now-1h&service=" + url.QueryEscape(text+"0"), "#/traces?service=" + url.QueryEscape(text), "#/why?at=now-20s&window=1m&service=" + url.QueryEscape(text+"0")} {
			b.show(view)
			check(view)
		}
		b.show(fmt.Sprintf("#/trace?id=%x", 0xabc000+i))
		eval[any](b, openAll)
		check("trace of " + text)
	}
}

// TestHostileAddresses: what stands in an address is text as well.
func TestHostileAddresses(t *testing.T) {
	base := run(t, t.TempDir(), "")
	b := open(t, base)
	for _, text := range corpus {
		for _, view := range []string{"search?q=", "search?from=", "live?q=", "live?highlight=", "live?level=", "traces?service=", "trace?id=", "document?id=", "services?service=", "map?to=", "why?at=", "why?window=", "why?service=", ""} {
			b.do(chromedp.Navigate(base + "/#/" + view + url.QueryEscape(text)))
		}
		b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(base+"/#/search?q="+url.QueryEscape(text)), chromedp.WaitVisible("#q"))
		if eval[bool](b, `"pwned" in window`) {
			t.Errorf("%s was run", text)
		}
		b.mu.Lock()
		for _, wrong := range b.wrong {
			if !strings.Contains(wrong, "status of 4") { // of queries and ids that are none
				t.Errorf("%s: %s", text, wrong)
			}
		}
		b.wrong = nil
		b.mu.Unlock()
		b.clean(text)
	}
}

// TestRefused: who asks under another name, or for another site, gets nothing.
func TestRefused(t *testing.T) {
	base := run(t, t.TempDir(), "")
	for _, c := range []struct {
		method, path  string
		host          string
		header, value string
		want          int
	}{
		{"GET", "/", "", "", "", 200}, {"GET", "/api/about", "", "", "", 200}, {"GET", "/api/about", "localhost", "", "", 200},
		{"GET", "/", "evil.example", "", "", 421}, {"GET", "/api/documents", "evil.example", "", "", 421}, {"GET", "/api/live", "127.0.0.1.evil.example", "", "", 421},
		{"GET", "/api/documents", "", "Origin", "http://evil.example", 403}, {"GET", "/api/documents", "", "Origin", "null", 403}, {"GET", "/api/live", "", "Origin", "https://127.0.0.1.evil.example", 403},
		{"GET", "/api/documents", "", "Sec-Fetch-Site", "cross-site", 403}, {"GET", "/api/status", "", "Sec-Fetch-Site", "same-site", 403}, {"GET", "/api/documents", "", "Sec-Fetch-Site", "same-origin", 200},
		{"POST", "/api/documents", "", "", "", 404}, {"DELETE", "/", "", "", "", 405}, {"PUT", "/main.js", "", "", "", 405}, {"GET", "/", "", "Sec-Fetch-Site", "cross-site", 200},
	} {
		r, err := http.NewRequestWithContext(t.Context(), c.method, base+c.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = c.host
		if c.header != "" {
			r.Header.Set(c.header, c.value)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode != c.want {
			t.Errorf("%+v: %d", c, res.StatusCode)
		}
	}
}

// TestToken: without the token there is only a form; with it, the view that the address names.
func TestToken(t *testing.T) {
	base := run(t, t.TempDir(), "correct horse battery")
	b := open(t, base)
	b.do(chromedp.Navigate(base + "/#/health"))
	b.until(`document.querySelector("#token")`)
	b.accessible("login")
	b.do(chromedp.SendKeys("#token", "wrong\r"))
	b.until(`document.querySelector("#answer").textContent`)
	b.mu.Lock()
	b.wrong = nil // Chromium notes the answer of 401
	b.mu.Unlock()
	b.do(chromedp.Evaluate(`document.querySelector("#token").value = ""`, nil), chromedp.SendKeys("#token", "correct horse battery\r"))
	b.until(`document.getElementById("main")?.dataset.shown === "#/health"`)
	b.clean("with the token")
}
