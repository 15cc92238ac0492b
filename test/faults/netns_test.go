//go:build faults && linux

package faults_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// drops runs an agent in a network namespace of its own, where iptables loses its packets without a word for a while.
func (s *scene) drops(w *writer) {
	s.t.Helper()
	if os.Geteuid() != 0 || try("which", "ip", "iptables") != nil {
		s.saw("iptables not tried: it needs root, ip and iptables")
		return
	}
	name := fmt.Sprintf("tailspan-%d", os.Getpid())
	if err := try("ip", "netns", "add", name); err != nil {
		s.saw("iptables not tried: %v", err)
		return
	}
	s.agent.stop()
	s.t.Cleanup(func() {
		s.stopAll()
		_ = try("ip", "netns", "del", name) // it goes with the machine at last
	})
	in := func(args ...string) { s.command("ip", append([]string{"netns", "exec", name}, args...)...) }
	in("ip", "link", "set", "lo", "up")
	listener := s.listenIn(name)
	s.sink.listen(s.t, listener)
	s.conf.hosts = []string{"http://" + listener.Addr().String()}
	a := s.launch(launch{before: []string{"ip", "netns", "exec", name}, dial: dialIn(name)})
	a.listening()
	s.freshBy(w)
	port := fmt.Sprint(listener.Addr().(*net.TCPAddr).Port)
	for _, rule := range [][]string{
		{"-p", "tcp", "--dport", port, "-j", "DROP"},
		{"-p", "tcp", "--dport", port, "-j", "REJECT", "--reject-with", "tcp-reset"},
		{"-p", "tcp", "--sport", port, "-m", "statistic", "--mode", "random", "--probability", "0.3", "-j", "DROP"},
	} {
		if err := try("ip", append([]string{"netns", "exec", name, "iptables", "-A", "INPUT"}, rule...)...); err != nil {
			s.saw("iptables cannot: %v", err)
			continue
		}
		w.flow(300)
		lasts(size(4*time.Second, 30*time.Second))
		in(append([]string{"iptables", "-D", "INPUT"}, rule...)...)
		s.fresh()
		s.saw("iptables %s", rule[len(rule)-1])
	}
	s.pass()
}

// inside runs f on a thread that is in the network namespace; the thread ends with it.
func inside(name string, f func() error) error {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread is of no more use
		fd, err := os.Open("/run/netns/" + name)
		if err == nil {
			err = unix.Setns(int(fd.Fd()), unix.CLONE_NEWNET)
			_ = fd.Close() // was only for Setns
		}
		if err == nil {
			err = f()
		}
		failed <- err
	}()
	return <-failed
}

func (s *scene) listenIn(name string) (l net.Listener) {
	s.t.Helper()
	s.must(inside(name, func() (err error) {
		l, err = net.Listen("tcp", "127.0.0.1:0")
		return err
	}))
	return l
}

func dialIn(name string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (c net.Conn, err error) {
		err = inside(name, func() (err error) {
			c, err = new(net.Dialer).DialContext(ctx, network, address)
			return err
		})
		return c, err
	}
}
