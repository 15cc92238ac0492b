package page

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// browser is a tab of a real browser that remembers what went wrong in it.
type browser struct {
	t    *testing.T
	ctx  context.Context
	base string // of the agent

	mu      sync.Mutex
	wrong   []string // errors on the console, exceptions
	outside []string // requests to any other server
}

// open starts Chromium, or skips the test with the reason.
func open(t *testing.T, base string) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("there is no chromium; on Debian: apt-get install chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.Flag("no-sandbox", os.Getuid() == 0), chromedp.WindowSize(1280, 800),
		chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("lang", "en"))
	allocator, stop := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(stop)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	b := &browser{t: t, ctx: ctx, base: base}
	chromedp.ListenTarget(ctx, b.listen)
	b.do(network.Enable(), log.Enable(), page.Enable())
	return b
}

// listen takes down what the tab should not do.
func (b *browser) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err != nil || u.Scheme+"://"+u.Host != b.base && u.Scheme != "data" && u.Scheme != "blob" && u.Scheme != "about" {
			b.outside = append(b.outside, e.Request.URL)
		}
	case *runtime.EventExceptionThrown:
		b.wrong = append(b.wrong, e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeWarning {
			for _, arg := range e.Args {
				b.wrong = append(b.wrong, fmt.Sprintf("console.%s: %s %s", e.Type, arg.Value, arg.Description))
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError || e.Entry.Level == log.LevelWarning {
			b.wrong = append(b.wrong, e.Entry.Text+" "+e.Entry.URL)
		}
	case *page.EventJavascriptDialogOpening:
		b.wrong = append(b.wrong, "a dialog was opened: "+e.Message)
		go func() { _ = chromedp.Run(b.ctx, page.HandleJavaScriptDialog(false)) }()
	}
}

// clean fails the test when something went wrong since the last call.
func (b *browser) clean(where string) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.wrong)+len(b.outside) > 0 {
		b.t.Errorf("%s: errors %q, requests elsewhere %q", where, b.wrong, b.outside)
	}
	b.wrong, b.outside = nil, nil
}

// do runs actions within a bound.
func (b *browser) do(actions ...chromedp.Action) {
	b.t.Helper()
	// The first call starts the browser, which then ends with its context.
	timer := time.AfterFunc(30*time.Second, func() { _ = chromedp.Cancel(b.ctx) })
	defer timer.Stop()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.t.Fatalf("%v", err)
	}
}

// eval returns the value of an expression.
func eval[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	b.do(chromedp.Evaluate(expression, &value, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	return value
}

// until waits for an expression to become true. While another document takes the place of one there is nothing to ask.
func (b *browser) until(what string) {
	b.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
		var yes bool
		if err := chromedp.Run(b.ctx, chromedp.Evaluate("!!("+what+")", &yes)); err == nil && yes {
			return
		}
	}
	b.t.Fatalf("never true: %s; at %s", what, eval[string](b, "location.href"))
}

// show shows a view and waits until it is drawn.
func (b *browser) show(view string) {
	b.t.Helper()
	b.do(chromedp.Navigate("about:blank"), chromedp.Navigate(b.base+"/"+view))
	b.shown()
}

// shown waits until the view that the address names is drawn.
func (b *browser) shown() {
	b.t.Helper()
	b.until(`document.getElementById("main")?.dataset.shown === location.hash`)
}

// click clicks on the first element of a selector and waits for what that leads to.
func (b *browser) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(selector, chromedp.ByQuery, chromedp.NodeVisible), chromedp.Sleep(30*time.Millisecond))
	b.shown()
}

// text is what an element says.
func (b *browser) text(selector string) string {
	b.t.Helper()
	return eval[string](b, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ""`, selector))
}

// size makes the window as large as asked, dark or light.
func (b *browser) size(width, height int64, theme string) {
	b.t.Helper()
	b.do(emulation.SetDeviceMetricsOverride(width, height, 1, width < 600),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}, {Name: "prefers-reduced-motion", Value: "reduce"}}))
}

// picture writes what is seen into docs/images, in few colors, so that it is small.
func (b *browser) picture(name string) {
	b.t.Helper()
	var data []byte
	b.do(chromedp.Sleep(150*time.Millisecond), chromedp.CaptureScreenshot(&data))
	full, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		b.t.Fatal(err)
	}
	few := image.NewPaletted(full.Bounds(), colorsOf(full))
	draw.Draw(few, few.Bounds(), full, image.Point{}, draw.Src)
	var out bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&out, few); err != nil {
		b.t.Fatal(err)
	}
	folder := os.Getenv("TAILSPAN_IMAGES")
	if folder == "" {
		folder = b.t.TempDir()
	}
	if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(name, " ", "-")+".png"), out.Bytes(), 0o644); err != nil {
		b.t.Fatal(err)
	}
}
