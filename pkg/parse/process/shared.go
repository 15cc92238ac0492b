package process

// Shared is what the Chains of one pipeline have in common: they run in several goroutines, and what counts lines must
// count those of all.
type Shared struct{}

// NewShared returns what the Chains of a pipeline share.
func NewShared() *Shared { return &Shared{} }
