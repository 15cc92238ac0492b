package page

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// slowBank writes the log of 20 minutes of a shop whose bank became slow, and fails now and then, ten minutes ago.
func slowBank(t *testing.T, dir string) {
	t.Helper()
	at := time.Now().Add(-10 * time.Minute).Truncate(time.Second)
	var logs strings.Builder
	for i := -300; i < 300; i++ {
		begin, took, failed := at.Add(time.Duration(i)*2*time.Second), 20*time.Millisecond, false
		if i >= 0 {
			took, failed = 90*time.Millisecond, i%7 == 0
		}
		for n, service := range []string{"shop", "bank"} {
			line := map[string]any{"@timestamp": begin.Add(took + 5*time.Millisecond).UTC().Format(time.RFC3339Nano), "service.name": service, "host.name": service + "-1", "log.level": "info",
				"message": "done", "trace.id": fmt.Sprintf("%032x", 5000+i), "span.id": fmt.Sprintf("%015x%d", 5000+i, n+1), "event.duration": (took + time.Duration(1-n)*5*time.Millisecond).Nanoseconds(), "span.name": []string{"order", "charge"}[n]}
			if failed {
				line["log.level"], line["event.outcome"], line["message"] = "error", "failure", fmt.Sprintf("no answer for account %d", i)
			}
			if n == 1 {
				line["parent.id"] = fmt.Sprintf("%015x1", 5000+i)
			}
			data, err := json.Marshal(line)
			if err != nil {
				t.Fatal(err)
			}
			logs.Write(append(data, '\n'))
		}
	}
	// #nosec G306 -- nothing secret
	if err := os.WriteFile(filepath.Join(dir, "shop.log"), []byte(logs.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestFromTimeToCause: from errors over time, and from a service that is slow, to what changed, and from there to a trace.
func TestFromTimeToCause(t *testing.T) {
	dir := t.TempDir()
	slowBank(t, dir)
	b := open(t, run(t, dir, ""))
	b.size(1280, 1000, "light")
	for range 100 { // until all is read
		b.show("#/search?from=now-30m")
		if eval[bool](b, `document.querySelector(".found strong")?.textContent === "1,200"`) {
			break
		}
	}
	for _, way := range []string{"#/search?from=now-30m", "#/services?from=now-30m&service=shop"} {
		b.show(way)
		b.click(`a.why`)
		first := `document.querySelector("li.cause")`
		if text := eval[string](b, first+`.innerText`); !strings.Contains(text, "charge") || !strings.Contains(text, "takes longer by itself: 20ms → ") || !strings.Contains(text, "→ 90ms") || !strings.Contains(text, "on critical paths") {
			t.Errorf("from %s, first is: %s", way, text)
		}
		if kind := eval[string](b, first+`.dataset.kind`); kind != "slow" {
			t.Errorf("from %s, first is: %s", way, kind)
		}
		b.accessible("why, " + way)
		b.picture("why-light")
	}
	b.click(`li.cause .links a`)
	if at := eval[string](b, `location.hash`); !strings.Contains(at, "#/trace?id=") {
		t.Error(at)
	}
	b.show("#/search?from=now-30m")
	b.do(chromedp.Evaluate(`(() => { const s = document.querySelector(".histogram svg"), r = s.getBoundingClientRect();
		for (const type of ["pointerdown", "pointerup"])
			s.dispatchEvent(new PointerEvent(type, {clientX: r.left + 0.66 * r.width, clientY: r.top + 5, pointerId: 1, bubbles: true, shiftKey: true})); })()`, nil))
	b.mu.Lock()
	b.wrong = nil // a made-up pointer cannot be captured
	b.mu.Unlock()
	b.until(`location.hash.startsWith("#/why?at=")`)
	b.shown()
	b.clean("why")
}
