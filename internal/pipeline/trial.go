package pipeline

import (
	"fmt"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/parse"
	"github.com/tailspan/tailspan/pkg/ship"
)

// Trial makes documents of lines through the same code as the agent, without files and outputs. It belongs to one
// goroutine.
type Trial struct {
	parser  *parse.Parser
	encoder *ship.Encoder
	ev      event.Event
	last    event.Time
	maxLine int
}

// NewTrial makes a Trial of one pipeline.
func NewTrial(cfg *config.Config, index int) (*Trial, error) {
	p := &cfg.Pipelines[index]
	parser, err := parse.New(p.Parse)
	if err != nil {
		return nil, cfg.Locate(confkey.Below(fmt.Sprintf("pipelines[%d]", index), err))
	}
	targets, _ := Targets(cfg)
	return &Trial{parser: parser, encoder: ship.NewEncoder(targets[index].Dataset, cfg.Host.Name), maxLine: p.Tail.MaxLine}, nil
}

// AppendDocument appends the document of one line, read at offset of its input at the time now.
func (t *Trial) AppendDocument(dst, line []byte, offset int64, now time.Time) []byte {
	t.ev.Raw, t.ev.Offset, t.ev.Cut = line, offset, false
	if len(line) > t.maxLine {
		t.ev.Raw, t.ev.Cut = line[:t.maxLine], true
	}
	t.parser.Parse(&t.ev)
	withTime(&t.ev, &t.last, now)
	return t.encoder.AppendDocument(dst, &t.ev, "-")
}
