package config

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/pkg/parse"
)

var update = flag.Bool("update", false, "write docs/CONFIGURATION.md anew")

const referencePath = "../../docs/CONFIGURATION.md"

// TestReference holds docs/CONFIGURATION.md to the code: every key, with the comment of its field and its default.
func TestReference(t *testing.T) {
	got := reference(t)
	if *update {
		if err := os.WriteFile(referencePath, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(referencePath)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/CONFIGURATION.md is not what the code says; run go test ./internal/config -run Reference -update")
	}
}

// reference writes the page.
func reference(t *testing.T) []byte {
	r := &referenceWriter{t: t, comments: map[string]map[string]string{}}
	r.out.WriteString(referenceHead)
	r.section("", "The file", reflect.TypeFor[Config]())
	for len(r.later) > 0 {
		next := r.later[0]
		r.later = r.later[1:]
		r.section(next.key, "`"+next.key+"`", next.typ)
	}
	return r.out.Bytes()
}

const referenceHead = `# Configuration reference

Every key, made from the code by a test (` + "`go test ./internal/config -run Reference -update`" + `). Unknown keys are errors. Sizes are
written as 64MiB, durations as 200ms, 10s, 168h or 30d. ` + "`${VAR}`, `${VAR:-default}` and `${file:/run/secrets/x}`" + ` are
expanded in every value after the YAML was read. Where a list of texts is asked for, one text will do.
`

type referenceWriter struct {
	t        *testing.T
	out      bytes.Buffer
	comments map[string]map[string]string // by package folder: Type.Field → comment
	later    []laterSection
}

type laterSection struct {
	key string
	typ reflect.Type
}

// section writes the keys of a struct as a table, and remembers those that are structs of their own.
func (r *referenceWriter) section(key, title string, typ reflect.Type) {
	fmt.Fprintf(&r.out, "\n## %s\n\n", title)
	r.out.WriteString("| key | value | default | meaning |\n|---|---|---|---|\n")
	defaults := reflect.New(typ)
	setDefaults(defaults.Interface())
	r.rows(key, typ, defaults.Elem())
}

func (r *referenceWriter) rows(key string, typ reflect.Type, defaults reflect.Value) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("mapstructure"), ",")
		switch {
		case option == "squash":
			r.rows(key, f.Type, defaults.Field(i))
			continue
		case name == "" || f.Type == modeType:
			continue
		}
		about := r.comment(typ, f.Name)
		if about == "" {
			r.t.Errorf("%s.%s has no comment, so its key %s is not explained", typ, f.Name, name)
		}
		full, inner := name, f.Type
		if key != "" {
			full = key + "." + name
		}
		for inner.Kind() == reflect.Pointer || inner.Kind() == reflect.Slice {
			if inner.Kind() == reflect.Slice && inner.Elem().Kind() == reflect.Struct {
				full += "[]"
			}
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct && len(fieldsOf(inner)) > 0 && !slices.ContainsFunc(r.later, func(l laterSection) bool { return l.typ == inner }) {
			r.later = append(r.later, laterSection{full, inner})
		}
		if typ == reflect.TypeFor[parse.Config]() && name == "format" {
			about += ". Formats: " + strings.Join(parse.FormatNames(), ", ")
		}
		fmt.Fprintf(&r.out, "| `%s` | %s | %s | %s |\n", name, kindWord(name, f.Type), defaultWord(name, defaults.Field(i)), strings.ReplaceAll(about, "|", `\|`))
	}
}

// kindWord says what a value looks like.
func kindWord(name string, t reflect.Type) string {
	switch {
	case isUnion(t):
		return "auto, off or a map"
	case t.Kind() == reflect.Pointer, t.Kind() == reflect.Struct, t.Kind() == reflect.Map:
		return "map"
	case t.Kind() == reflect.Slice && isScalar(t.Elem()):
		return "list"
	case t.Kind() == reflect.Slice:
		return "list of maps"
	case t == durationType:
		return "duration"
	case slices.Contains(sizeKeys, name):
		return "size"
	case t.Kind() == reflect.Bool:
		return "true, false"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Interface:
		return "text, number, true, false"
	}
	return "number"
}

// defaultWord writes a default; nothing for the zero value.
func defaultWord(name string, v reflect.Value) string {
	switch {
	case isUnion(v.Type()):
		mode := v.FieldByNameFunc(func(field string) bool { return v.FieldByName(field).Type() == modeType })
		return code(mode.String())
	case v.Kind() == reflect.Struct || v.Kind() == reflect.Pointer || v.Kind() == reflect.Map || v.Kind() == reflect.Bool && !v.Bool():
		return ""
	case v.Type() == durationType:
		if v.Int() == 0 {
			return ""
		}
		return code(time.Duration(v.Int()).String())
	case v.IsZero():
		return ""
	case v.Kind() == reflect.Slice:
		var items []string
		for i := range v.Len() {
			items = append(items, fmt.Sprint(v.Index(i)))
		}
		return code("[" + strings.Join(items, ", ") + "]")
	case slices.Contains(sizeKeys, name):
		return code(formatSize(v.Int()))
	}
	return code(fmt.Sprint(v))
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// comment is that of a struct's field in the source.
func (r *referenceWriter) comment(t reflect.Type, field string) string {
	folder := strings.TrimPrefix(t.PkgPath(), "github.com/tailspan/tailspan/")
	if r.comments[folder] == nil {
		r.comments[folder] = readComments(r.t, filepath.Join("../..", folder))
	}
	return r.comments[folder][t.Name()+"."+field]
}

// readComments reads the comments of all structs in a folder.
func readComments(t *testing.T, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok {
				return true
			}
			for _, spec := range decl.Specs {
				named, ok := spec.(*ast.TypeSpec)
				if !ok {
					continue
				}
				typ, ok := named.Type.(*ast.StructType)
				if !ok {
					continue
				}
				for _, f := range typ.Fields.List {
					text := sentence(f.Comment)
					if text == "" {
						text = sentence(f.Doc)
					}
					for _, name := range f.Names {
						found[named.Name.Name+"."+name.Name] = text
					}
				}
			}
			return true
		})
	}
	return found
}

// sentence is a comment on one line.
func sentence(group *ast.CommentGroup) string {
	if group == nil {
		return ""
	}
	return strings.Join(strings.Fields(group.Text()), " ")
}
