package parse

import (
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/parse/grok"
)

// FuzzTyped sees that whatever is captured becomes valid JSON, a number when a number is asked for, and that numbers as
// Go reads them keep their value.
func FuzzTyped(f *testing.F) {
	for _, seed := range []string{"", "0", "-0", "007", "12", "-12", "+5", "1_000", "1__0", "_1", "1.5", "-.5", "5.", "1.50e3", "1e", "1e+", "1e999",
		" \t7", "x", "-", "true", "FALSE", "\"\x01", "\xff", "99999999999999999999.5", "1.5.6", "0x10"} {
		f.Add(seed)
	}
	p := new(Parser)
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ToValidUTF8(text, "") != text {
			return // the parser has made the line valid
		}
		p.spare = p.spare[:0]
		for _, typ := range []grok.Type{grok.Int, grok.Float} {
			value, _ := p.typed([]byte(text), typ)
			var number json.Number
			if err := json.Unmarshal(value, &number); err != nil || value[0] == '"' {
				t.Fatalf("%q as %d: %s: %v", text, typ, value, err)
			}
			if want, ok := new(big.Int).SetString(text, 10); ok && typ == grok.Int && want.String() != string(value) {
				t.Errorf("%q: %s, not %s", text, value, want)
			}
			want, err := strconv.ParseFloat(text, 64)
			alike := err == nil && !strings.ContainsAny(text, "xXpPiInN") && !strings.Contains(strings.ToLower(text), ".e") // not only Go reads it
			if got, _ := number.Float64(); alike && typ == grok.Float && got != want {
				t.Errorf("%q: %s, not %g", text, value, want)
			}
			if typ == grok.Float && !strings.ContainsAny(string(value), ".eE") {
				t.Errorf("%q: %s looks like an integer", text, value)
			}
		}
		if listed := appendTyped(nil, []byte(text), grok.String); !json.Valid(listed) {
			t.Errorf("%q: %s", text, listed)
		}
	})
}
