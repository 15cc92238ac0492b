package parse

import (
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse/process"
)

// TestHostileSecrets sees that redact takes linear work, whatever repeats in a text, a list or the names of a line.
func TestHostileSecrets(t *testing.T) {
	if raceEnabled {
		t.Skip("what is compared is time")
	}
	const size = 1 << 20
	for _, c := range []struct{ format, head, piece, tail string }{
		{"none", "", "@", ""}, {"none", "", "a@b", ""}, {"none", "", "%40", ""}, {"none", "", "a%40b.", ""}, {"none", "", "4", ""}, {"none", "", "4 ", ""}, {"none", "", "4111-", ""}, {"none", "", "a:", ""}, {"none", "", "1:", ""},
		{"none", "", "1.", ""}, {"none", "", "::", ""}, {"none", "", "eyJ", ""}, {"none", "", "eyJ.", ""}, {"none", "", "bearer ", ""}, {"none", "", "sk-", ""}, {"none", "", "-----BEGIN ", ""}, {"none", "", "password= ", ""},
		{"none", "", `token="`, ""}, {"none", "", "=", ""}, {"none", "", `" = `, ""}, {"none", "", "a@b.co ", ""}, {"none", "", "1.2.3.4 ", ""}, {"none", "", "x", ""},
		{"json", `{"a":[1`, `,"a@b.co"`, `]}`}, {"json", `{"a":[1`, `,{"a@b.co":1}`, `]}`}, {"json", `{"a":{"b":1`, `,"a@b.co":1`, `}}`},
	} {
		p, err := New(Config{Format: []string{c.format}, Process: []process.Step{{Redact: &process.Redact{}}, {Redact: &process.Redact{Patterns: []string{`\bx`, `x`}}}}})
		if err != nil {
			t.Fatal(err)
		}
		took := func(n int) time.Duration {
			best := time.Hour
			for range 3 {
				ev := event.Event{Raw: []byte(c.head + strings.Repeat(c.piece, n/len(c.piece)) + c.tail)}
				p.Parse(&ev)
				start := time.Now()
				p.Process(&ev, nil)
				best = min(best, time.Since(start))
			}
			return best
		}
		if small, large := took(size/16), took(size); large > 100*small && large > time.Second || large > 10*time.Second {
			t.Errorf("%s%s%s: 64 KiB in %v, 1 MiB in %v", c.head, c.piece, c.tail, small, large)
		}
	}
}
