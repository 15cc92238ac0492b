// Package free finds addresses of the loopback for programs that are told theirs.
package free

import (
	"errors"
	"net"
	"testing"
)

// Addresses are n different ones, as 127.0.0.1:PORT, on which nobody listens at the moment.
func Addresses(n int) (all []string, err error) {
	for range n {
		listener, e := net.Listen("tcp", "127.0.0.1:0")
		if e != nil {
			return nil, errors.Join(err, e)
		}
		defer func() { err = errors.Join(err, listener.Close()) }() // only when all are found, so that none comes twice
		all = append(all, listener.Addr().String())
	}
	return all, nil
}

// Address is one of them.
func Address() (string, error) {
	all, err := Addresses(1)
	if err != nil {
		return "", err
	}
	return all[0], nil
}

// For is one for a test, which ends where there is none.
func For(t testing.TB) string {
	t.Helper()
	address, err := Address()
	if err != nil {
		t.Fatal(err)
	}
	return address
}
