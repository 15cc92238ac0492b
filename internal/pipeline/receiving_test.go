package pipeline

import (
	"bytes"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/test/free"
)

const socketStage = "data_dir: state\nhost: {name: h}\npipelines: [{name: a, input: {type: unix, listen: log.sock}, format: auto}]\noutput: {console: {}}\n"

// TestReceived sends over one connection while the configuration changes, and finds everything once and nothing of the spool.
func TestReceived(t *testing.T) {
	s := newStageOf(t, t.TempDir(), socketStage)
	conn, err := net.Dial("unix", filepath.Join(s.dir, "log.sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	var want []string
	send := func(message string) {
		want = append(want, message)
		if _, err := io.WriteString(conn, message+"\n"); err != nil {
			t.Fatal(err)
		}
		s.shipped(want...)
	}
	send("one")
	s.reload(strings.Replace(socketStage, "format: auto", "format: auto, service: shop", 1))
	send("two")
	s.reload(strings.Replace(socketStage, "format: auto", "format: auto, max_line: 2KiB", 1)) // that is the receiver's business, too
	if _, err := conn.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the connection to an input that is another one ended with %v", err)
	}
	if conn, err = net.Dial("unix", filepath.Join(s.dir, "log.sock")); err != nil {
		t.Fatal(err)
	}
	send("three")
	s.end()
	if left, _ := filepath.Glob(filepath.Join(s.dir, "state/spool/a/*")); len(left) > 0 {
		t.Errorf("what is delivered was left behind: %q", left)
	}
	for _, not := range []string{"log.file.path", "log.offset", "spool"} {
		if strings.Contains(s.out.String(), not) {
			t.Errorf("documents speak of %s: %s", not, s.out.String())
		}
	}
}

// TestReceivedFrom shows where a line came from, its breaks, and that the id does not depend on what it is looked at with.
func TestReceivedFrom(t *testing.T) {
	address := free.For(t)
	s := newStageOf(t, t.TempDir(), fmt.Sprintf("data_dir: state\nhost: {name: h}\npipelines:\n- {name: a/b, input: {type: tcp, listen: %q},"+
		" process: [{set: {field: labels.near, value: \"yes\", when: 'log.source.address startsWith \"127.\"'}}]}\noutput: {console: {}}\n", address))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	text := "<11>1 2026-01-01T00:00:00Z web app - - - first\nsecond"
	if _, err := fmt.Fprintf(conn, "%d %s", len(text), text); err != nil {
		t.Fatal(err)
	}
	s.shipped(`first\nsecond`)
	for _, want := range []string{`"log.source.address":"` + conn.LocalAddr().String() + `"`, `"labels.near":"yes"`, `"log.level":"error"`, `"@timestamp":"2026-01-01T00:00:00Z"`} {
		if !strings.Contains(s.out.String(), want) {
			t.Errorf("%s has no %s", s.out.String(), want)
		}
	}
}

// TestGivenFrom keeps what a line says itself of where it is from, however it is written.
func TestGivenFrom(t *testing.T) {
	address := free.For(t)
	s := newStageOf(t, t.TempDir(), fmt.Sprintf("data_dir: state\nhost: {name: h}\nkubernetes: off\npipelines:\n"+
		"- {name: a, input: {type: tcp, listen: %q}, format: json}\noutput: {console: {}}\n", address))
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	for _, given := range []string{`"log":{"source":{"address":"x"},"n":1}`, `"log.source.address":"x"`, `"log":{"source.address":"x"}`} {
		for range 2 { // the second one is read along the shape of the first
			if _, err := fmt.Fprintf(conn, "{\"a\":1,%s,\"message\":\"m\"}\n", given); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.shipped("m", "m", "m", "m", "m", "m")
	if out := s.out.String(); strings.Contains(out, "127.0.0.1") || strings.Count(out, `address":"x"`) != 6 {
		t.Error(out)
	}
}

// once runs a configuration to its end and returns its documents.
func once(t *testing.T, dir, configuration, stdin string) string {
	t.Helper()
	cfg := configured(t, dir, map[string]string{"tailspan.yaml": configuration})
	var out bytes.Buffer
	runner, err := NewRunner(cfg, true, strings.NewReader(stdin), &out, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := runner.Run(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStandardInput(t *testing.T) {
	const configuration = "data_dir: state\nhost: {name: h}\npipelines: [{name: a, input: stdin, multiline: {start: '^\\S'}, max_line: 1KiB}]\noutput: {console: {}}\n"
	dir := t.TempDir()
	for range 2 { // the second time it is another input, although it says the same
		out := once(t, dir, configuration, "one\n more\ntwo\n"+strings.Repeat("x", 2000)+"\nlast")
		for _, want := range []string{`"message":"one\n more"`, `"message":"two"`, `"message":"` + strings.Repeat("x", 1024) + `"`, `"message":"last"`} {
			if strings.Count(out, want) != 1 {
				t.Errorf("no %.60s in %.1000s", want, out)
			}
		}
		if n := strings.Count(out, "\n"); n != 4 {
			t.Errorf("%d documents", n)
		}
	}
}

// TestJournal reads a real file of systemd's journal, made by systemd-journal-remote, and goes on where it was.
func TestJournal(t *testing.T) {
	const maker = "/lib/systemd/systemd-journal-remote"
	if _, err := exec.LookPath("journalctl"); err != nil {
		t.Skip("journalctl is not installed: ", err)
	}
	if _, err := os.Stat(maker); err != nil {
		t.Skip("systemd-journal-remote, which makes files of the journal, is not installed: ", err)
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "journal"), 0o700); err != nil {
		t.Fatal(err)
	}
	entry := func(n int, message string) string {
		return fmt.Sprintf("__REALTIME_TIMESTAMP=%d\n__MONOTONIC_TIMESTAMP=%d\n_BOOT_ID=0123456789abcdef0123456789abcdef\n_MACHINE_ID=fedcba9876543210fedcba9876543210\n"+
			"PRIORITY=4\nSYSLOG_IDENTIFIER=app\n_PID=%d\n_SYSTEMD_UNIT=app.service\n%s\n\n", 1767225600000000+n*1000000, 1000+n, 100+n, message)
	}
	add := func(file, entries string) {
		cmd := exec.Command(maker, "-o", filepath.Join(dir, "journal", file), "-")
		cmd.Stdin = strings.NewReader(entries)
		if text, err := cmd.CombinedOutput(); err != nil {
			t.Fatal(err, string(text))
		}
	}
	const configuration = "data_dir: state\nhost: {name: h}\npipelines: [{name: a, input: {type: journald, journal: {paths: [journal], units: [app.service]}}}]\noutput: {console: {}}\n"
	add("one.journal", entry(1, "MESSAGE=plain")+entry(2, "MESSAGE\n\x09\x00\x00\x00\x00\x00\x00\x00two\nlines")+
		entry(3, `MESSAGE={"msg":"json","level":"error","trace_id":"0af7651916cd43dd8448eb211c80319c"}`))
	out := once(t, dir, configuration, "")
	for _, want := range []string{`"message":"plain"`, `"message":"two\nlines"`, `"message":"json"`, `"trace.id":"0af7651916cd43dd8448eb211c80319c"`,
		`"@timestamp":"2026-01-01T00:00:01.000000Z"`, `"process.pid":101`, `"systemd.unit":"app.service"`, `"log.syslog.appname":"app"`, `"log.level":"error"`, `"log.level":"warning"`} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if n := strings.Count(out, "\n"); n != 3 {
		t.Errorf("%d documents", n)
	}
	if out := once(t, dir, configuration, ""); out != "" {
		t.Errorf("read again: %s", out)
	}
	add("two.journal", entry(10, "MESSAGE=later")+strings.Replace(entry(11, "MESSAGE=of others"), "app.service", "other.service", 1))
	if out := once(t, dir, configuration, ""); strings.Count(out, "\n") != 1 || !strings.Contains(out, `"message":"later"`) {
		t.Errorf("after the cursor: %s", out)
	}
}
