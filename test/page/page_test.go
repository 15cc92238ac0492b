// Package page walks through the page of a running agent in a real browser.
package page

import (
	"bufio"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const binary = "../../bin/tailspan"

// demo runs tailspan demo until the test ends, and returns where its page is and its slowest trace.
func demo(t *testing.T) (base, trace string) {
	t.Helper()
	return demoIn(t, t.TempDir())
}

// demoIn does so below a folder.
func demoIn(t *testing.T, temporary string) (base, trace string) {
	t.Helper()
	cmd := exec.Command(binary, "demo", "--no-browser")
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("%v; build it first: make build", err)
	}
	began := time.Now()
	link := regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/#/trace\?id=([0-9a-f]{32})`)
	said := make(chan []string, 1)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := link.FindStringSubmatch(lines.Text()); m != nil {
				said <- m
			}
		}
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		<-drained
		if err := cmd.Wait(); err != nil {
			t.Errorf("the demo: %v", err)
		}
		if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
			t.Errorf("the demo left %v, %v", left, err)
		}
	})
	select {
	case m := <-said:
		t.Logf("the slowest trace is there after %v", time.Since(began).Round(10*time.Millisecond))
		return m[1], m[2]
	case <-drained:
		t.Fatal("the demo ended without a link")
	case <-time.After(15 * time.Second):
		t.Fatal("no trace within 15 s")
	}
	return "", ""
}

// view is an address of the page, and what must be read there.
type view struct{ name, address, has string }

// views are all of them.
func views(trace string) []view {
	return []view{
		{"search", "#/search?from=now-15m", "documents"}, {"live", "#/live", "orders"}, {"trace", "#/trace?id=" + trace, "Waited most for"},
		{"traces", "#/traces", "POST /orders/{id}"}, {"services", "#/services?service=payments", "How long it took"}, {"map", "#/map", "What traces waited for"}, {"why", "#/why?at=now-1m&window=1m", "What changed at"},
		{"findings", "#/findings", "not over"}, {"files", "#/files", "payments.log"}, {"health", "#/health", "the reading loop turns"},
	}
}

// TestViews shows every view, dark and light, wide and narrow; each does without errors and without any other server, and nothing
// serious keeps anybody from reading it.
func TestViews(t *testing.T) {
	base, trace := demo(t)
	b := open(t, base)
	views := views(trace)
	for _, theme := range []string{"light", "dark"} {
		b.size(1280, 800, theme)
		for _, v := range views {
			b.show(v.address)
			b.until(`document.getElementById("main").innerText.includes(` + quote(v.has) + `)`)
			b.accessible(v.name + " " + theme)
			b.clean(v.name)
			if theme == "light" || v.name == "search" || v.name == "trace" {
				b.picture(v.name + "-" + theme)
			}
		}
	}
	b.size(390, 800, "light")
	for _, v := range views {
		b.show(v.address)
		if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 390 {
			t.Errorf("%s is %d wide on a phone of 390", v.name, wide)
		}
		b.accessible(v.name + " phone")
		if v.name == "search" {
			b.picture(v.name + "-phone")
		}
	}
	b.clean("phone")
}

// TestFromServiceToLine follows a failure to the line that tells of it, as somebody would who does not know where it is.
func TestFromServiceToLine(t *testing.T) {
	base, _ := demo(t)
	fromServiceToLine(t, open(t, base))
}

func fromServiceToLine(t *testing.T, b *browser) {
	t.Helper()
	b.size(1280, 800, "light")
	b.show("#/services")
	b.click(`a.failed-traces`)
	if at := eval[string](b, `location.hash`); !strings.Contains(at, "failed=true") {
		t.Fatal(at)
	}
	b.click(`table.traces a`)
	if !strings.Contains(b.text(".facts"), "the card was refused") {
		t.Errorf("the trace does not say why it failed: %s", b.text(".facts"))
	}
	b.click(`.details .to-line`)
	if text := b.text("main"); !strings.Contains(text, "the card was refused") || !strings.Contains(text, "log.file.path") {
		t.Errorf("not the line: %s", text)
	}
	b.click(`main .links a`) // back to the trace
	b.click(`main .links a`) // all lines of it
	if n := eval[int](b, `document.querySelectorAll("li.line").length`); n < 5 {
		t.Errorf("%d lines of the trace", n)
	}
	b.clean("the way")
}

// TestFromFindingToLine: what the demo does wrong is found within a minute of its start, and leads to a trace, and from there to the line; the
// sample lines lead to their documents.
func TestFromFindingToLine(t *testing.T) {
	began := time.Now()
	base, _ := demo(t)
	b := open(t, base)
	b.size(1280, 800, "light")
	b.show("#/findings")
	b.until(`document.querySelectorAll("li.alert").length > 0 && document.querySelector("main").innerText.includes("p99 of the durations")`)
	if took := time.Since(began); took > time.Minute {
		t.Errorf("the finding was there after %v", took)
	} else {
		t.Logf("the finding is there after %v", took.Round(10*time.Millisecond))
	}
	b.do(chromedp.Evaluate(`document.querySelector("li.alert .toggle").click()`, nil))
	b.until(`[...document.querySelectorAll("li.alert .measures")].some((m) => m.checkVisibility())`)
	b.accessible("finding")
	b.picture("finding-light")
	b.click(`li.alert .evidence:not([hidden]) .to-line`)
	if text := b.text("main"); !strings.Contains(text, "log.file.path") {
		t.Errorf("not the line: %s", text)
	}
	b.show("#/findings")
	b.click(`li.alert a.to-trace`)
	if at := eval[string](b, `location.hash`); !strings.Contains(at, "#/trace?id=") {
		t.Fatal(at)
	}
	b.do(chromedp.Click(`main .toggle`))
	b.click(`.details .to-line`)
	if text := b.text("main"); !strings.Contains(text, "log.file.path") {
		t.Errorf("not the line: %s", text)
	}
	b.clean("the way from a finding")
}

// TestSearch: errors at their place, filters by clicking, pages, ranges of time, keys.
func TestSearch(t *testing.T) {
	base, _ := demo(t)
	b := open(t, base)
	b.size(1280, 800, "light")
	b.show("#/search?q=log.level:error+and+%28")
	if text := b.text(".query-error"); !strings.Contains(text, "at 17") && !strings.Contains(text, "at 21") && !strings.Contains(text, "missing") && !strings.Contains(text, "closed") {
		t.Errorf("what is wrong with the query is not said: %q", text)
	}
	b.mu.Lock()
	b.wrong = nil // Chromium notes every answer of 400
	b.mu.Unlock()

	b.show("#/search")
	all := eval[int](b, `parseInt(document.querySelector(".found strong").textContent.replace(/\D/g, ""))`)
	b.do(chromedp.Click(".more button"))
	b.until(`document.querySelectorAll("li.line").length === 200`)
	if text := b.text("main"); !strings.Contains(text, "SELECT stock finish") || strings.Contains(text, ": false") {
		t.Errorf("lines of OpenTracing records, and of flags: %s", text)
	}
	b.do(chromedp.KeyEvent("/"))
	b.until(`document.activeElement.id === "q"`)
	b.do(chromedp.Evaluate(`document.activeElement.value = "log.level:error"`, nil), chromedp.KeyEvent(kb.Enter)) // the slash would be typed by this driver, not by a keyboard
	b.until(`location.hash.includes("log.level")`)
	b.shown()
	few := eval[int](b, `parseInt(document.querySelector(".found strong").textContent.replace(/\D/g, ""))`)
	if few == 0 || few >= all {
		t.Errorf("%d of %d are errors: %s", few, all, eval[string](b, `location.hash`))
	}
	b.do(chromedp.KeyEvent(kb.Escape), chromedp.Evaluate(`document.activeElement.blur()`, nil), chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelectorAll(".fields").length === 1`)
	b.picture("fields-light")
	b.do(chromedp.Click(`button[aria-label="Frequent values of service.name"]`), chromedp.WaitVisible(".top"))
	b.click(`button[aria-label="Only without this service.name"]`)
	if at := eval[string](b, `decodeURIComponent(location.hash)`); !strings.Contains(at, "not+service.name:") {
		t.Error(at)
	}
	b.do(chromedp.Evaluate(`(() => { const s = document.querySelector(".histogram svg"), r = s.getBoundingClientRect();
		for (const [type, x] of [["pointerdown", 0.5], ["pointermove", 0.9], ["pointerup", 0.9]])
			s.dispatchEvent(new PointerEvent(type, {clientX: r.left + x * r.width, clientY: r.top + 5, pointerId: 1, bubbles: true})); })()`, nil))
	b.mu.Lock()
	b.wrong = nil // a made-up pointer cannot be captured
	b.mu.Unlock()
	b.until(`location.hash.includes("to=2")`)
	b.shown()
	b.clean("search")
}

// TestLive: documents come, wait while paused, and can be told apart.
func TestLive(t *testing.T) {
	base, _ := demo(t)
	b := open(t, base)
	b.show("#/live")
	b.until(`document.querySelectorAll("li.line").length > 40`) // 30 were there before
	b.do(chromedp.KeyEvent("p"))
	b.until(`/waiting/.test(document.querySelector(".said").textContent)`)
	before := eval[int](b, `document.querySelectorAll("li.line").length`)
	b.do(chromedp.Sleep(time.Second))
	if now := eval[int](b, `document.querySelectorAll("li.line").length`); now != before {
		t.Errorf("%d lines became %d while paused", before, now)
	}
	b.do(chromedp.SendKeys(`input[aria-label=Highlight]`, "ORDER"))
	b.until(`document.querySelectorAll("li.line mark").length > 0`)
	b.do(chromedp.Click(`.tools button`))
	b.until(`document.querySelectorAll("li.line").length > ` + quoteNumber(before))
	b.do(chromedp.SetValue(`select[aria-label="Least level"]`, "warn"), chromedp.Evaluate(`document.querySelector('select[aria-label="Least level"]').dispatchEvent(new Event("change"))`, nil))
	if seen := eval[int](b, `[...document.querySelectorAll('li.line[data-level=info]')].filter(e => e.offsetHeight).length`); seen != 0 {
		t.Errorf("%d lines of the level info are still seen", seen)
	}
	b.clean("live")
}
