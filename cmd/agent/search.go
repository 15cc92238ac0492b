package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/internal/plain"
	"github.com/tailspan/tailspan/internal/search"
	"github.com/tailspan/tailspan/pkg/event"
	"github.com/tailspan/tailspan/pkg/query"
)

// outputFlag lets the user choose which output is asked.
func outputFlag(cmd *cobra.Command, output *string) {
	cmd.Flags().StringVar(output, "output", "", "the `OUTPUT` that is asked, elasticsearch or local; default the primary one if it can be asked, else the one that can")
	_ = cmd.RegisterFlagCompletionFunc("output", cobra.FixedCompletions([]string{"elasticsearch", "local"}, cobra.ShellCompDirectiveNoFileComp))
}

func searchCommand() *cobra.Command {
	var path, output, since, from, to string
	var limit int
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "search --config FILE QUERY [--since DURATION | --from TIME] [--to TIME] [--limit N] [--json]",
		Short: "Find documents",
		Long: "Print the documents that match a query, the newest first, from the embedded store or from Elasticsearch; also while\n" +
			"an agent runs. The query is what people type into Kibana: level:error and not service.name:shop, \"a phrase\",\n" +
			"http.response.status_code >= 500, message:(timeout or refused), url.path:/api/*, trace.id:*; docs/SEARCH.md has all\n" +
			"of it. Without a query, all documents.\n\n" +
			"TIME is RFC 3339, as 2026-03-01T12:00:00Z, or a duration ago, as 2h or 90m. --from is in the range, --to is not.",
		Example: "  tailspan search --config tailspan.yaml 'log.level:error and not service.name:shop' --since 1h\n" +
			"  tailspan search --config tailspan.yaml 'message:(timeout or refused)' --json",
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := query.Parse(strings.Join(args, " "))
			if err != nil {
				return usageError{err}
			}
			request := search.Request{Selection: search.Selection{Query: q}, Limit: limit}
			if request.From, request.To, err = searched(since, from, to, time.Now()); err == nil && limit < 1 {
				err = errors.New("--limit must be at least 1")
			}
			if err != nil {
				return usageError{err}
			}
			cfg, err := load(path)
			if err != nil {
				return err
			}
			source, err := search.Open(cfg, output)
			if err != nil {
				return usageError{err}
			}
			err = printHits(cmd.Context(), source, request, hitPrinter(cmd.OutOrStdout(), asJSON))
			return errors.Join(err, source.Close())
		},
	}
	configFlag(cmd, &path)
	outputFlag(cmd, &output)
	cmd.Flags().StringVar(&since, "since", "", "how far back to look, a `DURATION` as 1h or 30m; default everything")
	cmd.Flags().StringVar(&from, "from", "", "the `TIME` at which the range begins")
	cmd.Flags().StringVar(&to, "to", "", "the `TIME` at which the range ends")
	cmd.Flags().IntVar(&limit, "limit", 100, "how many documents")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print each document as JSON, with its _id")
	cmd.MarkFlagsMutuallyExclusive("since", "from")
	return cmd
}

// searched is the range of time that the flags name; zero where they name none.
func searched(since, from, to string, now time.Time) (begin, end time.Time, err error) {
	for _, f := range []struct {
		flag, text string
		at         *time.Time
	}{{"--since", since, &begin}, {"--from", from, &begin}, {"--to", to, &end}} {
		if f.text != "" && err == nil {
			*f.at, err = instant(f.flag, f.text, now)
		}
	}
	if err == nil && !end.IsZero() && !begin.Before(end) {
		err = errors.New("the range ends before it begins")
	}
	return begin, end, err
}

// printHits prints up to r.Limit documents, page by page.
func printHits(ctx context.Context, source search.Source, r search.Request, show func(search.Hit) error) error {
	left := r.Limit
	for {
		r.Limit = min(left, 1000)
		page, err := source.Search(ctx, r)
		for _, hit := range page.Hits {
			if err := show(hit); err != nil {
				return err
			}
		}
		left -= len(page.Hits)
		if r.After = page.Next; err != nil || left <= 0 || page.Next == nil {
			return err
		}
	}
}

// hitPrinter prints documents as JSON, or as lines for people, with colours on a terminal.
func hitPrinter(out io.Writer, asJSON bool) func(search.Hit) error {
	if asJSON {
		return func(hit search.Hit) error {
			text, err := json.Marshal(hit)
			if err != nil {
				return err
			}
			return say(out, "%s\n", text)
		}
	}
	_, color := terminal(out)
	var parser fastjson.Parser
	return func(hit search.Hit) error {
		doc, err := parser.ParseBytes(hit.Document)
		if err != nil {
			return fmt.Errorf("document %s: %w", hit.ID, err)
		}
		return say(out, "%s\n", hitLine(doc, color))
	}
}

// hitLine is a document on one line: time, level, service, message. A document without a message shows its fields.
func hitLine(doc *fastjson.Value, color bool) string {
	message := textAt(doc, "message")
	if message == "" {
		message = doc.String()
	}
	level := textAt(doc, "log.level")
	shown := fmt.Sprintf("%-5s", shownText(level))
	if code := levelColor(level); color && code != "" {
		shown = "\x1b[" + code + "m" + shown + "\x1b[0m"
	}
	at := shownText(textAt(doc, "@timestamp"))
	if color {
		at = "\x1b[2m" + at + "\x1b[0m"
	}
	return strings.Join([]string{at, shown, shownText(textAt(doc, "service.name")), shownText(message)}, "  ")
}

// shownText is text on one line without what a terminal obeys.
func shownText(text string) string {
	return strings.NewReplacer("\n", `\n`, "\t", " ").Replace(plain.Text(text))
}

// levelColor is how a terminal is told to show a level.
func levelColor(level string) string {
	switch {
	case event.FailureLevel([]byte(level)):
		return "31"
	case level == "warn", level == "warning":
		return "33"
	case level == "debug", level == "trace":
		return "2"
	}
	return ""
}

// textAt is a text of a document, under its dotted name or nested.
func textAt(doc *fastjson.Value, name string) string {
	v := doc.Get(name)
	if v == nil {
		v = doc.Get(strings.Split(name, ".")...)
	}
	switch {
	case v == nil:
		return ""
	case v.Type() == fastjson.TypeString:
		return string(v.GetStringBytes())
	}
	return v.String()
}
