package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manual is tailspan(1) in troff's macros for manual pages. It holds what --help says, of all commands on one page, and what
// they have in common; cobra's own generator makes a page of each command and brings a parser of Markdown along.
func manual(all []group, root *cobra.Command) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH TAILSPAN 1 \"\" \"tailspan %s\" \"User Commands\"\n", troff(version))
	section(&b, "NAME", "tailspan - "+strings.ToLower(root.Short[:1])+root.Short[1:])
	b.WriteString(".SH SYNOPSIS\n")
	for _, g := range all {
		for _, cmd := range g.commands {
			fmt.Fprintf(&b, ".B tailspan\n%s\n.br\n", troff(cmd.Use))
		}
	}
	section(&b, "DESCRIPTION", root.Long)
	for _, g := range all {
		fmt.Fprintf(&b, ".SH %s\n", troff(strings.ToUpper(strings.TrimSuffix(g.title, ":"))))
		for _, cmd := range g.commands {
			manualOf(&b, cmd)
		}
	}
	section(&b, "EXIT STATUS", "0: done. 1: it ran and failed. 2: the command line or the configuration is wrong; each mistake is said with file and line.")
	b.WriteString(".SH ENVIRONMENT\n")
	tagged(&b, "${NAME}, ${NAME:-default}, ${file:PATH}", "are expanded in every value of a configuration.")
	tagged(&b, "NO_COLOR, COLUMNS", "no colours, and the width of what is drawn.")
	b.WriteString(".SH FILES\n")
	tagged(&b, "/etc/tailspan/tailspan.yaml", "the configuration of the service.")
	tagged(&b, "/var/lib/tailspan", "its checkpoints and dead letters.")
	tagged(&b, "/usr/share/doc/tailspan/examples", "configurations for several kinds of logs.")
	section(&b, "SEE ALSO", "systemctl(1), journalctl(1), https://github.com/tailspan/tailspan/tree/main/docs")
	return b.String()
}

// manualOf is one command.
func manualOf(b *strings.Builder, cmd *cobra.Command) {
	fmt.Fprintf(b, ".SS \"tailspan %s\"\n", troff(strings.ReplaceAll(cmd.Use, `"`, `\(dq`)))
	paragraphs(b, cmd.Long)
	cmd.LocalFlags().VisitAll(func(f *pflag.Flag) {
		if f.Name == "help" {
			return
		}
		name, usage := pflag.UnquoteUsage(f)
		text := "--" + f.Name
		if f.Shorthand != "" {
			text = "-" + f.Shorthand + ", " + text
		}
		tagged(b, strings.TrimSpace(text+" "+name), usage)
	})
	b.WriteString(".PP\nExample:\n")
	paragraphs(b, cmd.Example)
}

func section(b *strings.Builder, title, text string) {
	fmt.Fprintf(b, ".SH %s\n%s\n", troff(title), troff(text))
}

func tagged(b *strings.Builder, tag, text string) {
	fmt.Fprintf(b, ".TP\n.B %s\n%s\n", troff(tag), troff(text))
}

// paragraphs keeps the breaks of lines that are indented, and fills the others.
func paragraphs(b *strings.Builder, text string) {
	for block := range strings.SplitSeq(text, "\n\n") {
		if !strings.HasPrefix(block, " ") {
			fmt.Fprintf(b, ".PP\n%s\n", troff(block))
			continue
		}
		fmt.Fprintf(b, ".PP\n.nf\n%s\n.fi\n", troff(block))
	}
}

// troff escapes what means something to troff: backslashes, hyphens, which would become dashes, and dots and quotes that begin a line.
func troff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, `-`, `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
