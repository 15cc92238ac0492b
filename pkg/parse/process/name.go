package process

import (
	"errors"
	"fmt"
	"strings"

	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// slot is where an event has a field outside of its tree.
type slot uint8

const (
	noSlot slot = iota
	timeSlot
	messageSlot
	levelSlot
	serviceSlot
	traceSlot
	spanSlot
	parentSlot
	durationSlot
	originalSlot
	kindSlot
	errorSlot
	flagsSlot
	pathSlot // from here on what the encoder adds
	offsetSlot
	datasetSlot
	hostSlot
	versionSlot
)

var slotNames = [...]string{timeSlot: "@timestamp", messageSlot: "message", levelSlot: "log.level", serviceSlot: "service.name",
	traceSlot: "trace.id", spanSlot: "span.id", parentSlot: "parent.id", durationSlot: "event.duration", originalSlot: "event.original",
	kindSlot: "event.kind", errorSlot: "error.message", flagsSlot: "log.flags", pathSlot: "log.file.path", offsetSlot: "log.offset",
	datasetSlot: "event.dataset", hostSlot: "host.name", versionSlot: "ecs.version"}

// slotPaths are slotNames as between the quotes of a JSON key.
var slotPaths = func() (paths [len(slotNames)][]byte) {
	for s, text := range slotNames {
		paths[s] = []byte(text)
	}
	return paths
}()

// knownBits tell of the slots that the encoder fills that the line has the field itself.
var knownBits = [...]event.Known{serviceSlot: event.HasService, pathSlot: event.HasPath, offsetSlot: event.HasOffset,
	datasetSlot: event.HasDataset, hostSlot: event.HasHost, versionSlot: event.HasECSVersion}

// name is the name of a field, ready to be looked up.
type name struct {
	text  string
	path  []byte // as between the quotes of a JSON key
	slot  slot
	below []slot // slots whose names are below this one
	last  int    // where the field was found last
}

// in finds the field among those of ev, or -1.
func (n *name) in(ev *event.Event) int { return event.Find(ev.Fields, n.path, &n.last) }

func newName(text string) name {
	n := name{text: text, path: jsontext.AppendEscaped(nil, strings.ToValidUTF8(text, "\uFFFD"))}
	for s, slotName := range slotNames {
		switch {
		case slotName == "":
		case slotName == text:
			n.slot = slot(s)
		case strings.HasPrefix(slotName, text+"."):
			n.below = append(n.below, slot(s))
		}
	}
	return n
}

// all are the slots that hold the field or parts of it.
func (n *name) all() []slot {
	if n.slot != noSlot {
		return []slot{n.slot}
	}
	return n.below
}

var errNoName = errors.New("is missing; write the name of a field, as in http.request.method")

// checkName says what is wrong with a name that is read.
func checkName(text string) error {
	switch {
	case text == "":
		return errNoName
	case strings.HasPrefix(text, ".") || strings.HasSuffix(text, ".") || strings.Contains(text, ".."):
		return fmt.Errorf("%q has a dot that nothing stands beside; write a name as in http.request.method", text)
	}
	return nil
}

// checkTarget says what is wrong with a name that is written.
func checkTarget(text string) error {
	if err := checkName(text); err != nil {
		return err
	}
	if top, _, _ := strings.Cut(text, "."); metadata[top] {
		return fmt.Errorf("%q is a name of Elasticsearch's own, which it refuses in documents", text)
	}
	if strings.TrimSpace(text) == "" {
		return errNoName
	}
	return nil
}

// metadata are the fields that Elasticsearch refuses inside a document.
var metadata = map[string]bool{"_id": true, "_index": true, "_source": true, "_type": true, "_routing": true, "_field_names": true,
	"_ignored": true, "_tier": true, "_nested_path": true, "_seq_no": true, "_version": true, "_doc_count": true, "_data_stream_timestamp": true}
