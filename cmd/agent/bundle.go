package main

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"runtime/debug"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/tailspan/tailspan/internal/config"
	"github.com/tailspan/tailspan/internal/control"
	"github.com/tailspan/tailspan/pkg/tail"
)

func bundleCommand() *cobra.Command {
	var path, output string
	cmd := &cobra.Command{
		Use:   "bundle --config FILE --output FILE.tar.gz",
		Short: "Gather what somebody who helps needs to know",
		Long: "Gather what somebody who helps needs to know into a new file: version, configuration, checkpoints, ledgers, metrics, the\n" +
			"agent's own last log lines, disk space, limits and the operating system. Secrets are taken out: passwords, keys and tokens,\n" +
			"and whatever ${...} puts into the configuration. No line of any log is in it; names of files are. Look through it before\n" +
			"you pass it on.",
		Example: "  tailspan bundle --config tailspan.yaml --output help.tar.gz",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			b := gatherBundle(cmd.Context(), path)
			if err := b.write(output); err != nil {
				return err
			}
			for _, part := range b.parts {
				if err := say(cmd.OutOrStdout(), "%8s  %s\n", bytesText(int64(len(part.text))), part.name); err != nil {
					return err
				}
			}
			return say(cmd.OutOrStdout(), "%s\n", output)
		},
	}
	configFlag(cmd, &path)
	cmd.Flags().StringVarP(&output, "output", "o", "", "the `FILE` to write, which must not be there yet (required)")
	_ = cmd.MarkFlagRequired("output") // the flag was defined in the line above
	_ = cmd.MarkFlagFilename("output", "tar.gz")
	return cmd
}

// bundle is texts by name, without secrets.
type bundle struct {
	secrets []string
	parts   []part
}

type part struct {
	name string
	text []byte
}

// add puts a text in. What could not be found out is told in its place: a bundle is for when things do not work.
func (b *bundle) add(name string, text []byte, err error) {
	if err != nil {
		text = fmt.Appendf(text, "\nnot to be had: %v\n", err)
	}
	b.parts = append(b.parts, part{name, text})
}

func (b *bundle) addJSON(name string, v any, err error) {
	text, failed := json.MarshalIndent(v, "", "  ")
	b.add(name, append(text, '\n'), errors.Join(err, failed))
}

// gatherBundle asks for everything there is.
func gatherBundle(ctx context.Context, path string) *bundle {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	b := new(bundle)
	redacted, secrets, err := config.Redact(path)
	b.secrets = secrets
	b.add("config.yaml", redacted, err)
	b.add("version.txt", versionText(), nil)
	cfg, err := config.Load(path)
	if err == nil {
		err = cfg.RunErrors()
	}
	b.add("check.txt", checkText(err), nil)
	if cfg != nil {
		b.addAgent(ctx, cfg)
	}
	lines, err := journal(ctx)
	b.add("log.txt", lines, err)
	b.add("system.txt", systemText(cfg), nil)
	return b
}

func checkText(err error) []byte {
	if err != nil {
		return fmt.Appendln(nil, err)
	}
	return []byte("the configuration is good\n")
}

func versionText() []byte {
	text := fmt.Appendf(nil, "tailspan %s\n", version)
	if info, ok := debug.ReadBuildInfo(); ok {
		text = append(text, info.String()...)
	}
	return text
}

// addAgent asks the running agent, or reads the checkpoints when there is none.
func (b *bundle) addAgent(ctx context.Context, cfg *config.Config) {
	client, err := control.Dial(ctx, cfg.DataDir)
	if err != nil {
		b.add("status.json", nil, err)
		files, err := tail.Known(cfg.DataDir, slog.New(slog.DiscardHandler))
		b.addJSON("files.json", files, err)
		return
	}
	status, err := client.Status(ctx)
	b.addJSON("status.json", status, err)
	files, err := client.Files(ctx)
	b.addJSON("files.json", files, err)
	problems, err := client.Verify(ctx)
	b.addJSON("verify.json", problems, err)
	if cfg.HTTP.Listen != "" {
		text, err := metricsText(ctx, cfg.HTTP.Listen)
		b.add("metrics.txt", text, err)
	}
}

func metricsText(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }() // was only read
	return io.ReadAll(io.LimitReader(res.Body, 16<<20))
}

// journalLines is how much of the agent's own log is of interest.
const journalLines = "500"

// quoted is what a server said of a document, and may quote from it.
var quoted = regexp.MustCompile(`\b(reason|error|message)=("(?:[^"\\]|\\.)*"|\S+)`)

// preview is where such a text begins to quote.
var preview = regexp.MustCompile(`(?i)(preview of field|value|document with id|content).*`)

// journal is the agent's own last lines, where systemd has them. What Elasticsearch says of a document may quote it, and ends there.
func journal(ctx context.Context) ([]byte, error) {
	text, err := exec.CommandContext(ctx, "journalctl", "--unit", "tailspan", "--lines", journalLines, "--no-pager", "--output", "short-iso").Output()
	return withoutQuotes(text), err
}

func withoutQuotes(text []byte) []byte {
	return quoted.ReplaceAllFunc(text, func(attr []byte) []byte {
		if at := preview.FindIndex(attr); at != nil {
			return append(slices.Clone(attr[:at[0]]), `..."`...)
		}
		return attr
	})
}

// scrub takes every secret out of a text, the longest first, as it stands and as JSON has it.
func (b *bundle) scrub(text []byte) []byte {
	secrets := slices.Clone(b.secrets)
	slices.SortFunc(secrets, func(x, y string) int { return cmp.Compare(len(y), len(x)) })
	for _, secret := range secrets {
		text = bytes.ReplaceAll(text, []byte(secret), []byte("(withheld)"))
		if escaped, err := json.Marshal(secret); err == nil {
			text = bytes.ReplaceAll(text, escaped[1:len(escaped)-1], []byte("(withheld)"))
		}
	}
	return text
}

// write writes the bundle to a new file that only its owner can read.
func (b *bundle) write(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	zip := gzip.NewWriter(f)
	archive := tar.NewWriter(zip)
	for i := range b.parts {
		p := &b.parts[i]
		p.text = b.scrub(p.text)
		err = errors.Join(err, archive.WriteHeader(&tar.Header{Name: "tailspan-bundle/" + p.name, Mode: 0o600, Size: int64(len(p.text)), ModTime: time.Now()}))
		if err == nil {
			_, err = archive.Write(p.text)
		}
	}
	return errors.Join(err, archive.Close(), zip.Close(), f.Close())
}
