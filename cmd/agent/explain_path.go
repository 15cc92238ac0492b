package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/internal/pipeline"
	"github.com/tailspan/tailspan/internal/status"
	"github.com/tailspan/tailspan/pkg/tail"
)

// casefile is all that is known about one path.
type casefile struct {
	tail.Examination
	known   []tail.FileStatus // checkpoints of the file, or of what had the path before
	running bool              // an agent does, and has looked
	status  status.Status     // of that
}

// explainPath prints what is known about a path, and as the last line whether it is read, and if not, why and what to do.
func explainPath(ctx context.Context, out io.Writer, cfg *config.Config, path string) error {
	full, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	c, err := gather(ctx, cfg, full)
	if err != nil {
		return err
	}
	var text strings.Builder
	c.describe(&text)
	text.WriteString("\n" + c.verdict() + "\n")
	_, err = io.WriteString(out, text.String())
	return err
}

// gather asks a running agent, or looks itself when there is none.
func gather(ctx context.Context, cfg *config.Config, path string) (c casefile, err error) {
	client, err := control.Dial(ctx, cfg.DataDir)
	if errors.Is(err, control.ErrNoAgent) {
		c.Examination = tail.Examine(pipeline.Inputs(cfg), path)
		c.known, err = tail.Known(cfg.DataDir, slog.New(slog.DiscardHandler))
		c.keep()
		return c, err
	}
	if err != nil {
		return c, err
	}
	c.running = true
	if c.Examination, err = client.Examine(ctx, path); err != nil {
		return c, err
	}
	if c.known, err = client.Files(ctx); err != nil {
		return c, err
	}
	c.status, err = client.Status(ctx)
	c.keep()
	return c, err
}

// keep drops the checkpoints of other files.
func (c *casefile) keep() {
	c.known = slices.DeleteFunc(c.known, func(f tail.FileStatus) bool {
		return (f.Inode == 0 || f.Inode != c.Inode) && f.Path != c.Path
	})
}

// describe writes a line for each thing known.
func (c *casefile) describe(out io.Writer) {
	say := func(what, format string, args ...any) {
		_, _ = fmt.Fprintf(out, "%-11s "+format+"\n", append([]any{what}, args...)...) // it is text in memory
	}
	say("path", "%s", c.Path)
	if c.Real != c.Path {
		say("leads to", "%s", c.Real)
	}
	say("looked as", "%s", c.User)
	if c.Obstacle != "" {
		say("obstacle", "%s", c.Obstacle)
	} else {
		say("is", "a %s of %s, %s", c.Kind, bytesText(c.Size), c.Owner)
	}
	if c.Inode != 0 {
		born := ""
		if !c.Born.IsZero() {
			born = ", born " + c.Born.Format(time.RFC3339Nano)
		}
		say("identity", "device %d, inode %d%s, begins with %s", c.Device, c.Inode, born, c.Begins)
		say("changed", "%s", c.Modified.Format(time.RFC3339))
	}
	for _, candidate := range c.Candidates {
		for _, g := range candidate.Globs {
			if g.But == "" {
				say("pattern", "%s of pipeline %s matches", g.Glob, candidate.Pipeline)
			} else {
				say("pattern", "%s of pipeline %s almost matches: %s", g.Glob, candidate.Pipeline, g.But)
			}
		}
		if candidate.Excluded != "" {
			say("exclude", "%s of pipeline %s matches", candidate.Excluded, candidate.Pipeline)
		}
	}
	for _, f := range c.known {
		c.describeKnown(say, f)
	}
	if len(c.known) == 0 {
		say("checkpoint", "none")
	}
	if c.running {
		say("agent", "runs")
	} else {
		say("agent", "none runs on this data_dir")
	}
}

func (c *casefile) describeKnown(say func(what, format string, args ...any), f tail.FileStatus) {
	whose := "of this file"
	if f.Inode != c.Inode {
		whose = fmt.Sprintf("of another file, inode %d, that had this path", f.Inode)
	}
	say("checkpoint", "%s: pipeline %s, source %s, generation %d, delivered up to byte %d", whose, f.Pipeline, f.Source, f.Generation, f.Committed)
	if f.Inode != c.Inode {
		return
	}
	if f.Path != c.Path {
		say("", "was seen last as %s", f.Path)
	}
	if !f.Zipped {
		say("left", "%s", bytesText(max(0, c.Size-f.Committed)))
	}
	if f.Open {
		say("open", "by the running agent, for pipeline %s", f.Pipeline)
	}
}
