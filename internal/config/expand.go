package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const maxSecret = mib // of a file that is put into a value

// expansion matches the three forms of the package comment, each perhaps behind a dollar that keeps it as it is.
var expansion = regexp.MustCompile(`\$?\$\{(?:file:([^-}\n][^}\n]*)|([A-Za-z_][A-Za-z0-9_]*)(?:(:-)([^}\n]*))?)\}`)

// expand replaces every expansion in the text; the error is of the first that cannot be. Relative files are below dir.
func expand(text, dir string) (expanded string, err error) {
	expanded = expansion.ReplaceAllStringFunc(text, func(form string) string {
		if strings.HasPrefix(form, "$$") {
			return form[1:]
		}
		value, formErr := expandOne(form, dir)
		if err == nil {
			err = formErr
		}
		return value
	})
	return expanded, err
}

// expandOne gives the value of one form.
func expandOne(form, dir string) (string, error) {
	parts := expansion.FindStringSubmatch(form)
	file, name, hasDefault, fallback := parts[1], parts[2], parts[3] != "", parts[4]
	if file != "" {
		return expandFile(file, dir)
	}
	value, set := os.LookupEnv(name)
	switch {
	case hasDefault && strings.Contains(fallback, "${"):
		return "", fmt.Errorf("the default of ${%s:-...} holds another ${; write a plain text", name)
	case hasDefault && value == "":
		return fallback, nil
	case !set:
		return "", fmt.Errorf("the environment variable %s is not set; set it or write ${%s:-default}", name, name)
	}
	return value, nil
}

// expandFile gives the file's content without its last newline.
func expandFile(file, dir string) (string, error) {
	path := file
	anchorPath(dir, &path)
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("it is not a regular file")
	}
	var data []byte
	if err == nil {
		data, err = readAtMost(path, maxSecret)
	}
	if err != nil {
		return "", fmt.Errorf("${file:%s} cannot be read: %s", file, reason(err))
	}
	if text, ended := strings.CutSuffix(string(data), "\n"); ended {
		return strings.TrimSuffix(text, "\r"), nil
	}
	return string(data), nil
}

// folder is the absolute folder of the file, or its relative one, which is all that is known when the working directory is gone.
func folder(file string) string {
	dir := filepath.Dir(file)
	if abs, err := filepath.Abs(dir); err == nil {
		return abs
	}
	return dir
}
