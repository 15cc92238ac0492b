package template

import (
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// Tagger gives events their templates. It belongs to one goroutine.
type Tagger struct {
	miner   *Miner
	scratch []byte // the message, when it stands in escapes
}

// NewTagger makes a Tagger that asks a Miner, and teaches it.
func NewTagger(m *Miner) *Tagger { return &Tagger{miner: m} }

var (
	root = []byte(event.TemplateRoot)
	// sayings are the fields that say what happened: the first that is there. A JSON line's own message stays where it is.
	sayings = [][]byte{[]byte("message"), []byte("error.message"), []byte("event.action")}
)

// Asked are the names of the fields that a Tagger looks for in an event.
func Asked() []string {
	asked := []string{event.TemplateRoot}
	for _, name := range sayings {
		asked = append(asked, string(name))
	}
	return asked
}

// Tag names the log statement of what the event says by now: of its message, else of error.message, else of event.action. Events that
// say nothing have none, nor have those whose line brought one along. It comes after everything else that is done to the event,
// so that what was redacted stands in no template.
func (t *Tagger) Tag(ev *event.Event) {
	ev.Template = nil
	message := t.message(ev)
	if len(message) == 0 || ev.Taken(root) {
		return
	}
	if is := t.miner.Match(message); is != nil {
		ev.Template = is.Named()
	}
}

// message is valid until the next call.
func (t *Tagger) message(ev *event.Event) []byte {
	if ev.Message.Set {
		return t.plain(ev.Message.Bytes, ev.Message.Kind)
	}
	for _, name := range sayings {
		if i := event.Lookup(ev.Fields, name); i >= 0 {
			return t.plain(ev.Fields[i].Value, ev.Fields[i].Kind)
		}
	}
	return nil
}

// plain is the text of a value; JSON that is no text has none.
func (t *Tagger) plain(value []byte, kind event.Kind) []byte {
	if kind == event.Text {
		return value
	}
	if len(value) < 2 || value[0] != '"' {
		return nil
	}
	inside := value[1 : len(value)-1]
	if jsontext.SkipPlain(inside, 0) == len(inside) {
		return inside
	}
	t.scratch = jsontext.AppendUnescaped(t.scratch[:0], inside)
	return t.scratch
}
