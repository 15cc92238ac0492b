// Package process starts the programs that are measured and reads what they use. Only Linux tells.
package process

import "time"

// Usage is what a process used so far.
type Usage struct {
	CPU  time.Duration // of all its threads, in user and system mode
	Peak int64         // bytes of resident memory
}
