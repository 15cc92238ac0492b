package elastic

import (
	"context"
	"io"
	"net"
)

// wire is a connection on which a request body goes out from where it stands: net/http copies a body in pieces of 32 KiB, each with a
// system call and a copy of its own. TLS, which has to write every byte anew, sits on top of it and is not helped.
type wire struct{ *net.TCPConn }

// dial connects as net/http does when it is not told how.
func dial(ctx context.Context, network, addr string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, addr)
	if tcp, ok := conn.(*net.TCPConn); ok {
		return wire{tcp}, err
	}
	return conn, err
}

// ReadFrom is how net/http hands over a body: limited to the Content-Length.
func (w wire) ReadFrom(r io.Reader) (int64, error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		return w.TCPConn.ReadFrom(r)
	}
	b, ok := limited.R.(*body)
	if !ok || int64(b.Len()) > limited.N {
		return w.TCPConn.ReadFrom(r)
	}
	n, err := b.WriteTo(w.TCPConn)
	limited.N -= n
	return n, err
}
