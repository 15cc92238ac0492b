// Package docs runs what the documentation tells its readers to type, and holds what it shows them to what comes of it:
//
//	make docs-test
//
// Every page is a script. Its blocks of commands (indented, or fenced as sh) run in their order, as root on a machine of its own
// (package machine), in a copy of the repository, with the deb of `make packages` beside it in dist, the binary installed, and a
// real Elasticsearch at 127.0.0.1:9200. A block that ends with a `tailspan run` without --once goes on beside what follows, and
// is ended with the page. YAML is given to check, completed where it is a part of a configuration.
//
// What readers need not see stands in comments before a block:
//
//	<!-- test: prepare          run these commands, too
//	COMMANDS -->
//	<!-- test: until            run these again until they succeed
//	COMMANDS -->
//	<!-- test: file NAME -->    the block is the content of a file
//	<!-- test: output -->       the block is what the commands before print; … stands for anything
//	<!-- test: output of        the block is what these commands print
//	COMMANDS -->
//	<!-- test: fails -->        the commands end with another status than 0
//	<!-- test: by FOLDER TEST -->  the block needs what is not here, and is run by that test, which must exist
//	<!-- test: by make -->      the block names targets of the Makefile, which continuous integration runs
//	<!-- test: figures -->      the block measures, which takes long; what it names must exist
//	<!-- test: drawing -->      the block is nothing that could be run
//
// There is no other way to leave a block out: one that no rule fits is an error.
package docs

import (
	"fmt"
	"strings"
)

// A step is a block of a page, or a comment that is run.
type step struct {
	line  int    // of the page, from 1
	verb  string // of the comment before it, else commands or yaml
	words string // behind the verb
	text  string // the block, or the commands of prepare and until
	shell string // of "output of"
}

// parse finds the steps of a page.
func parse(page string) ([]step, error) {
	var steps []step
	var note *step // the comment that the next block belongs to
	lines := strings.Split(page, "\n")
	for i := 0; i < len(lines); i++ {
		start := i
		var text, kind string
		switch {
		case strings.HasPrefix(lines[i], "<!-- test: "):
			comment, end, err := enclosed(lines, i, "-->")
			if err != nil {
				return nil, err
			}
			i = end
			if note != nil {
				return nil, fmt.Errorf("line %d: no block follows the comment", note.line)
			}
			s := annotation(start+1, strings.TrimPrefix(comment, "<!-- test: "))
			if s.verb == "prepare" || s.verb == "until" {
				s.text = s.shell
				steps = append(steps, s)
			} else {
				note = &s
			}
			continue
		case strings.HasPrefix(lines[i], "```"):
			kind = strings.TrimPrefix(lines[i], "```")
			body, end, err := enclosed(lines, i+1, "```")
			if err != nil {
				return nil, err
			}
			text, i = body, end
		case strings.HasPrefix(lines[i], "    ") && (i == 0 || lines[i-1] == ""):
			kind = "sh"
			for i < len(lines) && (strings.HasPrefix(lines[i], "    ") || lines[i] == "" && i+1 < len(lines) && strings.HasPrefix(lines[i+1], "    ")) {
				text += strings.TrimPrefix(lines[i], "    ") + "\n"
				i++
			}
		default:
			continue
		}
		s, err := block(start+1, kind, text, note)
		if err != nil {
			return nil, err
		}
		steps, note = append(steps, s), nil
	}
	if note != nil {
		return nil, fmt.Errorf("line %d: no block follows the comment", note.line)
	}
	return steps, nil
}

// enclosed returns the lines from one on up to the one that ends with the mark, without it.
func enclosed(lines []string, from int, mark string) (text string, end int, err error) {
	for i := from; i < len(lines); i++ {
		if rest, ends := strings.CutSuffix(lines[i], mark); ends {
			return text + rest, i, nil
		}
		text += lines[i] + "\n"
	}
	return "", 0, fmt.Errorf("line %d: %s is missing", from+1, mark)
}

// annotation is what a comment says.
func annotation(line int, comment string) step {
	head, shell, _ := strings.Cut(comment, "\n")
	verb, words, _ := strings.Cut(strings.TrimSpace(head), " ")
	if verb == "output" && words == "of" {
		verb, words = "output of", ""
	}
	return step{line: line, verb: verb, words: words, shell: shell}
}

// block is a step made of a block and the comment before it.
func block(line int, kind, text string, note *step) (step, error) {
	s := step{line: line, text: text}
	switch {
	case note != nil:
		s.verb, s.words, s.shell = note.verb, note.words, note.shell
	case kind == "sh":
		s.verb = "commands"
	case kind == "yaml":
		s.verb = "yaml"
	default:
		return s, fmt.Errorf("line %d: a block of kind %q that nothing is known of; say in a comment what it is", line, kind)
	}
	return s, nil
}
