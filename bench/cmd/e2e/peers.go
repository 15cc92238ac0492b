package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
)

// peer is another shipper: Debian's packages of it, and how it is started from where they were unpacked. Nothing is installed, so
// that no syslog daemon of the machine is touched.
type peer struct {
	name      string
	packages  []string
	program   string // below the folder
	args      []string
	libraries []string
	shapes    []string // that there is a configuration for
	config    string   // its name's end
}

// peers are those that Debian has. What they leave out of the work stands in docs/BENCHMARKS.md.
var peers = []peer{
	{name: "rsyslog", packages: []string{"rsyslog", "rsyslog-elasticsearch"}, program: "usr/sbin/rsyslogd",
		args:      []string{"-n", "-f", "@CONFIG@", "-i", "@STATE@/pid", "-M", "@ROOT@/usr/lib/@ARCH@/rsyslog"},
		libraries: []string{"usr/lib/@ARCH@", "lib/@ARCH@"}, shapes: []string{"json", "regex"}, config: "rsyslog.conf"},
	{name: "syslog-ng", packages: []string{"syslog-ng-core", "syslog-ng-mod-http"}, program: "usr/sbin/syslog-ng",
		args: []string{"-F", "--no-caps", "-f", "@CONFIG@", "-R", "@STATE@/persist", "-p", "@STATE@/pid", "-c", "@STATE@/control",
			"--module-path=@ROOT@/usr/lib/syslog-ng/3.38"},
		libraries: []string{"usr/lib/syslog-ng", "usr/lib/@ARCH@", "lib/@ARCH@"}, shapes: []string{"json", "regex"}, config: "syslog-ng.conf"},
}

// fetchPeers downloads the packages of each peer, with what they need and this machine lacks, and unpacks them.
func (b *bench) fetchPeers(ctx context.Context) error {
	for _, p := range peers {
		root := filepath.Join(b.peers, p.name)
		if _, err := os.Stat(filepath.Join(root, p.program)); err == nil {
			continue
		}
		say("%s: downloading from Debian", p.name)
		archives := filepath.Join(root, "archives")
		if err := os.MkdirAll(filepath.Join(archives, "partial"), 0o755); err != nil {
			return err
		}
		args := append([]string{"install", "-y", "-qq", "--no-install-recommends", "--download-only", "-o", "Dir::Cache::archives=" + archives}, p.packages...)
		if err := call(ctx, "apt-get", args...); err != nil {
			return err
		}
		debs, err := filepath.Glob(filepath.Join(archives, "*.deb"))
		if err != nil {
			return err
		}
		for _, deb := range debs {
			if err := call(ctx, "dpkg-deb", "-x", deb, root); err != nil {
				return err
			}
		}
		if _, err := os.Stat(filepath.Join(root, p.program)); err != nil {
			return fmt.Errorf("%s: apt-get brought no %s; is it installed on this machine already?", p.name, p.program)
		}
	}
	return nil
}

// call runs a command, and shows what it says when it fails.
func call(ctx context.Context, name string, args ...string) error {
	if out, err := exec.CommandContext(ctx, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", name, err, out)
	}
	return nil
}

// peersOf are the peers as programs for a shape.
func (b *bench) peersOf(shape string) []program {
	var all []program
	for _, p := range peers {
		if b.peers == "" || !slices.Contains(p.shapes, shape) {
			continue
		}
		root := filepath.Join(b.peers, p.name)
		libraries := ""
		for _, l := range p.libraries {
			libraries += filepath.Join(root, l) + ":"
		}
		one := program{name: p.name, argv: append([]string{filepath.Join(root, p.program)}, p.args...), root: root,
			config: "peers/" + shape + "-" + p.config, env: []string{"LD_LIBRARY_PATH=" + libraries}}
		if _, err := fs.Stat(configs, "configs/peers/"+shape+"-"+p.name+".rulebase"); err == nil {
			one.rulebase = "peers/" + shape + "-" + p.name + ".rulebase"
		}
		all = append(all, one)
	}
	return all
}

// multiarch is what Debian calls the folder of this machine's libraries.
func multiarch() string {
	if runtime.GOARCH == "arm64" {
		return "aarch64-linux-gnu"
	}
	return "x86_64-linux-gnu"
}
