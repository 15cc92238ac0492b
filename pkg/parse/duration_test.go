package parse

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestDurationsWithUnits(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"0": 0, "+0": 0, "-0": 0, "0.0": 0, "0s": 0,
		"30s": 30 * time.Second, "1h2m3.5s": time.Hour + 2*time.Minute + 3500*time.Millisecond,
		"1.5ms": 1500 * time.Microsecond, ".5s": 500 * time.Millisecond, "1.s": time.Second,
		"12us": 12 * time.Microsecond, "12µs": 12 * time.Microsecond, "12μs": 12 * time.Microsecond, "7ns": 7,
		"1s 1ms": 1001 * time.Millisecond, "1s1m": 61 * time.Second, " 1 s ": time.Second, "2w": 14 * 24 * time.Hour,
		"1.1w": 665280 * time.Second, "1d1s": 86401 * time.Second, "1 min, 5 sec": 65 * time.Second,
		"3 seconds": 3 * time.Second, "1 Second": time.Second, "250 milliseconds": 250 * time.Millisecond, "9 MSEC": 9 * time.Millisecond,
		"2 hrs 3 mins": 2*time.Hour + 3*time.Minute, "5millis": 5 * time.Millisecond, "0.5 microseconds": 500,
		"-1.5h": -90 * time.Minute, "-9223372036854775808ns": math.MinInt64, "9223372036854775807ns": math.MaxInt64,
		"9223372036854775.807us": math.MaxInt64, "-2562047h47m16.854775808s": math.MinInt64,
		"0.100000000000000000000h": 6 * time.Minute, "0.830103483285477580700h": 2988372539828,
		"0.0000000005s": 1, "0.0000000004s": 0, "1.9999999999s": 2 * time.Second,
	} {
		if got, ok := parseDuration([]byte(text), 0); !ok || time.Duration(got) != want {
			t.Errorf("%q is %v, %v; expected %v", text, time.Duration(got), ok, want)
		}
	}
}

func TestDurationsOfISO8601AndClocks(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"PT1.5S": 1500 * time.Millisecond, "PT1,5S": 1500 * time.Millisecond, "P1DT2H": 26 * time.Hour, "P2W": 14 * 24 * time.Hour,
		"PT0S": 0, "pt5m": 5 * time.Minute, "-PT2M": -2 * time.Minute, "PT36H1M": 36*time.Hour + time.Minute,
		"0:00:00": 0, "1:02:03": time.Hour + 2*time.Minute + 3*time.Second, "00:00:00.0123456": 12345600,
		"0h:32m:16s": 32*time.Minute + 16*time.Second, "100:00:01": 100*time.Hour + time.Second,
		"1 day, 2:03:04": 26*time.Hour + 3*time.Minute + 4*time.Second, "-0:00:01": -time.Second,
		"1.02:03:04": 26*time.Hour + 3*time.Minute + 4*time.Second, "-10.00:00:00.0000001": -240*time.Hour - 100,
	} {
		if got, ok := parseDuration([]byte(text), 0); !ok || time.Duration(got) != want {
			t.Errorf("%q is %v, %v; expected %v", text, time.Duration(got), ok, want)
		}
	}
}

func TestBareNumbersNeedAUnit(t *testing.T) {
	for _, c := range []struct {
		text string
		unit durationUnit
		want int64
		ok   bool
	}{
		{"10", 0, 0, false}, {"10", second, 10e9, true}, {"115.669583", second, 115669583000, true},
		{"0.000263", second, 263000, true}, {"+99627", millisecond, 99627e6, true}, {"1.7", millisecond, 1700000, true},
		{"1e3", millisecond, 1e9, true}, {"2.5E-4", second, 250000, true}, {"0.00026300000000000005", second, 263000, true},
		{"-1", second, 0, false}, {"-0", second, 0, true}, {"5ms", second, 5e6, true}, {"1e400", second, 0, false},
		{"9223372036854775807", nanosecond, math.MaxInt64, true}, {"9223372036854775808", nanosecond, 0, false},
		{"9223372036", second, 9223372036e9, true}, {"9223372037", second, 0, false}, {"9999999999", second, 0, false},
		{"99999999999999999999", nanosecond, 0, false}, {"1e30", nanosecond, 0, false}, {"0e30", second, 0, true},
		{"1e-30", second, 0, true}, {"1e-60", week, 0, true},
	} {
		if got, ok := parseDuration([]byte(c.text), c.unit); ok != c.ok || got != c.want {
			t.Errorf("%q with unit %d is %d, %v; expected %d, %v", c.text, c.unit, got, ok, c.want, c.ok)
		}
	}
}

func TestWhatIsNoDuration(t *testing.T) {
	for _, text := range []string{
		"", " ", "s", ".", "-", "+", "foo", "1d foo", "1x", "1M", "3", "1.2.3s", "1s2", "1 2s", "--1s", "1e3s", "1h:", "1:2",
		"1:60:00", "1:00:60", "1:00:00:00", "1.5:00:00", "1.24:00:00", "1,02:00:00", "1.002:00:00", ".02:00:00x", "P", "PT", "P1DT", "P1Y", "P1M", "PT1", "PT1D", "P1H", "P1S",
		"9223372036854775808ns", "-9223372036854775809ns", "9223372036854ms775us808ns", "3000000h", "1\xffs", "1\xc2", "1\xc2\xb5",
		"hello \xff\x66 world", "10 apples", "1KB", "NaN", "Infinity", "1_000ms", "1 millisecondsandmore",
	} {
		if got, ok := parseDuration([]byte(text), 0); ok {
			t.Errorf("%q is %v", text, time.Duration(got))
		}
	}
}

func TestImpliedUnit(t *testing.T) {
	for _, c := range []struct {
		name string
		unit durationUnit
		is   bool
	}{
		{"duration_ms", millisecond, true}, {"durationMs", millisecond, true}, {"elapsedMs", millisecond, true}, {"ElapsedMS", millisecond, true},
		{"latency_us", microsecond, true}, {"took_seconds", second, true}, {"took_s", second, true}, {"duration.ms", millisecond, true},
		{"elapsed_nanos", nanosecond, true}, {"durationSeconds", second, true}, {"duration_in_ms", millisecond, true},
		{"durationInMillis", millisecond, true}, {"http.request.duration_ms", millisecond, true}, {"request-time-ms", millisecond, true},
		{"response_time_ms", millisecond, true}, {"elasticsearch.slowlog.took_millis", millisecond, true}, {"timeTakenMs", millisecond, true},
		{"request_time", second, true}, {"upstream_response_time", second, true}, {"request_time_ms", millisecond, true},
		{"elapsed", 0, true}, {"took", 0, true}, {"latency", 0, true}, {"Duration", 0, true}, {"response_time", 0, true},
		{"processing_time", 0, true}, {"time_taken", 0, true}, {"dur", 0, true}, {"error", 0, false},
		{"created_ms", 0, false}, {"heap_s", 0, false}, {"time_ms", 0, false}, {"uptime_seconds", 0, false}, {"items", 0, false},
		{"ms", 0, false}, {"", 0, false}, {"status", 0, false}, {"message", 0, false}, {"timestamp", 0, false}, {"_ms", 0, false},
		{"durations", 0, false}, {"durationsms", 0, false}, {"connection", 0, false}, {strings.Repeat("x", 200) + "_ms", 0, false},
	} {
		unit, is := impliedUnit([]byte(c.name))
		if is != c.is || is && unit != c.unit {
			t.Errorf("%s: %d, %v; expected %d, %v", c.name, unit, is, c.unit, c.is)
		}
	}
}

func TestUnitOf(t *testing.T) {
	for name, want := range map[string]durationUnit{
		"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9, "d": 86400e9, "w": 7 * 86400e9,
		"seconds": 1e9, "millis": 1e6,
	} {
		if got, ok := unitOf(name); !ok || got != want {
			t.Errorf("%s is %d, %v", name, got, ok)
		}
	}
	for _, name := range []string{"", "M", "x", "fortnights", "µ", "\xc2", "s "} {
		if got, ok := unitOf(name); ok {
			t.Errorf("%q is %d", name, got)
		}
	}
}

// Where Go reads a duration, so do we, with the same result up to 1 ns for each of its parts.
func FuzzDurationAgainstGo(f *testing.F) {
	for _, seed := range []string{"1h2m3s4ms5us6ns", "-1.5h", "9223372036854775.807us", "0.3333333333333333333h", ".5s", "1.s", "0", "PT1S", "1:02:03", "1e3s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, ok := parseDuration([]byte(text), 0)
		want, err := time.ParseDuration(text)
		if err != nil {
			return
		}
		if !ok {
			if want == 0 || want.Abs() > math.MaxInt64-100 || strings.Count(text, "") > 40 {
				return // a sum of rounded parts at the very limit, or digits beyond 64 bits
			}
			t.Fatalf("%q is %v to Go, nothing to us", text, want)
		}
		if apart := got - int64(want); apart > int64(len(text)) || apart < -int64(len(text)) {
			t.Fatalf("%q is %d, to Go %d", text, got, want)
		}
	})
}

func TestDurationsDoNotAllocate(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	texts := [][]byte{[]byte("1h2m3.5s"), []byte("1 s 5 µs"), []byte("PT1.5S"), []byte("0:01:02.5"), []byte("12.5"), []byte("nothing")}
	names := [][]byte{[]byte("duration_ms"), []byte("request_time"), []byte("message"), []byte("durationInMillis")}
	if n := testing.AllocsPerRun(100, func() {
		for _, text := range texts {
			parseDuration(text, millisecond)
		}
		for _, name := range names {
			impliedUnit(name)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
