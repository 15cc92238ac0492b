package ship

import "github.com/tailspan/tailspan/pkg/event"

// Held is the document of a line that was held back after its batch had gone on, and is delivered now. An output copies what it needs.
type Held struct {
	Source   *event.Source
	From, To int64 // the range of the file that is acknowledged with it
	Offset   int64
	Route    int    // of its pipeline's, 0 for none
	Action   []byte // what elastic.Writer.AppendAction made of the line; nil when there is no such output
	ID       []byte // its _id
	Document []byte
}
