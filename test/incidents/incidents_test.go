//go:build incidents

// Package incidents_test lets examples/shop go wrong in fifty ways and asks `tailspan why` for the cause: `make test-incidents`.
//
// The shop works in real time, with servers that wait and connections between them, on a busy machine as well; an incident takes a quarter
// of a minute, of which half is the baseline, and several shops are open at once. An agent tails their logs into the embedded store
// meanwhile. Which incident it is, where, how bad and when is drawn from a seed, and so is noise: deploys after which nothing is worse, lines
// that nobody wrote before, one call in 300 that fails, one in 150 that takes 8 times as long. Whoever asks is up to two seconds off.
package incidents_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/cause"
	"github.com/tailspan/tailspan/test/agenttest"
)

const (
	incidents = 50
	atOnce    = 4
	window    = 6 * time.Second
	first     = 0.80 // share of incidents whose cause must stand first
	amongTop  = 0.95 // and among the first three
)

// happened is what the shop says went wrong.
type happened struct {
	Kind, Service, Operation, Host string
	At                             time.Time
}

// plan is an incident before it happens.
type plan struct {
	seed      uint64
	name      string
	magnitude float64
	after     time.Duration
	off       time.Duration // of who asks
}

// result is what became of it.
type result struct {
	plan
	happened
	rank   int // of the cause; 0: it is not named
	first  string
	traces cause.Both[cause.Side]
	err    error
}

var kinds = [][]string{
	{"slow:bank", "slow:fraud", "slow:database", "slow:mail"},
	{"errors:bank", "errors:fraud", "errors:database", "errors:orders"},
	{"deploy:orders@front", "deploy:orders@front-2", "deploy:payments@back", "deploy:payments@back-2", "deploy:stock@back", "deploy:stock@back-2"},
	{"retry:payments", "retry:stock"},
}

// magnitudes are from and to, by kind.
var magnitudes = [][2]float64{{1.8, 8}, {0.06, 0.5}, {1, 8}, {0.15, 0.9}}

func draw(seed uint64, i int) plan {
	rng := rand.New(rand.NewPCG(seed, uint64(i)))
	kind := i % len(kinds)
	m := magnitudes[kind]
	return plan{seed: rng.Uint64N(1e9) + 1, name: kinds[kind][rng.IntN(len(kinds[kind]))], magnitude: m[0] + rng.Float64()*(m[1]-m[0]),
		after: 6*time.Second + time.Duration(rng.Int64N(int64(3*time.Second))), off: time.Duration(rng.Int64N(int64(3500*time.Millisecond))) - 1500*time.Millisecond}
}

func TestIncidents(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("INCIDENTS_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("INCIDENTS_SEED=%d", seed)
	agent, remove, err := agenttest.Build()
	defer remove()
	if err != nil {
		t.Fatal(err)
	}
	shop := filepath.Join(t.TempDir(), "shop")
	if out, err := exec.Command("go", "build", "-C", "../../examples/shop", "-o", shop, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	results := make([]result, incidents)
	var running sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for i := range results {
		dir := t.TempDir()
		running.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			results[i].plan = draw(seed, i)
			results[i].err = results[i].run(agent, shop, dir, i%10 == 0)
		})
	}
	running.Wait()
	judge(t, results)
}

func judge(t *testing.T, results []result) {
	t.Helper()
	var table strings.Builder
	ones, threes := 0, 0
	fmt.Fprintf(&table, "%-24s %6s %7s %9s %6s %6s  %4s  %s\n", "incident", "size", "off", "seed", "before", "behind", "rank", "named first")
	for i := range results {
		r := &results[i]
		if r.err != nil {
			t.Errorf("%s, seed %d: %v", r.name, r.seed, r.err)
		}
		if r.rank == 1 {
			ones++
		}
		if r.rank >= 1 && r.rank <= 3 {
			threes++
		}
		fmt.Fprintf(&table, "%-24s %6.2f %6.1fs %9d %6d %6d  %4d  %s\n", r.name, r.magnitude, r.off.Seconds(), r.seed, r.traces.Before.Count, r.traces.After.Count, r.rank, r.first)
	}
	n := float64(len(results))
	fmt.Fprintf(&table, "first: %d of %d (%.0f %%), among the first three: %d (%.0f %%)", ones, len(results), 100*float64(ones)/n, threes, 100*float64(threes)/n)
	t.Log("\n" + table.String())
	if float64(ones) < first*n || float64(threes) < amongTop*n {
		t.Errorf("the cause must stand first in %.0f %%, and among the first three in %.0f %%", 100*first, 100*amongTop)
	}
}

// run lets it happen and asks for the cause; twice asks the files as well, which must say the same.
func (r *result) run(binary, program, dir string, twice bool) error {
	for _, host := range []string{"front", "front-2", "back", "back-2"} {
		if err := os.Mkdir(filepath.Join(dir, host), 0o755); err != nil {
			return err
		}
	}
	config, err := filepath.Abs("../../examples/shop/incidents.yaml")
	if err != nil {
		return err
	}
	tailspan := func(args ...string) *exec.Cmd {
		cmd := exec.Command(binary, append(args, "--config", config)...)
		cmd.Env = append(os.Environ(), "SHOP_DIR="+dir)
		return cmd
	}
	agent := tailspan("run")
	if err := agent.Start(); err != nil {
		return err
	}
	shop := exec.Command(program, "-dir", dir, "-twice", "-orders", "0", "-slow", "none", "-failures", "0.003", "-pause", "60ms", "-noise", fmt.Sprint(r.seed),
		"-incident", r.name, "-magnitude", fmt.Sprint(r.magnitude), "-after", r.after.String(), "-length", (r.after + window + time.Second).String())
	out, err := shop.CombinedOutput()
	if err != nil {
		err = fmt.Errorf("shop: %w\n%s", err, out)
	}
	if failed := agent.Process.Signal(syscall.SIGTERM); err == nil {
		err = failed
	}
	if failed := agent.Wait(); err == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	if out, err := tailspan("run", "--once").CombinedOutput(); err != nil { // what was written last
		return fmt.Errorf("run --once: %w\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "incident.json"))
	if err == nil {
		err = json.Unmarshal(text, &r.happened)
	}
	if err != nil {
		return err
	}
	at := r.At.Add(r.off).UTC().Format(time.RFC3339Nano)
	report, err := ask(tailspan("why", "--at", at, "--window", window.String(), "--json"))
	if err != nil {
		return err
	}
	r.judge(report)
	if twice {
		files, err := ask(tailspan("why", "--at", at, "--window", window.String(), "--json", "--files", dir+"/*/*.log"))
		if err != nil {
			return err
		}
		if named(report) != named(files) || report.Traces != files.Traces {
			return fmt.Errorf("the store and the files say different things:\n%s\n%s", named(report), named(files))
		}
	}
	return nil
}

func ask(cmd *exec.Cmd) (report cause.Report, err error) {
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &report)
	}
	if err != nil {
		err = fmt.Errorf("why: %w\n%s", err, errs.String())
	}
	return report, err
}

// named are the causes that are no templates: which of several lines of one template comes first makes a difference to its text.
func named(r cause.Report) string {
	var all []string
	for i := range r.Causes {
		if c := &r.Causes[i]; c.Kind != cause.Template {
			all = append(all, fmt.Sprintf("%s %s %.3f", c.Kind, c.Name(), c.Score))
		}
	}
	return strings.Join(all, "\n")
}

func (r *result) judge(report cause.Report) {
	r.traces = report.Traces
	for i := range report.Causes {
		c := &report.Causes[i]
		if i == 0 {
			r.first = fmt.Sprintf("%s %s (%.2f)", c.Kind, c.Name(), c.Score)
		}
		if r.rank == 0 && r.is(c) {
			r.rank = i + 1
		}
	}
}

// is reports whether a cause is what happened: of its kind, in its service and operation, on its host.
func (r *result) is(c *cause.Cause) bool {
	kinds := map[string][]cause.Kind{"slow": {cause.Slow}, "errors": {cause.Errors}, "deploy": {cause.Deploy}, "retry": {cause.Retries, cause.Calls}}[r.Kind]
	return slices.Contains(kinds, c.Kind) && c.Service == r.Service && (r.Operation == "" || c.Operation == r.Operation) &&
		(r.Host == "" || slices.Equal(c.Hosts, []string{r.Host}))
}
