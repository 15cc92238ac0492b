package config

import (
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/agext/levenshtein"

	"github.com/tailspan/tailspan/internal/confkey"
	"github.com/tailspan/tailspan/pkg/receive"
)

var (
	modeType     = reflect.TypeFor[confkey.Mode]()
	durationType = reflect.TypeFor[time.Duration]()
	inputType    = reflect.TypeFor[receive.Config]()
)

// sizeKeys are the whole numbers that count bytes and may have a unit. Their Go types do not tell them from others.
var sizeKeys = []string{"memory", "max_line", "max_size"}

// field is a key that a struct has.
type field struct {
	name string
	typ  reflect.Type
}

// fieldsOf lists the keys of a struct by its tags, those of squashed structs among them. The mode of a union is no key:
// it is told by the form of the value.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for f := range t.Fields() {
		name, option, _ := strings.Cut(f.Tag.Get("mapstructure"), ",")
		switch {
		case option == "squash":
			fields = append(fields, fieldsOf(f.Type)...)
		case name != "" && f.Type != modeType:
			fields = append(fields, field{name, f.Type})
		}
	}
	return fields
}

// isUnion says whether the struct is written as auto, off, or a map.
func isUnion(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	for f := range t.Fields() {
		if f.Type == modeType {
			return true
		}
	}
	return false
}

// keysOf names the keys of a struct, in their order.
func keysOf(t reflect.Type) []string {
	var names []string
	for _, f := range fieldsOf(t) {
		names = append(names, f.name)
	}
	return names
}

// unknownKey says what may have been meant.
func unknownKey(key string, allowed []string) string {
	if len(allowed) == 0 {
		return "unknown key; none is allowed here"
	}
	if near := nearest(key, allowed); near != "" {
		return "unknown key; did you mean " + strconv.Quote(near) + "?"
	}
	return "unknown key; allowed are " + strings.Join(allowed, ", ")
}

// nearest is the allowed word that is a slip of the pen away: a third of its letters at most, case and dashes aside.
func nearest(word string, allowed []string) string {
	word = strings.ReplaceAll(strings.ToLower(word), "-", "_")
	if len(word) > 100 {
		return ""
	}
	best, least := "", len(word)
	for _, candidate := range allowed {
		distance := levenshtein.Distance(word, candidate, nil)
		if distance < least && distance <= max(1, len(candidate)/3) {
			best, least = candidate, distance
		}
	}
	return best
}

// wanted says in the user's words what a value of the type looks like.
func wanted(t reflect.Type, size bool) string {
	switch {
	case isUnion(t):
		return "write auto, off or a map of " + oneOf(keysOf(t), "and")
	case t.Kind() == reflect.Struct && len(keysOf(t)) == 0:
		return "write {}"
	case t.Kind() == reflect.Struct:
		return "write a map; its keys are " + strings.Join(keysOf(t), ", ")
	case t.Kind() == reflect.Map:
		return "write a map of names and values"
	case t.Kind() == reflect.Slice && isScalar(t.Elem()):
		return "write one text or a list of them"
	case t.Kind() == reflect.Slice:
		return "write a list of maps"
	case t == durationType:
		return "write a duration: 200ms, 10s, 5m, 168h, 30d or 0"
	case t.Kind() == reflect.Bool:
		return "write true or false"
	case size:
		return "write 1MiB, 512KiB or a number of bytes"
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return "write a whole number"
	case t.Kind() == reflect.Float64:
		return "write a number"
	}
	return "write one value"
}

// isScalar says whether values of the type are written as one scalar.
func isScalar(t reflect.Type) bool {
	return t.Kind() != reflect.Struct && t.Kind() != reflect.Slice && t.Kind() != reflect.Map && t.Kind() != reflect.Pointer
}

// below is the path of a key below another.
func below(key, name string) string {
	if key == "" {
		return printable(name)
	}
	return key + "." + printable(name)
}

var plainName = regexp.MustCompile(`^[\w.@/-]{1,100}$`)

// printable is a name as it may stand in a message: quoted and cut when it is not a plain one.
func printable(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return quote(name)
}

// quote shows a value in a message, cut when it is long.
func quote(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

// oneOf joins words as in "a, b or c".
func oneOf(words []string, last string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	end := len(words) - 1
	return strings.Join(words[:end], ", ") + " " + last + " " + words[end]
}
