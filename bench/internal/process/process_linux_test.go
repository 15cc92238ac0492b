package process

import (
	"os"
	"testing"
)

func TestUsageOfThisProcess(t *testing.T) {
	before, err := UsageOf(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ { // until the clock has moved
		after, err := UsageOf(os.Getpid())
		if err != nil {
			t.Fatal(err)
		}
		if after.CPU > before.CPU {
			break
		}
	}
	if before.CPU <= 0 || before.Peak < 1<<20 {
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
