package receive

import (
	"context"
	"crypto/tls"
	"errors"
	"io/fs"
	"net"
	"os"
	"sync"
	"time"
)

// handshakeTimeout is how long a client may take to begin TLS.
const handshakeTimeout = 10 * time.Second

// stream takes in lines over connections: TCP, with or without TLS, and unix sockets.
type stream struct {
	r        *Receiver
	tls      *tls.Config // nil: none
	mu       sync.Mutex
	listener net.Listener // nil: closed
	conns    map[net.Conn]bool
}

func (s *stream) open() error {
	cfg := &s.r.cfg
	if cfg.TLS.Cert != "" && s.tls == nil {
		files := &certificates{names: cfg.TLS}
		if _, err := files.config(); err != nil {
			return err
		}
		s.tls = &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) { return files.config() }}
	}
	if cfg.Type == "unix" {
		if err := removeStale(cfg.Listen); err != nil {
			return err
		}
	}
	listener, err := net.Listen(cfg.Type, cfg.Listen)
	if err != nil {
		return err
	}
	if err := openToAll(cfg.Type, cfg.Listen); err != nil {
		return errors.Join(err, listener.Close())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener, s.conns = listener, map[net.Conn]bool{}
	return nil
}

// Addr is where it listens; nil when it does not.
func (s *stream) addr() net.Addr {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return nil
	}
	return s.listener.Addr()
}

// close closes the listener and all connections.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil {
		return
	}
	_ = s.listener.Close()
	for c := range s.conns {
		_ = c.Close()
	}
	s.listener = nil
}

func (s *stream) run(ctx context.Context) error {
	s.mu.Lock()
	listener := s.listener
	s.mu.Unlock()
	if listener == nil {
		return net.ErrClosed
	}
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := listener.Accept()
		if err != nil {
			s.close()
			return err
		}
		if !s.admit(conn) {
			s.r.Refused.Add(1)
			_ = conn.Close()
			continue
		}
		serving.Go(func() {
			defer s.leave(conn)
			s.serve(ctx, conn)
		})
	}
}

// admit takes a connection in if there is a place for it.
func (s *stream) admit(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.listener == nil || len(s.conns) >= s.r.cfg.MaxConnections {
		return false
	}
	s.conns[conn] = true
	s.r.Connections.Add(1)
	return true
}

func (s *stream) leave(conn net.Conn) {
	_ = conn.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	s.r.Connections.Add(-1)
}

// serve takes in what comes over one connection until it ends.
func (s *stream) serve(ctx context.Context, conn net.Conn) {
	from := sender(conn.RemoteAddr())
	if s.tls != nil {
		secure := tls.Server(conn, s.tls)
		_ = conn.SetDeadline(time.Now().Add(handshakeTimeout)) // of an open connection it cannot fail
		if err := secure.HandshakeContext(ctx); err != nil {
			s.r.Refused.Add(1)
			s.r.Log.Warn("a connection was refused", "pipeline", s.r.Name, "address", from, "error", err)
			return
		}
		_ = conn.SetDeadline(time.Time{})
		conn = secure
	}
	f := &framer{r: s.r, from: from, syslog: true}
	defer f.letGo()
	buf := make([]byte, readSize)
	for {
		if s.r.cfg.IdleTimeout > 0 {
			_ = conn.SetReadDeadline(time.Now().Add(s.r.cfg.IdleTimeout))
		}
		n, err := conn.Read(buf)
		bad := f.write(buf[:n])
		if err != nil && bad == nil && ctx.Err() == nil {
			f.finish()
		}
		if s.flush(ctx, f) != nil || err != nil {
			return
		}
		if bad != nil {
			s.r.Malformed.Add(1)
			s.r.Log.Warn("a connection was closed", "pipeline", s.r.Name, "address", from, "error", bad)
			return
		}
	}
}

// flush hands the records over, and waits as long as there is no room for them: so the sender waits, too.
func (s *stream) flush(ctx context.Context, f *framer) error {
	err := s.r.put(ctx, f.out, f.count, f.bytes, true)
	f.out, f.count, f.bytes = f.out[:0], 0, 0
	if cap(f.out) > 4*readSize {
		f.out = nil
	}
	return err
}

// sender is an address as it is written in records; "" for a unix socket's, which has none.
func sender(addr net.Addr) string {
	if addr == nil || addr.Network() == "unix" || addr.Network() == "unixgram" {
		return ""
	}
	return addr.String()
}

// removeStale removes the socket that an agent which did not end well has left at path, and nothing else.
func removeStale(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSocket == 0 {
		return &fs.PathError{Op: "listen", Path: path, Err: errors.New("something that is no socket is there")}
	}
	return os.Remove(path)
}

// openToAll lets every user of the machine write to a unix socket, as to /dev/log; whoever wants less puts it in a folder
// that others may not enter.
func openToAll(network, path string) error {
	if network != "unix" && network != "unixgram" {
		return nil
	}
	return os.Chmod(path, 0o666) // #nosec G302 -- programs of any user log there
}
