//go:build packages

package packages

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/test/machine"
)

// released returns the only file in dist that the pattern matches.
func released(t *testing.T, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join("../../dist", pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("dist/%s: %v %v; run make packages", pattern, found, err)
	}
	return found[0]
}

// output runs a command that must succeed.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(name, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// TestDeb asks Debian's own judge; what it may not object to stands in packaging/deb/lintian-overrides, with the reasons.
func TestDeb(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		deb := released(t, "tailspan_*_"+arch+".deb")
		if said := output(t, "lintian", "--allow-root", "--fail-on", "error,warning", deb); strings.Contains(said, "tailspan:") {
			t.Errorf("%s: %s", arch, said)
		}
		if got := output(t, "dpkg-deb", "-f", deb, "Architecture"); got != arch {
			t.Errorf("the deb for %s is for %s", arch, got)
		}
		if got := output(t, "dpkg-deb", "-I", deb, "conffiles"); got != "/etc/tailspan/tailspan.yaml" {
			t.Errorf("conffiles: %q", got)
		}
	}
}

func TestRPM(t *testing.T) {
	want := []string{
		"/etc/tailspan drwxr-xr-x root:root",
		"/etc/tailspan/tailspan.yaml -rw-r----- root:root cn", // config, noreplace
		"/usr/bin/tailspan -rwxr-xr-x root:root",
		"/usr/lib/systemd/system/tailspan.service -rw-r--r-- root:root",
		"/usr/lib/sysusers.d/tailspan.conf -rw-r--r-- root:root",
		"/usr/share/bash-completion/completions/tailspan -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/CHANGELOG.md.gz -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/THIRD-PARTY-LICENSES.gz -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/apache.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/go.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/java.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/kubernetes.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/nginx.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/postgresql.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/examples/syslog.yaml -rw-r--r-- root:root",
		"/usr/share/doc/tailspan/sbom.cdx.json -rw-r--r-- root:root",
		"/usr/share/fish/vendor_completions.d/tailspan.fish -rw-r--r-- root:root",
		"/usr/share/licenses/tailspan/LICENSE -rw-r--r-- root:root l",
		"/usr/share/man/man1/tailspan.1.gz -rw-r--r-- root:root",
		"/usr/share/zsh/site-functions/_tailspan -rw-r--r-- root:root",
	}
	for _, arch := range []string{"x86_64", "aarch64"} {
		rpm := released(t, "tailspan-*."+arch+".rpm")
		if got := output(t, "rpm", "-K", rpm); !strings.HasSuffix(got, "digests OK") {
			t.Errorf("%s: %s", arch, got)
		}
		var listed, flagged []string
		for line := range strings.Lines(output(t, "rpm", "-qp", "--qf", "[%{FILENAMES} %{FILEMODES:perms} %{FILEUSERNAME}:%{FILEGROUPNAME} %{FILEFLAGS:fflags}\n]", rpm) + "\n") {
			line = strings.TrimSpace(line)
			flagged, listed = append(flagged, line), append(listed, strings.Fields(line)[0])
		}
		if !slices.Equal(listed, strings.Fields(output(t, "rpm", "-qpl", rpm))) || strings.Join(flagged, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s holds\n%s\nwant\n%s", arch, strings.Join(flagged, "\n"), strings.Join(want, "\n"))
		}
		if got := output(t, "rpm", "-qp", "--qf", "%{ARCH} %{LICENSE} %{BUILDHOST}", rpm); got != arch+" Apache-2.0 localhost" {
			t.Errorf("%s: %s", arch, got)
		}
	}
}

// TestRPMLife installs and erases the rpm; Debian's rpm does, once it is told not to look for what it does not know.
func TestRPMLife(t *testing.T) {
	m := host{machine.Boot(t), t}
	rpm, err := os.ReadFile(released(t, "tailspan-*.x86_64.rpm"))
	if err != nil {
		t.Fatal(err)
	}
	m.Put("/root/tailspan.rpm", string(rpm))
	m.Do("rpm --install --nodeps /root/tailspan.rpm")
	m.Expect("tailspan", "id -un tailspan")
	m.Put("/etc/tailspan/tailspan.yaml", config)
	m.Put("/var/log/app/a.json", "{\"msg\":\"one\"}\n")
	m.Do("systemctl enable --now tailspan")
	m.shipped("one")
	running := m.Do("systemctl show -P MainPID tailspan")
	m.Do("rpm --upgrade --replacepkgs --nodeps /root/tailspan.rpm")
	if again := m.Do("systemctl show -P MainPID tailspan"); again == running || again == "0" {
		t.Error("an upgrade does not restart the service")
	}
	m.Expect(strings.TrimSpace(config), "cat /etc/tailspan/tailspan.yaml")
	m.Do("rpm --erase tailspan")
	m.Expect("inactive\ngone", "systemctl is-active tailspan || true; ls /usr/bin/tailspan 2>/dev/null || echo gone")
	m.Do("test -e /var/lib/tailspan/lock; test -e /etc/tailspan/tailspan.yaml.rpmsave")
}

func TestArchive(t *testing.T) {
	dir := t.TempDir()
	output(t, "tar", "-xzf", released(t, "tailspan-*-linux-amd64.tar.gz"), "-C", dir, "--strip-components=1")
	if got := output(t, filepath.Join(dir, "tailspan"), "version"); !strings.HasPrefix(got, "tailspan ") {
		t.Errorf("it says %q", got)
	}
	for _, name := range []string{"LICENSE", "README.md", "CHANGELOG.md", "INSTALL.md", "tailspan.yaml", "tailspan.service", "sysusers.conf", "THIRD-PARTY-LICENSES.gz", "sbom.cdx.json",
		"tailspan.1", "completion.bash", "completion.zsh", "completion.fish"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s is missing or empty", name)
		}
	}
}

func TestChecksums(t *testing.T) {
	cmd := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	cmd.Dir = "../../dist"
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), ": OK\n") != 9 {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestBillOfMaterials compares it with what the binary says.
func TestBillOfMaterials(t *testing.T) {
	text, err := os.ReadFile(released(t, "tailspan_*_linux_amd64.cdx.json"))
	if err != nil {
		t.Fatal(err)
	}
	var bill struct {
		BOMFormat, SpecVersion string
		Components             []struct{ Purl string }
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	output(t, "tar", "-xzf", released(t, "tailspan-*-linux-amd64.tar.gz"), "-C", dir, "--strip-components=1")
	var want, got []string
	for line := range strings.Lines(output(t, "go", "version", "-m", filepath.Join(dir, "tailspan"))) {
		if f := strings.Fields(line); f[0] == "dep" {
			want = append(want, "pkg:golang/"+f[1]+"@"+strings.ReplaceAll(f[2], "+", "%2B"))
		}
	}
	for _, c := range bill.Components {
		if !strings.HasPrefix(c.Purl, "pkg:golang/std@") {
			got = append(got, c.Purl)
		}
	}
	if bill.BOMFormat != "CycloneDX" || len(want) == 0 || !slices.Equal(got, want) {
		t.Errorf("%s %s lists\n%v\nwant\n%v", bill.BOMFormat, bill.SpecVersion, got, want)
	}
}

// TestSameBytes builds the same source again, in another place, with other times and another umask.
func TestSameBytes(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("bash", "-euc", `git ls-files -zco --exclude-standard --deduplicate | tar -c --null --no-recursion -T - | tar -xm -C "$0"
		cp -a .git "$0" && umask 077 && go -C "$0/packaging" run ./build -out dist`, dir)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	first, err := os.ReadFile("../../dist/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.ReadFile(filepath.Join(dir, "dist/SHA256SUMS"))
	if err != nil || string(first) != string(second) {
		t.Errorf("%v\n%s\n%s", err, first, second)
	}
}

// TestManifestsConfigurations gives the configurations of the manifests to the agent.
func TestManifestsConfigurations(t *testing.T) {
	dir := t.TempDir()
	output(t, "tar", "-xzf", released(t, "tailspan-*-linux-amd64.tar.gz"), "-C", dir, "--strip-components=1")
	for _, base := range []string{"daemonset", "sidecar"} {
		t.Run(base, func(t *testing.T) {
			cmd := exec.Command(filepath.Join(dir, "tailspan"), "check", "--config", "../../packaging/kubernetes/"+base+"/tailspan.yaml")
			cmd.Env = append(os.Environ(), "NODE_NAME=node", "POD_NAME=pod", "POD_NAMESPACE=default")
			out, err := cmd.CombinedOutput()
			if strings.Contains(string(out), `framing: "cri" is not known to this version`) {
				t.Skip("this version has no framing: cri")
			}
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
