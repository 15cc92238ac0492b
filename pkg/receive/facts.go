package receive

import (
	"github.com/tailspan/tailspan/internal/jsontext"
	"github.com/tailspan/tailspan/pkg/event"
)

// FactRoot is the name below which all facts are.
const FactRoot = "log"

// Facts are what is known of a line by the address that it came from.
func Facts(address []byte) *event.Facts {
	return event.NewFacts("", []event.Fact{{Name: "log.source.address", Value: jsontext.AppendString(nil, string(address))}})
}
