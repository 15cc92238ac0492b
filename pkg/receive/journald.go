package receive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/tailspan/tailspan/pkg/receive/journal"
	"github.com/tailspan/tailspan/pkg/receive/spool"
)

// journalctl takes in entries of systemd's journal, as that command shows them. Each record has its cursor, the place behind it in
// the journal, for where it came from; so the spool's last record tells where to go on, and lines and cursor cannot
// disagree, whatever crashes.
type journalctl struct {
	r *Receiver
}

// longestCursor is more than any cursor has.
const longestCursor = 1024

func (j *journalctl) command() string {
	if j.r.Journaler != "" {
		return j.r.Journaler
	}
	return "journalctl"
}

func (j *journalctl) open() error {
	_, err := exec.LookPath(j.command())
	return err
}

func (j *journalctl) close() {}

// arguments are those of the command, to go on behind the cursor.
func (j *journalctl) arguments(cursor string) []string {
	args := []string{"--output=export", "--all", "--no-pager", "--quiet"}
	if !j.r.Once {
		args = append(args, "--follow")
	}
	switch {
	case cursor != "":
		args = append(args, "--after-cursor="+cursor, "--lines=all")
	case j.r.FromEnd && j.r.Once:
		return nil
	case j.r.FromEnd:
		args = append(args, "--lines=0")
	default:
		args = append(args, "--lines=all")
	}
	args = append(args, places(j.r.cfg.Journal.Paths)...)
	for _, unit := range j.r.cfg.Journal.Units {
		args = append(args, "--unit="+unit)
	}
	return append(args, j.r.cfg.Journal.Matches...)
}

// places names the files and folders to be read. One folder is followed as a folder, with the files that come into it later;
// the command takes no more than one.
func places(paths []string) (args []string) {
	for _, path := range paths {
		info, err := os.Stat(path)
		switch folder := err == nil && info.IsDir(); {
		case folder && len(paths) == 1:
			args = append(args, "--directory="+path)
		case folder:
			args = append(args, "--file="+filepath.Join(path, "*.journal*"))
		default:
			args = append(args, "--file="+path)
		}
	}
	return args
}

func (j *journalctl) run(ctx context.Context) error {
	last, err := j.r.Spool.Last(longestCursor)
	if err != nil {
		return err
	}
	record, _ := spool.Split(last, nil)
	args := j.arguments(string(record.From))
	if args == nil {
		return nil // there is nothing yet that comes from now on
	}
	cmd := exec.CommandContext(ctx, j.command(), args...) // #nosec G204 -- the configuration's owner chooses what is read
	complaint := &beginningOf{most: 1000}
	cmd.Stderr = complaint
	cmd.WaitDelay = time.Second
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	err = j.take(ctx, out)
	if err != nil {
		_ = cmd.Process.Kill() // or it has ended
	}
	ended := cmd.Wait()
	switch {
	case err != nil:
		return err
	case ended != nil:
		return fmt.Errorf("%s: %w: %s", j.command(), ended, strings.TrimSpace(complaint.text.String()))
	case j.r.Once:
		return nil
	}
	return fmt.Errorf("%s ended", j.command())
}

// take hands the entries over, as many at once as are there.
func (j *journalctl) take(ctx context.Context, in io.Reader) error {
	entries := journal.NewReader(in, j.r.MaxLine)
	var line, records []byte
	for {
		var cursor string
		var err error
		line, cursor, err = entries.Next(line[:0])
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if strings.ContainsAny(cursor, " \n") || len(cursor) > longestCursor/2 {
			return fmt.Errorf("a cursor that cannot be one: %.100q", cursor)
		}
		records = spool.AppendRecord(records[:0], cursor, line, false)
		if err := j.r.put(ctx, records, 1, len(line), true); err != nil {
			return err
		}
	}
}

// beginningOf keeps the first bytes of what is written to it.
type beginningOf struct {
	text strings.Builder
	most int
}

func (b *beginningOf) Write(p []byte) (int, error) {
	b.text.Write(p[:min(len(p), b.most-b.text.Len())])
	return len(p), nil
}
