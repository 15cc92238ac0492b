package elastic

import (
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/event"
)

func TestNames(t *testing.T) {
	ev := &event.Event{Time: event.TimeOf(time.Date(2027, 1, 2, 23, 4, 5, 0, time.FixedZone("", -3600))), Level: []byte("info"),
		Service: event.Value{Bytes: []byte(`"Check Out\u00c9-1"`), Kind: event.JSON, Set: true}}
	for _, f := range []struct {
		name, value string
		kind        event.Kind
	}{
		{"team", "payments", event.Text}, {"n", "12", event.JSON}, {"o", `{"a":1}`, event.JSON}, {"l", `["a"]`, event.JSON}, {"z", "null", event.JSON},
		{"evil", `"../_all,.kibana*\"?#"`, event.JSON}, {"long", strings.Repeat("é", 100), event.Text}, {"upper", "ÀÇǅ", event.Text}, {"empty", "", event.Text},
	} {
		ev.Add([]byte(f.name), []byte(f.value), f.kind)
	}
	for _, c := range []struct {
		text   string
		stream bool
		want   string
	}{
		{"logs", false, "logs"}, {"logs-a-default", true, "logs-a-default"},
		{"logs-%{team}", false, "logs-payments"}, {"logs-%{n}-x", false, "logs-12-x"}, {"x%{o}%{l}%{z}%{none}%{empty}", false, "xunknownunknownunknownunknownunknown"},
		{"logs-%{service.name}-default", true, "logs-check_outé_1-default"}, {"logs-%{service.name}", false, "logs-check_outé-1"},
		{"x-%{evil}", false, "x-..__all_.kibana____"}, {"x-%{long}", false, "x-" + strings.Repeat("é", 32)}, {"x-%{upper}", false, "x-àçǆ"},
		{"x-%{log.level}-%{event.dataset}-%{host.name}", false, "x-info-shop-web_1"},
		{"x-%{+yyyy.MM.dd}", false, "x-2027.01.03"}, {"x-%{+yy_DDD-HH}", false, "x-27_003-00"}, {"x-%{+xxxx.ww}", false, "x-2026.53"}, {"%{", false, ""},
	} {
		n, err := ParseName(c.text, c.stream)
		if err != nil {
			if c.want != "" {
				t.Errorf("%s: %v", c.text, err)
			}
			continue
		}
		if got := string(n.Append(nil, ev, "shop", "web:1")); got != c.want {
			t.Errorf("%s: %q, want %q", c.text, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"x-%{a": "not closed", "x-%{}": "names nothing", "%{a}": "could then choose any index", ".%{a}": "could then choose any index", "x-%{+yyyy/MM}": "no part of a date",
		"X-%{a}": "cannot be in the name", "x y%{a}": "cannot be in the name", `x"%{a}`: "cannot be in the name", "": "",
	} {
		if _, err := ParseName(text, false); err == nil && want != "" || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// FuzzName sees that no line can leave the name that the configuration began.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"checkout", "../x", "A B", "\"},{\"x", "\\u0000", "é-", "%{x}", "\xff", "ſK"} {
		f.Add(seed, false)
		f.Add(seed, true)
	}
	f.Fuzz(func(t *testing.T, value string, stream bool) {
		n, err := ParseName("logs-%{a}-default", stream)
		if err != nil {
			t.Fatal(err)
		}
		ev := new(event.Event)
		ev.Add([]byte("a"), []byte(strings.ToValidUTF8(value, "")), event.Text)
		got := string(n.Append(nil, ev, "", ""))
		inside, ok := strings.CutPrefix(got, "logs-")
		inside, also := strings.CutSuffix(inside, "-default")
		if !ok || !also || len(inside) > maxNameValue || strings.ContainsFunc(got, notInName) || got != strings.ToLower(got) || stream && strings.Contains(inside, "-") {
			t.Errorf("%q became %q", value, got)
		}
	})
}

// What is known of the file counts where the line has no such field.
func TestNameOfFacts(t *testing.T) {
	n, err := ParseName("logs-app-%{kubernetes.namespace}", true)
	if err != nil {
		t.Fatal(err)
	}
	facts := event.NewFacts("", []event.Fact{{Name: "kubernetes.namespace", Value: []byte(`"Shop-eu"`)}})
	var ev event.Event
	facts.Describe(&ev)
	if got := string(n.Append(nil, &ev, "d", "h")); got != "logs-app-shop_eu" {
		t.Errorf("%s", got)
	}
	ev.Add([]byte("kubernetes.namespace"), []byte("mine"), event.Text)
	if got := string(n.Append(nil, &ev, "d", "h")); got != "logs-app-mine" {
		t.Errorf("%s", got)
	}
}
