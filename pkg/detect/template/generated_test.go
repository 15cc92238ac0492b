package template

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// statements are log statements in the manners of different kinds of software, written for this test; what is between braces varies.
// No mask knows them.
var statements = map[string][]string{
	"shop": {
		"order {id} placed by {user}, {n} items, total={money} {currency}", "payment for order {id} accepted by {gateway}", "payment for order {id} declined: {reason}",
		"cart {uuid} expired after {n} minutes", "user {user} logged in from {ip}", "user {user} logged out", "stock of {sku} below threshold: {n}",
		"shipping label created for order {id}", "shipping label printed for order {id}", "inventory sync started", "inventory sync finished in {ms}",
		"email to {email} queued", "email to {email} bounced: mailbox full", "coupon {word} applied to order {id}", "session {hex} created for {user}",
		"price of {sku} changed from {money} to {money}", "no courier for {city}", "request {uuid} took {ms}",
	},
	"web server": {
		"{ip} - - \"GET {path}\" {n} {n}", "{ip} - - \"POST {path}\" {n} {n}", "upstream {host}:{port} timed out (110: Connection timed out) while reading response header",
		"open() \"{path}\" failed (2: No such file or directory)", "SSL_do_handshake() failed, client: {ip}, server: {host}", "worker process {n} exited with code {n}",
		"worker process {n} exited on signal {n}", "signal {n} received, reconfiguring", "reconfiguring", "start worker processes", "gracefully shutting down", "cache manager process {n} exited",
		"client {ip} closed keepalive connection", "limiting requests, excess: {money} by zone \"{word}\", client: {ip}", "conf file {path} reloaded",
	},
	"database": {
		"checkpoint starting: time", "checkpoint starting: wal", "checkpoint complete: wrote {n} buffers ({money}%); write={money} s, sync={money} s, total={money} s",
		"connection received: host={ip} port={port}", "connection authorized: user={user} database={word} application_name=psql", "disconnection: session time: {clock} user={user} database={word} host={ip}",
		"duration: {money} ms  statement: COMMIT", "deadlock detected", "could not receive data from client: Connection reset by peer", "database system is ready to accept connections",
		"database system was shut down at {time}", "automatic vacuum of table \"{word}.public.{word}\": index scans: {n}", "automatic analyze of table \"{word}.public.{word}\" system usage: CPU {money}s",
		"relation \"{word}\" does not exist at character {n}", "duplicate key value violates unique constraint \"{word}_pkey\"", "canceling statement due to statement timeout",
		"role \"{user}\" is not permitted to log in", "replication slot {word} created", "replication slot {word} dropped",
	},
	"cluster": {
		"Successfully assigned {word}/{pod} to {node}", "Pulling image \"{host}/{word}:{version}\"", "Successfully pulled image \"{host}/{word}:{version}\" in {ms}", "Created container {word}", "Started container {word}",
		"Back-off restarting failed container", "Liveness probe failed: HTTP probe failed with statuscode: {n}", "Readiness probe failed: HTTP probe failed with statuscode: {n}", "Killing container with id {hex}",
		"node {node} status is now: NodeReady", "node {node} status is now: NodeNotReady", "Scaled up replica set {pod} to {n}", "Scaled down replica set {pod} to {n}", "Evicted pod {word}/{pod}",
		"volume {uuid} attached to {node}", "volume {uuid} detached from {node}", "leader election lost", "successfully acquired lease {word}/{word}", "watch of {word} ended with: too old resource version: {n} ({n})",
	},
	"java": {
		"Started {class} in {money} seconds (JVM running for {money})", "HikariPool-{n} - Starting...", "HikariPool-{n} - Start completed.", "HikariPool-{n} - Connection is not available, request timed out after {n}ms.",
		"Tomcat initialized with port(s): {port} (http)", "Tomcat started on port(s): {port} (http) with context path ''", "Initializing Servlet 'dispatcherServlet'", "Completed initialization in {n} ms",
		"Resolved [{class}: {reason}]", "Consumer clientId=consumer-{n}, groupId={word}] Discovered group coordinator {host}:{port} (id: {n} rack: null)", "Partition {word}-{n} assigned", "Partition {word}-{n} revoked",
		"Task {class} rejected from {class}@{hex}", "Retrying {class} in {n} ms, attempt {n} of {n}", "Circuit breaker '{word}' changed state from CLOSED to OPEN", "Circuit breaker '{word}' changed state from OPEN to HALF_OPEN",
		"GC pause (young) {n}M->{n}M({n}M) {money}ms", "Finished job {uuid} with status COMPLETED in {ms}", "Finished job {uuid} with status FAILED in {ms}",
	},
	"key and value": {
		"msg=\"request done\" method=GET path={path} status={n} took={ms}", "msg=\"request failed\" method=GET path={path} status={n} err=\"{reason}\"", "op=login user={user} ip={ip} ok=true", "op=logout user={user}",
		"op=transfer from={word} to={word} amount={money}", "component=cache action=evict keys={n} bytes={n}", "component=cache action=hit key={word}", "component=queue depth={n} consumers={n}", "lag partition={n} offset={n} topic={word}",
		"heartbeat seq={n} peers=[{ip}, {ip}]", "heartbeat missed seq={n} peer={ip}",
	},
	"system": {
		"Started Session {n} of user {user}.", "Stopped Session {n} of user {user}.", "session opened for user {user} by (uid={n})", "session closed for user {user}", "Accepted publickey for {user} from {ip} port {port} ssh2: RSA SHA256:{hex}",
		"Failed password for {user} from {ip} port {port} ssh2", "Failed password for invalid user {user} from {ip} port {port} ssh2", "Disconnected from user {user} {ip} port {port}", "{nic}: link up, {n}Mbps", "{nic}: link down",
		"DHCPACK of {ip} from {ip}", "bound to {ip} -- renewal in {n} seconds.", "Out of memory: Killed process {n} ({word}) total-vm:{n}kB, anon-rss:{n}kB", "EXT4-fs (sda{n}): mounted filesystem with ordered data mode",
		"usb {n}-{n}: new high-speed USB device number {n} using xhci_hcd", "CPU{n}: Core temperature above threshold, cpu clock throttled (total events = {n})", "CPU{n}: Core temperature/speed normal", "Time has been changed",
		"Reached target Network.", "Reached target Timers.", "segfault at {n} ip {hex} sp {hex} error {n} in libc.so", "({user}) CMD ({path} --quiet)",
	},
}

var (
	users   = strings.Fields("anna bert carla dora emil frida gustav hanna ida jon karl lena mia noah otto paula root admin deploy postgres")
	towns   = strings.Fields("Berlin Hamburg Paris Lyon Rome Oslo Vienna Madrid Lisbon Prague Dublin")
	things  = strings.Fields("orders invoices catalog payments users search billing stock reports audit events mailer cart")
	reasons = []string{"insufficient funds", "card expired", "connection refused by peer", "invalid token", "not found"}
	classes = strings.Fields("org.example.shop.OrderService org.example.shop.CartController com.acme.batch.ImportJob com.acme.util.concurrent.Worker org.example.web.Application")
)

// value is what may stand for a name between braces.
func value(r *rand.Rand, name string) string {
	one := func(of []string) string { return of[r.IntN(len(of))] }
	switch name {
	case "n", "port":
		return fmt.Sprint(r.IntN(65536))
	case "id":
		return fmt.Sprintf("%c-%d", 'A'+r.IntN(26), r.IntN(1e6))
	case "money":
		return fmt.Sprintf("%d.%02d", r.IntN(1000), r.IntN(100))
	case "currency":
		return one([]string{"EUR", "EUR", "EUR"})
	case "gateway":
		return one([]string{"stripe", "paypal", "adyen", "klarna"})
	case "reason":
		return one(reasons[:1])
	case "user":
		return one(users)
	case "city":
		return one(towns)
	case "word":
		return one(things)
	case "class":
		return one(classes)
	case "ip":
		return fmt.Sprintf("10.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256))
	case "host":
		return one([]string{"registry.example.org", "app-3.example.org", "db.internal.example.net", "edge7.example.com"})
	case "node":
		return fmt.Sprintf("node-%d", r.IntN(20))
	case "nic":
		return fmt.Sprintf("eth%d", r.IntN(4))
	case "pod":
		return fmt.Sprintf("%s-%x-%x", one(things), r.IntN(1<<30)|1<<29, r.IntN(1<<18)|1<<17)
	case "version":
		return fmt.Sprintf("v%d.%d.%d", r.IntN(9), r.IntN(30), r.IntN(30))
	case "sku":
		return fmt.Sprintf("SKU%05d", r.IntN(1e5))
	case "email":
		return one(users) + "@example.org"
	case "path":
		return "/" + one(things) + "/" + one([]string{"list", "show", "17", "a.html", "x?page=2"})
	case "uuid":
		return fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Uint64()>>16)
	case "hex":
		return fmt.Sprintf("%016x", r.Uint64())
	case "ms":
		return one([]string{fmt.Sprintf("%dms", r.IntN(5000)), fmt.Sprintf("%d.%ds", r.IntN(9), r.IntN(10))})
	case "clock":
		return fmt.Sprintf("%d:%02d:%02d.%03d", r.IntN(9), r.IntN(60), r.IntN(60), r.IntN(1000))
	case "time":
		return fmt.Sprintf("2026-01-%02d %02d:%02d:%02d UTC", 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60))
	}
	panic(name)
}

// written makes a line of a statement.
func written(r *rand.Rand, statement string) string {
	for {
		before, rest, found := strings.Cut(statement, "{")
		if !found {
			return statement
		}
		name, after, _ := strings.Cut(rest, "}")
		statement = before + value(r, name) + after
	}
}

// TestGenerated measures logs of statements that are known, frequent ones and rare ones.
func TestGenerated(t *testing.T) {
	sum := 0.0
	for _, kind := range slices.Sorted(maps.Keys(statements)) {
		all := statements[kind]
		r := rand.New(rand.NewPCG(1, uint64(len(kind))))
		var lines []labelled
		for range 2000 {
			statement := all[int(float64(len(all))*r.Float64()*r.Float64())]
			lines = append(lines, labelled{written(r, statement), statement})
		}
		share, wrong := accuracy(lines)
		sum += share
		t.Logf("%-14s %.4f", kind, share)
		for event, texts := range wrong {
			t.Logf("  %q: %q", event, texts)
		}
	}
	average := sum / float64(len(statements))
	t.Logf("average        %.4f of %d", average, len(statements))
	if average < 0.95 {
		t.Error("below 0.95")
	}
}

// BenchmarkTemplateGenerated is of lines of all those statements, each of which comes many times with other values.
func BenchmarkTemplateGenerated(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var lines [][]byte
	size := 0
	for _, kind := range slices.Sorted(maps.Keys(statements)) {
		for _, statement := range statements[kind] {
			for range 100 {
				lines = append(lines, []byte(written(r, statement)))
				size += len(lines[len(lines)-1])
			}
		}
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	m := New(Options{})
	b.SetBytes(int64(size))
	b.ReportAllocs()
	for b.Loop() {
		for _, line := range lines {
			m.Match(line)
		}
	}
	b.ReportMetric(float64(b.N*len(lines))/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(m.Stats().Bytes), "memory-B")
}
