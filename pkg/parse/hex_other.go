//go:build !amd64

package parse

// lowerHex writes id, as many hexadecimal digits as dst has bytes, 16 or 32, in lower case; false, and nothing is written, when it is
// anything else, or all zero. anyCase allows upper-case digits, which loggers write but no header may have.
func lowerHex(dst, id []byte, anyCase bool) bool { return lowerWords(dst, id, anyCase) }
