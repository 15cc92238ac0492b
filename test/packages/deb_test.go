//go:build packages

// Package packages installs what `make packages` has made, runs it under a real systemd in namespaces, and looks into the rest.
// It needs root. Its machines share nothing with the one it runs on, which stays as it is.
package packages

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/test/machine"
)

const config = `# mine
pipelines: [{name: app, paths: [/var/log/app/*.json], format: json}]
output: {console: {}}
`

// host is a machine on which tailspan is, or will be, installed.
type host struct {
	machine.Machine
	t *testing.T
}

// install puts the deb into a new machine, with a configuration and a log that only root may read.
func install(t *testing.T) host {
	t.Helper()
	m := host{machine.Boot(t), t}
	deb, err := os.ReadFile(released(t, "tailspan_*_amd64.deb"))
	if err != nil {
		t.Fatal(err)
	}
	m.Put("/root/tailspan.deb", string(deb))
	m.Do("dpkg -i /root/tailspan.deb")
	m.Expect("disabled\ninactive", "systemctl is-enabled tailspan || true; systemctl is-active tailspan || true")
	m.Do("tailspan check --config /etc/tailspan/tailspan.yaml")
	m.Put("/etc/tailspan/tailspan.yaml", config)
	m.Put("/var/log/app/a.json", "{\"msg\":\"one\"}\n")
	m.Do("chmod 0700 /var/log/app; chmod 0600 /var/log/app/a.json")
	return m
}

// shipped waits for a document on the console, which is the journal.
func (m host) shipped(message string) {
	m.t.Helper()
	machine.Eventually(m.t, message+" to be shipped", func() bool { return m.count(message) > 0 })
}

// count is how many documents have the message.
func (m host) count(message string) int {
	return strings.Count(m.Do("journalctl -u tailspan -o cat --no-pager"), `"message":"`+message+`"`)
}

// TestLife installs, runs, upgrades, removes, installs again and purges.
func TestLife(t *testing.T) {
	m := install(t)
	m.Do("systemctl enable --now tailspan")
	m.shipped("one")
	m.upgrade("1", config)
	m.Expect("active", "systemctl is-active tailspan")
	m.Expect(strings.TrimSpace(config), "cat /etc/tailspan/tailspan.yaml")
	m.Do(`echo '{"msg":"two"}' >> /var/log/app/a.json`)
	m.shipped("two")
	if n := m.count("one"); n != 1 {
		t.Errorf("a line was shipped %d times: its checkpoint did not survive the upgrade", n)
	}

	running := m.Do("systemctl show -P MainPID tailspan")
	m.Put("/etc/tailspan/tailspan.yaml", "nonsense: 1\n")
	if said := m.upgrade("2", "nonsense: 1\n"); !strings.Contains(said, "NOT restarted") || !strings.Contains(said, "tailspan.yaml:1: ") {
		t.Errorf("an upgrade beside a bad configuration says %s", said)
	}
	m.Expect("active\n"+running, "systemctl is-active tailspan; systemctl show -P MainPID tailspan")
	m.Put("/etc/tailspan/tailspan.yaml", config)

	m.Do("dpkg --remove tailspan")
	m.Expect("inactive", "systemctl is-active tailspan || true")
	m.Expect("", "ls /usr/bin/tailspan 2>/dev/null || true; ls /etc/systemd/system/*/tailspan.service 2>/dev/null || true")
	m.Do("test -e /etc/tailspan/tailspan.yaml; test -e /var/lib/tailspan/lock")
	m.Do("dpkg -i --force-confold /root/tailspan.deb; systemctl start tailspan")
	m.Do(`echo '{"msg":"three"}' >> /var/log/app/a.json`)
	m.shipped("three")
	if n := m.count("one"); n != 1 {
		t.Errorf("a line was shipped %d times: its checkpoint did not survive the removal", n)
	}

	m.Do("dpkg --purge tailspan")
	m.Expect("gone", "ls -d /etc/tailspan /var/lib/tailspan /usr/lib/systemd/system/tailspan.service 2>/dev/null || echo gone")
	m.Expect("", "systemctl list-units --all --plain --no-legend 'tailspan*'")
}

// upgrade installs a version that is later and comes with another default configuration; the user's must not change.
func (m host) upgrade(version, mine string) string {
	m.t.Helper()
	said := m.Do(`cd /root && rm -rf next && dpkg-deb -R tailspan.deb next && sed -i 's/^Version: .*/&+` + version + `/' next/DEBIAN/control &&
		echo '# new default ` + version + `' >> next/etc/tailspan/tailspan.yaml && dpkg-deb -Znone -b next next.deb >/dev/null && dpkg -i --force-confold next.deb`)
	m.Expect(strings.TrimSpace(mine), "cat /etc/tailspan/tailspan.yaml")
	return said
}

// TestHelp reads what is installed beside the binary: the manual page, completion, and configurations to begin with.
func TestHelp(t *testing.T) {
	m := install(t)
	m.Expect(".TH TAILSPAN 1", "zcat /usr/share/man/man1/tailspan.1.gz | head -n 1 | cut -c 1-14")
	m.Expect("__start_tailspan", ". /usr/share/bash-completion/completions/tailspan; declare -F __start_tailspan")
	m.Do("test -s /usr/share/zsh/vendor-completions/_tailspan; test -s /usr/share/fish/vendor_completions.d/tailspan.fish")
	m.Expect("7", `export NODE_NAME=node; for f in /usr/share/doc/tailspan/examples/*.yaml; do tailspan check --config $f | tail -n 1; done | grep -c '^the configuration is good$'`)
}

// TestService looks at what the agent may do while it runs, and what systemd makes of its end.
func TestService(t *testing.T) {
	m := install(t)
	m.Put("/etc/systemd/system/tailspan.service.d/test.conf", "[Service]\nWatchdogSec=2s\nRestartSec=100ms\nTimeoutAbortSec=2s\n")
	m.Do("systemctl daemon-reload; systemctl start tailspan") // start waits for READY=1
	m.shipped("one")

	status := m.Do("cat /proc/$(systemctl show -P MainPID tailspan)/status")
	for _, want := range []string{"CapEff:\t0000000000000004", "CapBnd:\t0000000000000004", "NoNewPrivs:\t1", "Seccomp:\t2"} {
		if !strings.Contains(status, want+"\n") {
			t.Errorf("the process lacks %q", want)
		}
	}
	m.Expect("tailspan tailspan", "ps -o user=,group= -p $(systemctl show -P MainPID tailspan)")
	m.Expect("tailspan 700", "stat -c '%U %a' /var/lib/tailspan")
	m.Expect("6", "journalctl -u tailspan --no-pager -o json --output-fields=MESSAGE,PRIORITY | grep -m1 msg=shipping | grep -o '\"PRIORITY\":\"[0-9]\"' | tr -dc 0-9")
	see := "nsenter -t $(systemctl show -P MainPID tailspan) -m -- "
	m.Expect("0", see+"stat -c %a /etc/shadow")
	m.Expect("0", see+"stat -c %a /root")
	if _, err := m.Try("", "bash", "-c", see+"touch /var/log/app/x"); err == nil {
		t.Error("the service can write where its logs are")
	}

	first := m.Do("systemctl show -P MainPID tailspan")
	m.Do("kill -STOP " + first)
	machine.Eventually(t, "the watchdog to end an agent that does not answer", func() bool {
		pid := m.Do("systemctl show -P MainPID tailspan")
		return pid != first && pid != "0" && m.Do("systemctl is-active tailspan || true") == "active"
	})
	if journal := m.Do("journalctl -u tailspan --no-pager -o cat"); !strings.Contains(journal, "Watchdog timeout") {
		t.Errorf("it was not the watchdog:\n%s", journal)
	}

	m.Put("/etc/tailspan/tailspan.yaml", "nonsense: 1\n")
	if _, err := m.Try("", "systemctl", "restart", "tailspan"); err == nil {
		t.Error("a bad configuration starts")
	}
	m.Expect("failed\n2\n0", "systemctl is-active tailspan || true; systemctl show -P ExecMainStatus tailspan; systemctl show -P NRestarts tailspan")
}

// TestCredential ships with a secret that only systemd can read.
func TestCredential(t *testing.T) {
	m := install(t)
	m.Put("/etc/tailspan/team", "payments\n")
	m.Put("/etc/tailspan/tailspan.yaml", config[:len(config)-len("output: {console: {}}\n")]+
		"output: {console: {}}\nhost: {name: \"${file:/run/credentials/tailspan.service/team}\"}\n")
	m.Put("/etc/systemd/system/tailspan.service.d/test.conf", "[Service]\nLoadCredential=team:/etc/tailspan/team\n")
	m.Do("chmod 0600 /etc/tailspan/team; systemctl daemon-reload; systemctl start tailspan")
	m.shipped("one")
	if journal := m.Do("journalctl -u tailspan --no-pager -o cat"); !strings.Contains(journal, `"host.name":"payments"`) {
		t.Errorf("the credential is not used:\n%s", journal)
	}
}

// TestUnit holds the unit to its exposure, 0 being none and 10 all.
func TestUnit(t *testing.T) {
	unit := "../../packaging/systemd/tailspan.service"
	out, err := exec.Command("systemd-analyze", "security", "--offline=true", "--threshold=15", "--no-pager", unit).CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Log(lines[len(lines)-1])
	if err != nil {
		t.Errorf("more than 1.5: %v", err)
	}
	m := host{machine.Boot(t), t}
	text, err := os.ReadFile(unit)
	if err != nil {
		t.Fatal(err)
	}
	m.Put("/root/tailspan.service", string(text))
	m.Do("install -m 0755 /bin/true /usr/bin/tailspan")
	m.Expect("", "systemd-analyze verify /root/tailspan.service")
}
