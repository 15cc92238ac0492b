//go:build !amd64

package parse

import "github.com/tailspan/tailspan/internal/jsontext"

// hurry follows the line as far as it can be done fast. marks are those of the line.
func (w *walk) hurry(line []byte, marks *jsontext.Marks, ends *[maxValues]int32) {
	w.hurryOn(line, marks, ends)
}
