package config

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

const maxFile = 4 * mib // of a configuration; a log given by mistake is refused before it is parsed

// readFile reads a configuration file, with errors that name the file once.
func readFile(path string) ([]byte, error) {
	p := &problems{src: &source{file: path}}
	data, err := readAtMost(path, maxFile)
	switch {
	case err == nil:
		return data, nil
	case errors.Is(err, fs.ErrNotExist):
		p.addf("", "there is no such file; name the configuration with --config")
	default:
		p.addf("", "cannot be read: %s", reason(err))
	}
	return nil, p.err()
}

var (
	errFolder = errors.New("it is a folder, a file is wanted")
	errBig    = errors.New("it is too big")
)

// readAtMost reads a file of at most limit bytes.
func readAtMost(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	if info, err := file.Stat(); err == nil && info.IsDir() {
		return nil, errFolder
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errBig
	}
	return data, err
}

// reason is the error without the operation and the path, which the reader knows.
func reason(err error) string {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		err = pathError.Err
	}
	return err.Error()
}

// syntaxError is a text that is not YAML, or not one document of it.
type syntaxError struct {
	line int // 0: not known
	msg  string
}

func (e *syntaxError) Error() string { return e.msg }

// parseYAML parses one document into its top node.
func parseYAML(data []byte) (*yaml.Node, error) {
	if err := checkText(data); err != nil {
		return nil, err
	}
	shielded, unshield := shield(data)
	decoder := yaml.NewDecoder(bytes.NewReader(shielded))
	var document, second yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, &syntaxError{msg: "is empty; write at least pipelines: [{name: app, paths: [/var/log/app/*.log]}]"}
	case err != nil:
		return nil, explain(err, data)
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, &syntaxError{second.Line, "a second YAML document begins here; write one only"}
	} else if !errors.Is(err, io.EOF) {
		return nil, explain(err, data)
	}
	restore(&document, unshield)
	return document.Content[0], nil
}

// checkText refuses bytes that no YAML text holds, which the parser reports without a line.
func checkText(data []byte) error {
	for i, line := 0, 1; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return &syntaxError{line, "is not a text in UTF-8"}
		case r < ' ' && r != '\t' && r != '\n' && r != '\r':
			return &syntaxError{line, "has a control character; in double quotes it is written \\x1f"}
		case r == '\n':
			line++
		}
		i += size
	}
	return nil
}

// shield hides the braces of expansions from the YAML parser, which takes them for a map inside {...} and [...], so that
// {name: ${NODE_NAME}} is what it looks like. Two characters that are not in the text stand for them meanwhile.
func shield(data []byte) ([]byte, *strings.Replacer) {
	var free []string
	for r := '\ue000'; len(free) < 2 && r <= '\uf8ff'; r++ {
		if !bytes.ContainsRune(data, r) {
			free = append(free, string(r))
		}
	}
	if len(free) < 2 {
		return data, strings.NewReplacer()
	}
	hide := strings.NewReplacer("{", free[0], "}", free[1])
	shielded := expansion.ReplaceAllFunc(data, func(match []byte) []byte { return []byte(hide.Replace(string(match))) })
	return shielded, strings.NewReplacer(free[0], "{", free[1], "}")
}

// restore undoes shield in every scalar below the node.
func restore(n *yaml.Node, unshield *strings.Replacer) {
	n.Value = unshield.Replace(n.Value)
	for _, child := range n.Content {
		restore(child, unshield)
	}
}

var (
	yamlMessage   = regexp.MustCompile(`^yaml: (?:line (\d+): )?(?s:(.*))$`)
	unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
	tabIndent     = regexp.MustCompile(`^[ \-]*\t`)
)

// explain turns the parser's error into ours: it omits the number of the first line, knows no line for aliases, and does
// not say in plain words that tabs are the trouble.
func explain(err error, data []byte) error {
	parts := yamlMessage.FindStringSubmatch(err.Error())
	if parts == nil {
		return &syntaxError{msg: "is not YAML: " + err.Error()}
	}
	line := 1
	if number, err := strconv.Atoi(parts[1]); err == nil {
		line = number
		if strings.HasPrefix(parts[2], "did not find expected ") {
			line++ // these it counts from 0
		}
	}
	if alias := unknownAnchor.FindStringSubmatch(parts[2]); alias != nil {
		before, _, _ := bytes.Cut(data, []byte("*"+alias[1]))
		return &syntaxError{1 + bytes.Count(before, []byte("\n")), "*" + alias[1] + " is not defined above by &" + alias[1]}
	}
	lines := strings.Split(string(data), "\n")
	for i := max(line-1, 1); i <= min(line+1, len(lines)); i++ {
		if tabIndent.MatchString(lines[i-1]) {
			return &syntaxError{i, "is indented with a tab; YAML wants spaces"}
		}
	}
	return &syntaxError{line, "is not YAML: " + parts[2]}
}
