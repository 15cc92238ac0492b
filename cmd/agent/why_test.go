package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tailspan/tailspan/internal/cause"
)

// slowBank holds a request every three seconds of ten minutes around a time from which on the bank takes 40 ms and not 10.
func slowBank(t *testing.T, at time.Time) folder {
	t.Helper()
	f := newFolder(t, "")
	var shop, bank strings.Builder
	for i := range 200 {
		begin := at.Add(time.Duration(i-100) * 3 * time.Second)
		took := 10 + i%3
		if i >= 100 {
			took += 30
		}
		line := func(b *strings.Builder, end int, span, parent, service, name string, ms int) {
			fmt.Fprintf(b, `{"time":%q,"trace_id":"%032x","span_id":"%015x%s","parent_id":%q,"service":%q,"operation":%q,"duration_ms":%d,"msg":"done"}`+"\n",
				begin.Add(time.Duration(end)*time.Millisecond).UTC().Format(time.RFC3339Nano), i+1, i+1, span, parent, service, name, ms)
		}
		line(&bank, took+2, "b", fmt.Sprintf("%015xa", i+1), "bank", "transfer", took)
		line(&shop, took+5, "a", "", "shop", "order", took+5)
	}
	f.write("shop.log", shop.String())
	f.write("bank.log", bank.String())
	f.write("store.yaml", fmt.Sprintf("data_dir: %s\npipelines: [{name: shop, paths: ['%s']}]\noutput: {local: {}}\n", f.file("data"), f.file("*.log")))
	return f
}

// TestWhy: files and the store tell the same, the cause and not who waits for it.
func TestWhy(t *testing.T) {
	at := time.Now().Add(-30 * time.Minute).UTC().Truncate(time.Second)
	f := slowBank(t, at)
	if status, _, errs := command(t, "", "run", "--once", "--config", f.file("store.yaml")); status != exitDone {
		t.Fatalf("status %d: %s", status, errs)
	}
	asked := []string{"why", "--at", at.Add(time.Minute).Format(time.RFC3339), "--window", "5m", "--json"}
	status, fromStore, errs := command(t, "", append(asked, "--config", f.file("store.yaml"))...)
	if status != exitDone {
		t.Fatalf("status %d: %s", status, errs)
	}
	var r cause.Report
	if err := json.Unmarshal([]byte(fromStore), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Causes) != 1 || r.Causes[0].Kind != cause.Slow || r.Causes[0].Name() != "bank transfer" || len(r.Causes[0].Traces) != 3 || !r.Split.Equal(r.Causes[0].Since) || r.Split.Sub(at).Abs() > 6*time.Second {
		t.Errorf("%s", fromStore)
	}
	if _, fromFiles, _ := command(t, "", append(asked, "--files", f.file("*.log"))...); fromFiles != fromStore {
		t.Errorf("the files say\n%sand the store\n%s", fromFiles, fromStore)
	}
}

func TestWhyCommand(t *testing.T) {
	at := time.Now().Add(-10 * time.Minute)
	f := slowBank(t, at)
	files := f.file("*.log")
	for _, c := range []invocation{
		{"drawing", []string{"why", "--at", "10m", "--files", files}, exitDone, []string{" 1  slow      bank transfer", "11ms → 41ms", "tailspan trace 0000", "what changed at "}},
		{"of a service", []string{"why", "--at", "10m", "--files", files, "--service", "shop"}, exitDone, []string{" for shop\n", "slow      bank transfer"}},
		{"of no service", []string{"why", "--at", "10m", "--files", files, "--service", "none"}, exitDone, []string{"nothing changed beyond chance"}},
		{"long before", []string{"why", "--at", "20h", "--files", files}, exitDone, []string{"documents 0", "nothing changed beyond chance"}},
		{"no time", []string{"why", "--files", files}, exitUsage, []string{"--at is missing"}},
		{"a word", []string{"why", "--at", "noon", "--files", files}, exitUsage, []string{`--at: "noon" is neither a time like`}},
		{"no window", []string{"why", "--at", "1m", "--window", "0s", "--files", files}, exitUsage, []string{"--window must be longer than 0"}},
		{"no source", []string{"why", "--at", "1m"}, exitUsage, []string{"--config", "--files"}},
		{"an argument", []string{"why", "--at", "1m", "--files", files, "bank"}, exitUsage, []string{"bank"}},
	} {
		t.Run(c.name, c.check)
	}
}
