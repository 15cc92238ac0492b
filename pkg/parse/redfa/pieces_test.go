package redfa

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// pieces returns an expression of groups and texts, and lines that fit it but for some bytes, in fields of any length.
func (g *generator) pieces() (expr string, lines [][]byte) {
	fields := []struct{ expr, runes string }{
		{`[^ ]*`, "a\xff\x00"}, {`[^"]*`, "b é"}, {`[^\]]+`, "c[\n"}, {`\S+`, "d日"}, {`\S*`, "\x80e"}, {`\d*`, "0123"}, {`\d+`, "9"},
		{`[0-9a-f]*`, "0af"}, {`[0-9a-f]{32}`, "7"}, {`[0-9]{3}`, "5"}, {`[A-Z]{2,5}`, "XYZ"}, {`[a-z]{0,40}`, "n"}, {`\w{3,}`, "w_1"},
		{`[A-Za-z0-9._-]+`, "Q.-"}, {`[\x00-\x7f]*`, "\x00\x7f"}, {`\D*`, "-ä"}, {`x`, "x"}, {`\d{4}-\d{2}`, "2-"},
	}
	texts := []string{"", " ", `"`, "] ", "-", `" "`, " HTTPS/", ": é=", "12345678", " trace_id=", " of a text that is longer: ", "日本語"}
	lengths := []int{0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 30, 31, 32, 33, 34, 40, 63, 64, 65, 100}
	var b strings.Builder
	b.WriteString(pick(g.r, []string{"", "^", "^", "<"}))
	lines = make([][]byte, 8)
	for range 1 + g.r.IntN(7) {
		f, text := fields[g.r.IntN(len(fields))], pick(g.r, texts)
		g.group++
		b.WriteString(pick(g.r, []string{"(?P<f" + strconv.Itoa(g.group) + ">" + f.expr + ")", "((" + f.expr + "))", f.expr, "(" + f.expr + text + ")"}) + text)
		for i := range lines {
			for range lengths[g.r.IntN(len(lengths))] {
				lines[i] = append(lines[i], f.runes[g.r.IntN(len(f.runes))])
			}
			lines[i] = append(lines[i], text...)
		}
	}
	b.WriteString(pick(g.r, []string{"", "$"}))
	for _, line := range lines[:4] {
		if len(line) > 0 {
			line[g.r.IntN(len(line))] = pick(g.r, genPieces)[0]
		}
	}
	return b.String(), lines
}

// samePieces fails the test if the vectors pass the runs of a program from any position of the line otherwise than Go does, and
// returns how many pieces they passed.
func samePieces(t *testing.T, re *Regexp, line, behind []byte) (passed int) {
	t.Helper()
	whole := slices.Concat(line, behind)
	line = whole[:len(line):len(whole)]
	a, b := make([]int, 2*len(re.names)), make([]int, 2*len(re.names))
	for _, i := range re.straight.code {
		if i.run == nil {
			continue
		}
		i.run = slices.Clone(i.run)
		for p := range 2 * (len(line) + 1) {
			p /= 2 // once with the guesses of the position before, once with right ones
			clear(a)
			clear(b)
			want, wantOK := passPieces(i.run, line, p, a)
			n, got := passVectors(i.run, line, p, b)
			got, ok := passPieces(i.run[n:], line, got, b)
			if got != want || ok != wantOK || ok && !slices.Equal(a[2:], b[2:]) {
				t.Fatalf("%q at %d of %q, before %q:\n got %d, %v, %v\nwant %d, %v, %v", re, p, line, behind, got, ok, b, want, wantOK, a)
			}
			passed += n
		}
	}
	return passed
}

// The vectors do what Go does, wherever a line ends and whatever is behind it.
func TestPiecesByVectors(t *testing.T) {
	g := &generator{r: rand.New(rand.NewPCG(6, 7))}
	passed, matches := 0, 0
	for range 3000 {
		expr, lines := g.pieces()
		re, err := Compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		std, err := oracle(expr)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range lines {
			behind := bytes.Repeat(line[len(line)/2:], i%3)
			if re.Straight() {
				passed += samePieces(t, re, line, behind)
			}
			if same(t, engines(re), std, slices.Concat(line, behind)[:len(line)]) {
				matches++
			}
		}
	}
	t.Logf("%d pieces passed by vectors, %d lines with a match", passed, matches)
	if hasVectors && passed < 200_000 || matches < 1000 {
		t.Error("the generator makes too few lines that fit")
	}
}

// FuzzPieces goes on from there, with any line and any bytes behind it.
func FuzzPieces(f *testing.F) {
	f.Add(uint64(1), []byte("ab 12"), []byte(" and so on"))
	f.Add(uint64(2), []byte(accessLine), []byte("\n"+accessLine))
	f.Add(uint64(3), bytes.Repeat([]byte("0"), 33), bytes.Repeat([]byte("0"), 70))
	f.Fuzz(func(t *testing.T, seed uint64, line, behind []byte) {
		g := &generator{r: rand.New(rand.NewPCG(seed, 8))}
		expr, lines := g.pieces()
		re, err := Compile(expr)
		if err != nil {
			t.Fatal(err)
		}
		if !re.Straight() || len(line) > 500 {
			return
		}
		samePieces(t, re, line, behind)
		for _, l := range lines {
			samePieces(t, re, slices.Concat(l, line), behind)
		}
	})
}
