package event

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTimeAppend holds Append to the standard library, on days where calendars have their edges and on others.
func TestTimeAppend(t *testing.T) {
	var calendar Calendar
	check := func(at Time) {
		t.Helper()
		want := at.Std().AppendFormat(nil, "2006-01-02T15:04:05")
		if at.Digits > 0 {
			want = at.Std().AppendFormat(want, ".000000000"[:1+at.Digits])
		}
		if got := string(calendar.Append(nil, at)); got != string(want)+"Z" {
			t.Errorf("%+v by the calendar: %s, want %sZ", at, got, want)
		}
		if got := string(at.Append([]byte("x"))); got != "x"+string(want)+"Z" {
			t.Errorf("%+v: %s, want %sZ", at, got[1:], want)
		}
	}
	for _, year := range []int{-401, -1, 0, 1, 4, 99, 100, 400, 1600, 1677, 1899, 1900, 1969, 1970, 1999, 2000, 2023, 2024, 2100, 2262, 9999, 10000} {
		for month := time.January; month <= time.December; month++ {
			first := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix()
			for _, sec := range []int64{first - 1, first, first + 27*86400, first + 28*86400} {
				for _, later := range []int64{0, 0, 1, 60, 3600, 86399, 1} { // what the calendar remembers of the second before
					check(Time{Sec: sec + later, Nsec: 7, Digits: uint8(month % 10)})
				}
			}
		}
	}
	for _, sec := range []int64{-1 << 62, 1 << 62, 0, -1} {
		check(Time{Sec: sec, Nsec: 999_999_999, Digits: 9})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		check(Time{Sec: r.Int64N(1<<38) - 1<<36, Nsec: r.Int32N(1e9), Digits: uint8(r.IntN(10))})
	}
}

func TestParseTime(t *testing.T) {
	for _, c := range []struct {
		text string
		ns   int64
		ok   bool
	}{
		{"2026-03-01T12:00:00.000000001+01:00", 1772362800000000001, true},
		{"1678-01-01T00:00:00Z", -9214560000000000000, true},
		{"2261-12-31T23:59:59.999999999-12:00", 9214689599999999999, true},
		{"1677-12-31T23:59:59Z", 0, false},
		{"2262-01-01T00:00:00Z", 0, false},
		{"2026-03-01", 0, false},
		{"", 0, false},
	} {
		if at, ok := ParseTime(c.text); ok != c.ok || ok && at.UnixNano() != c.ns {
			t.Errorf("%q: %d, %v", c.text, at.UnixNano(), ok)
		}
	}
}

func TestRemoveTellsTheObjectsAround(t *testing.T) {
	ev := Event{Fields: []Field{{Kind: Object, Parent: -1, End: 3}, {Kind: Object, Parent: 0, End: 3}, {Parent: 1, End: 3}, {Parent: -1, End: 4}}}
	ev.Remove(2)
	for i, f := range ev.Fields {
		if f.Removed != (i == 2) || f.Changed != (i < 2) {
			t.Errorf("field %d: removed %v, changed %v", i, f.Removed, f.Changed)
		}
	}
}

func TestAppendAck(t *testing.T) {
	a, b := new(Source), new(Source)
	var acks []Ack
	for _, next := range []Ack{{a, 0, 5}, {a, 5, 9}, {b, 9, 12}, {a, 12, 14}, {a, 15, 20}, {a, 10, 15}, {b, 15, 16}, {b, 16, 16}, {b, 16, 18}} {
		acks = AppendAck(acks, next.Source, next.From, next.To)
	}
	if want := []Ack{{a, 0, 9}, {b, 9, 12}, {a, 12, 14}, {a, 15, 20}, {a, 10, 15}, {b, 15, 18}}; !slices.Equal(acks, want) {
		t.Errorf("%v, want %v", acks, want)
	}
}
