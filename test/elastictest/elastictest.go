// Package elastictest runs a real single-node Elasticsearch or OpenSearch for tests, without containers: the minimal distribution
// that is published on Maven Central for integration tests, on a JDK of this machine.
//
// What it needs is Maven (once; the distribution is then cached) and a JDK 17, for Elasticsearch 9 one of 21 or later; what is missing is named by the error,
// with what to install. A node keeps everything it writes in a temporary directory of its own, listens on the loopback
// only, and on Linux dies with the test process. The distribution lacks the root of the API, lifecycle management, ingest
// processors, painless and the data stream API; data streams come into being by a bulk request through a template.
package elastictest

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/tailspan/tailspan/test/free"
)

const (
	clusterName  = "tailspan-test"
	readyTimeout = 5 * time.Minute
	stopTimeout  = 2 * time.Minute // on a busy machine it takes more than half of one
)

// Options say how a node differs from the plain one.
type Options struct {
	Settings []string // lines of elasticsearch.yml, each "key: value"
	Security bool     // it asks who is there, and keeps API keys; Do speaks for its administrator
	TLS      bool     // with Security: it speaks HTTPS; see Node.Certificates
	Release  Release  // which server; default Elasticsearch8
	Modules  bool     // with OpenSearch2: it has ingest processors
}

// Node is one single-node cluster. Its methods are for one goroutine at a time, but for those that only ask it.
type Node struct {
	URL          string       // http://127.0.0.1:PORT, with TLS https://127.0.0.1:PORT; the same after a restart
	Certificates Certificates // with TLS

	release  Release
	client   *http.Client
	settings []string // that every start has

	dir     string // holds config, data, logs and tmp
	home    string // the distribution
	jdk     string
	account account
	// password is the administrator's; empty when nobody is asked for one.
	password string
	process  *process // nil while it is stopped
}

// process is a running server, or rather its launcher, which passes signals on and ends with it.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed once it has ended
}

// Start runs a node on a free port; it returns once the node answers. Call Close when done, after a failed test as well.
func Start(options Options) (*Node, error) {
	n := &Node{release: options.Release, client: client}
	if n.release == (Release{}) {
		n.release = Elasticsearch8
	}
	var err error
	if n.jdk, err = findJDK(n.release); err != nil {
		return nil, err
	}
	if n.home, err = distribution(n.release); err != nil {
		return nil, err
	}
	switch {
	case options.Security:
		n.home, err = withPlugin(n.release, n.home, n.jdk)
	case options.Modules:
		n.home, err = withModules(n.release, n.home)
	}
	if err != nil {
		return nil, err
	}
	n.settings = n.release.settings(options.Security)
	if n.account, err = serverAccount(); err != nil {
		return nil, err
	}
	address, err := free.Address()
	if err != nil {
		return nil, err
	}
	n.URL = "http://" + address
	if options.TLS {
		n.URL = "https" + strings.TrimPrefix(n.URL, "http")
		n.settings = append(n.settings, tlsSettings...)
	}
	// Not a test's TempDir: that is closed to the account that the server runs as when the tests run as root.
	if n.dir, err = os.MkdirTemp("", "tailspan-elasticsearch-"); err != nil {
		return nil, err
	}
	if err := n.prepare(options); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	if err := n.Restart(options.Settings...); err != nil {
		return nil, errors.Join(err, n.Close())
	}
	return n, nil
}

// LogDir is where the node writes its own logs: NAME_server.json in ECS and NAME.log as text.
func (n *Node) LogDir() string { return filepath.Join(n.dir, "logs") }

// ServerLog is the node's own log in JSON, one ECS document a line.
func (n *Node) ServerLog() string { return filepath.Join(n.LogDir(), clusterName+"_server.json") }

// Restart stops the node if it runs and starts it on the same data and port, with these lines in elasticsearch.yml
// beside the usual ones. It returns once the node answers.
func (n *Node) Restart(settings ...string) error {
	if err := n.Stop(); err != nil {
		return err
	}
	if err := n.writeSettings(settings); err != nil {
		return err
	}
	console, err := os.OpenFile(n.consoleLog(), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	defer func() { _ = console.Close() }() // the server has its own descriptor of it
	cmd := exec.Command(filepath.Join(n.home, "bin", n.release.product))
	cmd.Dir, cmd.Stdout, cmd.Stderr = n.dir, console, console
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + n.dir, n.release.variable("JAVA_HOME") + "=" + n.jdk,
		n.release.variable("PATH_CONF") + "=" + filepath.Join(n.dir, "config"), n.release.variable("TMPDIR") + "=" + filepath.Join(n.dir, "tmp")}
	if n.process, err = launch(cmd, n.account); err != nil {
		return fmt.Errorf("%s (its account must be able to enter the folder; %s chooses another): %w", n.release, CacheVariable, err)
	}
	if err := n.awaitReady(); err != nil {
		return errors.Join(err, n.Stop())
	}
	return nil
}

// Stop ends the node in good order; its data stays for Restart.
func (n *Node) Stop() error {
	p := n.process
	if p == nil {
		return nil
	}
	n.process = nil
	// Not an interrupt: a shell that starts the tests in the background lets that be ignored.
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(stopTimeout):
	}
	err := p.cmd.Process.Kill() // the server ends when its launcher does
	<-p.done
	return errors.Join(fmt.Errorf("%s did not stop within %s and was killed", n.release, stopTimeout), err)
}

// Kill ends the node as a power failure would, and returns once it is gone; its data stays for Restart.
func (n *Node) Kill() error {
	p := n.process
	if p == nil {
		return nil
	}
	n.process = nil
	err := p.kill()
	<-p.done
	return err
}

// Close stops the node and removes everything it wrote.
func (n *Node) Close() error {
	err := n.Stop()
	return errors.Join(err, os.RemoveAll(n.dir))
}

func (n *Node) consoleLog() string { return filepath.Join(n.LogDir(), "console.log") }

// prepare lays out the node's directory and gives it to the account of the server.
func (n *Node) prepare(options Options) error {
	if err := os.Chmod(n.dir, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"config/jvm.options.d", "data", "logs", "tmp"} {
		if err := os.MkdirAll(filepath.Join(n.dir, name), 0o755); err != nil {
			return err
		}
	}
	config := filepath.Join(n.dir, "config")
	if err := os.CopyFS(config, configOnly(n.home)); err != nil {
		return err
	}
	jvm, err := os.ReadFile(filepath.Join(n.home, "config", "jvm.options"))
	if err != nil {
		return err
	}
	var kept []string
	for line := range strings.Lines(string(jvm)) {
		if !strings.Contains(line, "logs/") && !strings.Contains(line, "HeapDump") { // they would write into the distribution
			kept = append(kept, line)
		}
	}
	for name, text := range map[string]string{"jvm.options": strings.Join(kept, ""), "jvm.options.d/heap.options": "-Xms512m\n-Xmx512m\n-XX:TieredStopAtLevel=1\n"} {
		if err := os.WriteFile(filepath.Join(config, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if options.Security {
		if err := n.secure(); err != nil {
			return err
		}
	}
	if options.TLS {
		if err := n.certify(); err != nil {
			return err
		}
	}
	return n.account.own(n.dir)
}

func (n *Node) writeSettings(extra []string) error {
	port := n.URL[strings.LastIndexByte(n.URL, ':')+1:]
	lines := append([]string{
		"cluster.name: " + clusterName,
		"node.name: node0",
		"path.data: " + filepath.Join(n.dir, "data"),
		"path.logs: " + n.LogDir(),
		"network.host: 127.0.0.1",
		"http.port: " + port,
		"transport.port: 0",
		"discovery.type: single-node",
		"cluster.routing.allocation.disk.threshold_enabled: false",
	}, append(slices.Clone(n.settings), extra...)...)
	path := filepath.Join(n.dir, "config", n.release.product+".yml")
	return os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o644)
}

// awaitReady returns once every primary shard is there.
func (n *Node) awaitReady() error {
	deadline := time.Now().Add(readyTimeout)
	for {
		err := n.Do("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s", nil, nil)
		if err == nil {
			return nil
		}
		select {
		case <-n.process.done:
			return fmt.Errorf("%s ended: %s\n%s", n.release, n.process.cmd.ProcessState, tail(n.consoleLog()))
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s was not ready within %s: %w\n%s", n.release, readyTimeout, err, tail(n.consoleLog()))
		}
	}
}

// tail is the end of a log, for an error text.
func tail(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(data[max(0, len(data)-4<<10):])
}
