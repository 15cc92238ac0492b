package config

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-viper/mapstructure/v2"
	"go.yaml.in/yaml/v3"

	"github.com/tailspan/tailspan/internal/confkey"
)

// valueError says what is wrong with a value, in the user's words.
type valueError struct{ msg string }

func (e *valueError) Error() string { return e.msg }

// badValue makes a valueError for a text that is not what the type wants.
func badValue(text, is string, t reflect.Type, size bool) error {
	return &valueError{fmt.Sprintf("%s is not %s; %s", quote(text), is, wanted(t, size))}
}

// decoding sets mapstructure to take nothing but what our walk hands over, and to turn texts into values by our hook.
func decoding(config *mapstructure.DecoderConfig) {
	config.DecodeHook = decodeHook
	config.WeaklyTypedInput = false
	config.IgnoreUntaggedFields = true
	config.MatchName = func(key, field string) bool { return key == field }
}

// decodeHook prepares one value of the file for its place.
func decodeHook(from, to reflect.Value) (any, error) {
	switch value := from.Interface().(type) {
	case map[string]any:
		return decodeMap(value, to), nil
	case pairs:
		named := map[string]any{}
		for _, p := range value {
			named[p.name] = p.value
		}
		return named, nil
	case scalar:
		return decodeScalar(value, to)
	default:
		return value, nil
	}
}

// decodeMap lays the defaults where the map's values will stand, and marks a union that is written as a map.
func decodeMap(value map[string]any, to reflect.Value) map[string]any {
	if to.CanAddr() {
		setDefaults(to.Addr().Interface())
	}
	if isUnion(to.Type()) {
		mode := confkey.Auto
		if namesPlace(to.Type(), value) {
			mode = confkey.Field
		}
		value["mode"] = scalar{text: string(mode)}
	}
	return value
}

// manners are the keys of unions that say how to read what is found by itself, as in timestamp: {timezone: Europe/Berlin}.
// All others say where or what it is.
var manners = []string{"layouts", "timezone", "now", "unit", "timeout", "max_lines"}

// namesPlace says whether a union's map says where to look, and not only how.
func namesPlace(t reflect.Type, value map[string]any) bool {
	for _, f := range fieldsOf(t) {
		if _, there := value[f.name]; there && !slices.Contains(manners, f.name) {
			return true
		}
	}
	return false
}

// decodeScalar turns a text into what its place wants.
func decodeScalar(s scalar, to reflect.Value) (any, error) {
	t := to.Type()
	switch {
	case isUnion(t):
		return decodeMode(s, t)
	case t == durationType:
		return decodeDuration(s, t)
	case t.Kind() == reflect.Bool:
		return decodeBool(s, t)
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		return decodeInt(s, to)
	case t.Kind() == reflect.Float64:
		return decodeFloat(s, t)
	case t.Kind() == reflect.Interface:
		return decodeAny(s)
	case t.Kind() == reflect.Pointer:
		return s, nil
	}
	return s.text, nil
}

// modeWord is the word in lower case, with YAML 1.1's names of truth understood.
func modeWord(text string) string {
	text = strings.ToLower(text)
	switch text {
	case "no", "false":
		return "off"
	case "on", "yes", "true":
		return "auto"
	}
	return text
}

// decodeMode reads a union that is one word.
func decodeMode(s scalar, t reflect.Type) (any, error) {
	word := modeWord(s.text)
	if word != string(confkey.Auto) && word != string(confkey.Off) {
		return nil, &valueError{fmt.Sprintf("%s is not allowed here; %s", quote(s.text), wanted(t, false))}
	}
	return map[string]any{"mode": scalar{text: word}}, nil
}

// decodeDuration reads 200ms, 1h30m, 168h, 30d and 0.
func decodeDuration(s scalar, t reflect.Type) (any, error) {
	text := strings.TrimSpace(s.text)
	if number, ok := strings.CutSuffix(text, "d"); ok {
		if count, err := strconv.ParseUint(number, 10, 16); err == nil {
			return time.Duration(count) * 24 * time.Hour, nil
		}
	}
	duration, err := time.ParseDuration(text)
	if err != nil || duration < 0 {
		return nil, badValue(s.text, "a duration", t, false)
	}
	return duration, nil
}

// decodeBool reads true and false, and YAML 1.1's other words for them.
func decodeBool(s scalar, t reflect.Type) (any, error) {
	switch strings.ToLower(s.text) {
	case "true", "yes", "on":
		return true, nil
	case "false", "no", "off":
		return false, nil
	}
	return nil, badValue(s.text, "true or false", t, false)
}

// decodeInt reads a whole number, or a size.
func decodeInt(s scalar, to reflect.Value) (any, error) {
	if s.size {
		size, ok := parseSize(s.text)
		if !ok || to.OverflowInt(size) {
			return nil, badValue(s.text, "a size", to.Type(), true)
		}
		return size, nil
	}
	number, err := strconv.ParseInt(s.text, 10, 64)
	if err != nil || to.OverflowInt(number) {
		return nil, badValue(s.text, "a whole number", to.Type(), false)
	}
	return number, nil
}

// decodeFloat reads a number, or a share in hundredths, as 5%.
func decodeFloat(s scalar, t reflect.Type) (any, error) {
	text, hundredths := strings.CutSuffix(s.text, "%")
	number, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if hundredths {
		number /= 100
	}
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return nil, badValue(s.text, "a number", t, false)
	}
	return number, nil
}

// decodeAny reads a value whose type is the user's choice: int64, uint64 above its range, float64, bool or string. Quoted
// and expanded ones are strings.
func decodeAny(s scalar) (any, error) {
	if !slices.Contains([]string{"!!int", "!!float", "!!bool"}, s.tag) {
		return s.text, nil
	}
	var value any
	node := yaml.Node{Kind: yaml.ScalarNode, Tag: s.tag, Value: s.text}
	if err := node.Decode(&value); err != nil {
		return nil, &valueError{quote(s.text) + " is not a number or truth value; put it in quotes if it is a text"}
	}
	switch number := value.(type) {
	case int:
		return int64(number), nil
	case float64:
		if math.IsNaN(number) || math.IsInf(number, 0) {
			return nil, &valueError{quote(s.text) + " is a number that JSON does not have; put it in quotes if it is a text"}
		}
	}
	return value, nil
}

// units of sizes, by their names in lower case.
var units = map[string]int64{
	"": 1, "b": 1,
	"kb": 1e3, "mb": 1e6, "gb": 1e9, "tb": 1e12,
	"kib": kib, "mib": mib, "gib": gib, "tib": tib,
}

// parseSize reads a whole number of bytes with or without a unit; a blank may stand between.
func parseSize(text string) (int64, bool) {
	digits := len(text) - len(strings.TrimLeft(text, "0123456789"))
	number, err := strconv.ParseInt(text[:digits], 10, 64)
	unit, known := units[strings.ToLower(strings.TrimSpace(text[digits:]))]
	if err != nil || !known || number > math.MaxInt64/unit {
		return 0, false
	}
	return number * unit, true
}

// formatSize writes a number of bytes with the largest binary unit that leaves it whole.
func formatSize(size int64) string {
	for _, unit := range []string{"TiB", "GiB", "MiB", "KiB"} {
		if n := units[strings.ToLower(unit)]; size >= n && size%n == 0 {
			return strconv.FormatInt(size/n, 10) + unit
		}
	}
	return strconv.FormatInt(size, 10)
}
