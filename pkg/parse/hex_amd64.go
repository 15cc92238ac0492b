package parse

import "golang.org/x/sys/cpu"

// lowerHex writes id, as many hexadecimal digits as dst has bytes, 16 or 32, in lower case; false, and nothing is written, when it is
// anything else, or all zero. anyCase allows upper-case digits, which loggers write but no header may have.
func lowerHex(dst, id []byte, anyCase bool) bool {
	if !cpu.X86.HasAVX2 {
		return lowerWords(dst, id, anyCase)
	}
	_ = id[len(dst)-1]
	return lowerVector(&dst[0], &id[0], len(dst), anyCase)
}

// lowerVector is lowerHex by the vectors of AVX2.
//
//go:noescape
func lowerVector(dst, id *byte, n int, anyCase bool) bool
