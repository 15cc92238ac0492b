package page

import (
	"os"
	"strconv"
	"strings"

	"github.com/chromedp/chromedp"
)

// axePath is where make test-page puts axe-core.
const axePath = "../../bin/axe/package/axe.min.js"

// accessible fails the test when axe-core finds something serious or critical in the view.
func (b *browser) accessible(where string) {
	b.t.Helper()
	source, err := os.ReadFile(axePath)
	if err != nil {
		b.t.Logf("axe-core is not there, so nobody looked at %s with it: %v; make test-page brings it", where, err)
		return
	}
	b.do(chromedp.Evaluate(string(source)+";0", nil))
	found := eval[[]string](b, `axe.run(document, {resultTypes: ["violations"]}).then(r => r.violations.filter(v => ["serious", "critical"].includes(v.impact))
		.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 3).map(n => n.html + " " + n.failureSummary).join(" | ")))`)
	if len(found) > 0 {
		b.t.Errorf("%s: %s", where, strings.Join(found, "\n"))
	}
}

func quote(text string) string { return strconv.Quote(text) }

func quoteNumber(n int) string { return strconv.Itoa(n) }
