package main

import (
	"os"
	"testing"
)

func TestUsageOfThisProcess(t *testing.T) {
	before, err := usageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ { // until the clock has moved
		after, err := usageOf(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if after.cpu > before.cpu {
			break
		}
	}
	if before.cpu <= 0 || before.peak < 1<<20 {
		t.Errorf("%+v", before)
	}
}

func TestHighWater(t *testing.T) {
	got, err := highWater([]byte("Name:\tx\nVmHWM:\t    2048 kB\nVmRSS:\t 1 kB\n"))
	if err != nil || got != 2<<20 {
		t.Error(got, err)
	}
	if _, err := highWater([]byte("Name:\tkthread\n")); err == nil {
		t.Error("a process without memory has a peak")
	}
}
