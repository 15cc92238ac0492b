//go:build !amd64

package redfa

const hasVectors = false

// passVectors passes over pieces of the run at p, as many as vectors can, and returns their number and where the next one stands: there
// are no vectors here.
func passVectors(_ []piece, _ []byte, p int, _ []int) (passed, at int) { return 0, p }
