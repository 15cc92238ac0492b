package ship

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tailspan/tailspan/pkg/event"
)

const idLetters = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"

func id(source uint64, generation uint32, offset int64, line string) string {
	return string(AppendID(nil, &event.Source{ID: source, Generation: generation}, offset, []byte(line)))
}

func TestAppendID(t *testing.T) {
	// The format is on servers: an id that changes ships everything twice.
	for _, c := range []struct {
		source     uint64
		generation uint32
		offset     int64
		line, want string
	}{
		{0, 0, 0, "", idOf(0, 0, 0, 0xef46db3751d8)},
		{1, 2, 3, "", idOf(1, 2, 3, 0xef46db3751d8)},
		{0xfedcba9876543210, 0x89abcdef, 0x7fffffffffff, "", idOf(0xfedcba9876543210, 0x89abcdef, 0x7fffffffffff, 0xef46db3751d8)},
	} {
		if got := id(c.source, c.generation, c.offset, c.line); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if got := string(AppendID([]byte("x"), &event.Source{}, 0, nil)); got[0] != 'x' || len(got) != 33 {
		t.Errorf("appended to x: %s", got)
	}
}

// idOf writes an id down by the book: 192 bits, six to a letter.
func idOf(source uint64, generation uint32, offset, hash int64) string {
	var bits []byte
	push := func(v uint64, n int) {
		for n--; n >= 0; n-- {
			bits = append(bits, byte(v>>n&1))
		}
	}
	push(source, 64)
	push(uint64(generation), 32)
	push(uint64(offset), 48)
	push(uint64(hash), 48)
	var out strings.Builder
	for i := 0; i < len(bits); i += 6 {
		v := 0
		for _, b := range bits[i : i+6] {
			v = v<<1 | int(b)
		}
		out.WriteByte(idLetters[v])
	}
	return out.String()
}

func TestIDProperties(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 10_000 {
		source, generation, offset := r.Uint64(), r.Uint32(), r.Int64N(1<<47)
		a := id(source, generation, offset, "line")
		if len(a) != 32 || strings.Trim(a, idLetters) != "" {
			t.Fatalf("id %q", a)
		}
		if a != id(source, generation, offset, "line") {
			t.Fatal("the same line has two ids")
		}
		for what, b := range map[string]string{
			"source": id(source^1<<r.IntN(64), generation, offset, "line"), "generation": id(source, generation^1<<r.IntN(32), offset, "line"),
			"offset": id(source, generation, offset^1<<r.IntN(47), "line"), "line": id(source, generation, offset, "line2"),
		} {
			if a == b {
				t.Fatalf("another %s has the same id", what)
			}
		}
		if later := id(source, generation, offset+1+r.Int64N(1<<40), "x"); later <= a {
			t.Fatalf("the id of a later line is smaller: %s, %s", a, later)
		}
	}
}
