package jsontext

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

func TestAppendInt(t *testing.T) {
	check := func(v int64) {
		if got, want := string(AppendInt([]byte("x"), v)), "x"+strconv.FormatInt(v, 10); got != want {
			t.Errorf("%d: %s, want %s", v, got, want)
		}
	}
	for power := int64(1); power > 0 && power <= math.MaxInt64/10; power *= 10 {
		for near := int64(-2); near <= 2; near++ {
			check(power + near)
		}
	}
	for bit := range 63 {
		check(1<<bit - 1)
		check(1 << bit)
	}
	for v := range int64(10_000) { // each part of eight digits
		check(v)
		check(v*10_000 + v)
	}
	for _, v := range []int64{0, 1, math.MaxInt64, math.MinInt64, -7} {
		check(v)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for range 100_000 {
		check(r.Int64() >> r.IntN(63))
	}
}

func TestAppendDecimals(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 100_000 {
		v, n := r.Uint32N(1e9), 1+r.IntN(9)
		if i < 20 {
			v = uint32(i%2) * (1e9 - 1)
		}
		if got, want := string(AppendDecimals([]byte("x"), v, n)), "x."+fmt.Sprintf("%09d", v)[:n]; got != want {
			t.Fatalf("%d, %d of them: %s, want %s", v, n, got, want)
		}
	}
}

func FuzzAppendInt(f *testing.F) {
	for _, v := range []int64{0, 9, -1, 99_999_999, 100_000_000, 1e16, math.MaxInt64, math.MinInt64} {
		f.Add(v, uint8(8))
	}
	f.Fuzz(func(t *testing.T, v int64, room uint8) {
		to := append(make([]byte, room), "behind"...)
		if got, want := string(AppendInt(to[:0:room], v)), strconv.FormatInt(v, 10); got != want || string(to[room:]) != "behind" {
			t.Fatalf("%d with room %d: %s, then %q", v, room, got, to[room:])
		}
	})
}
