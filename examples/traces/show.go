package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/tailspan/tailspan/test/jaegertest"
)

// recorded is a span as its tracer knows it: a line of the shop's spans.jsonl.
type recorded struct {
	TraceID  string `json:"trace_id"`
	SpanID   string `json:"span_id"`
	ParentID string `json:"parent_id"`
	Service  string `json:"service"`
	Duration int64  `json:"duration_ns"`
	Failed   bool   `json:"failed"`
}

// truth reads what the tracers recorded, by trace.
func (d *demo) truth() (map[string][]recorded, error) {
	text, err := os.ReadFile(filepath.Join(d.folder, "spans.jsonl"))
	if err != nil {
		return nil, err
	}
	all := map[string][]recorded{}
	for decoder := json.NewDecoder(bytes.NewReader(text)); decoder.More(); {
		var r recorded
		if err := decoder.Decode(&r); err != nil {
			return nil, err
		}
		all[r.TraceID] = append(all[r.TraceID], r)
	}
	return all, nil
}

// show says what there is to see, and compares every trace.
func (d *demo) show(ctx context.Context) error {
	truth, err := d.truth()
	if err != nil {
		return err
	}
	spans, right, err := d.compare(truth)
	if err != nil {
		return err
	}
	slowest, failed := pick(truth)
	if err := d.ask(ctx, "bottleneck"); err != nil {
		return err
	}
	if err := d.ask(ctx, "trace", slowest); err != nil {
		return err
	}
	fmt.Printf("\nThe same in Jaeger:\n  the slowest trace  %s\n", d.link(slowest))
	if failed != "" {
		fmt.Printf("  one that failed    %s\n", d.link(failed))
	}
	if d.own {
		fmt.Println("That is what its query API says; its module has no pages. With a Jaeger of yours: go run ./examples/traces -jaeger localhost")
	}
	fmt.Printf("\nThe services' own tracers recorded %d spans in %d traces; Jaeger has %d of them, with the same service, parent and duration.\n",
		spans, len(truth), right)
	if right != spans {
		return errors.New("that is not all")
	}
	return nil
}

func (d *demo) link(id string) string {
	if d.own {
		return d.jaeger.Query + "/api/traces/" + id + "?prettyPrint=true"
	}
	return d.jaeger.Query + "/trace/" + id
}

// pick chooses the slowest trace, and one that failed; empty for none.
func pick(truth map[string][]recorded) (slowest, failed string) {
	longest := int64(-1)
	for id, spans := range truth {
		for _, s := range spans {
			if s.ParentID == "" && s.Duration > longest {
				slowest, longest = id, s.Duration
			}
			if s.Failed {
				failed = id
			}
		}
	}
	return slowest, failed
}

// compare counts the recorded spans, and those that Jaeger has as they are.
func (d *demo) compare(truth map[string][]recorded) (spans, right int, err error) {
	for id, want := range truth {
		got, err := d.jaeger.Trace(id)
		if err != nil {
			return 0, 0, err
		}
		spans += len(want)
		for _, r := range want {
			if slices.ContainsFunc(got, func(s jaegertest.Span) bool {
				return s.SpanID == r.SpanID && s.Parent() == r.ParentID && s.Service == r.Service &&
					time.Duration(s.Duration*1000-r.Duration).Abs() < tolerance
			}) {
				right++
			}
		}
	}
	return spans, right, nil
}

// tolerance is what logs in milliseconds do not tell, and how long a line may take to be written on a busy machine.
const tolerance = 20 * time.Millisecond
