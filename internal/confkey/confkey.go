// Package confkey carries what is wrong with a configuration from the room that knows it to the file and line that
// says it. Rooms name keys by their path below their own part of the configuration; the configuration package knows
// where each path stands in the file.
package confkey

import (
	"errors"
	"fmt"
)

// Error is one wrong value.
type Error struct {
	Key string // path of the key: "pattern", "timestamp.layouts[1]"; list items by index
	Msg string // what is wrong and what is allowed
}

func (e *Error) Error() string { return e.Key + ": " + e.Msg }

// Errorf makes an Error for the key.
func Errorf(key, format string, args ...any) error {
	return &Error{Key: key, Msg: fmt.Sprintf(format, args...)}
}

// Below puts a prefix before the key of every Error in err; other errors get the prefix as their key.
func Below(prefix string, err error) error {
	var out []error
	for _, e := range All(err) {
		out = append(out, &Error{Key: prefix + "." + e.Key, Msg: e.Msg})
	}
	return errors.Join(out...)
}

// All flattens joined errors into a list.
func All(err error) []*Error {
	if err == nil {
		return nil
	}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var out []*Error
		for _, e := range joined.Unwrap() {
			out = append(out, All(e)...)
		}
		return out
	}
	var one *Error
	if errors.As(err, &one) {
		return []*Error{one}
	}
	return []*Error{{Key: "", Msg: err.Error()}}
}

// Mode is the key of a map that may also be written as one word, auto or off: it says which of the three it was.
type Mode string

const (
	Auto  Mode = "auto"  // looked for by itself
	Off   Mode = "off"   // not at all
	Field Mode = "field" // as the map says
)
