package detect

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// TestScores: values calculated by hand.
func TestScores(t *testing.T) {
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"30 lines in a minute after 10 a minute", rateScore(30, 1, 100, 10, 1), 4.882}, // (30 ln(30/11.818) + 100 ln(100/118.18)) / ln 10
		{"the same where lines come in fives", rateScore(30, 1, 100, 10, 5), 0.977},
		{"nothing for a minute after 10 a minute", rateScore(0, 1, 100, 10, 1), 4.139}, // 100 ln(11/10) / ln 10
		{"as before", rateScore(10, 1, 100, 10, 1), 0},
		{"nothing before", rateScore(10, 1, 0, 0, 1), 0},
		{"10 of 100 after 10 of 1000", shareScore(10, 100, 10, 1000, 1), 4.974},
		{"20 of 100 above a p95", exceedScore(20, 100, 0.05, 1), 6.070}, // (20 ln 4 + 80 ln(0.8/0.95)) / ln 10
	} {
		if math.Abs(c.got-c.want) > 0.001 {
			t.Errorf("%s: %.4f, want %.4f", c.name, c.got, c.want)
		}
	}
}

func TestPace(t *testing.T) {
	for _, c := range []struct {
		name string
		gap  func(i int) float64 // seconds
		want time.Duration
	}{
		{"steady", func(int) float64 { return 30 }, 30 * time.Second},
		{"nearly", func(i int) float64 { return 60 + float64(i%3) }, 61 * time.Second},
		{"one missed", func(i int) float64 { return map[bool]float64{true: 60, false: 30}[i == 9] }, 30 * time.Second},
		{"every other", func(i int) float64 { return 10 + 50*float64(i%2) }, 0},
		{"too often", func(int) float64 { return 2 }, 0},
		{"too seldom", func(int) float64 { return 3600 }, 0},
		{"any", func(i int) float64 { return 10 + float64(i*i%17) }, 0},
	} {
		var b beats
		for i := range 20 {
			b.push(int64(c.gap(i) * 1e9))
		}
		if got := b.pace(); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// try runs lines through an Engine; tick tells the clock's time after each of them, and up to when all is read.
func try(t *testing.T, lines []Line, tick func(l *Line) (now, read time.Time)) (found []Finding, e *Engine) {
	t.Helper()
	opts := quietly
	opts.Found = func(f *Finding) { found = append(found, *f) }
	e = New(Config{Learning: 30 * time.Minute}, opts)
	w := e.Watcher(t.Context(), nil)
	for i := range lines {
		w.Observe(&lines[i])
		w.Flush()
		e.drain()
		if tick != nil {
			e.tick(tick(&lines[i]))
		}
	}
	return found, e
}

// steady is a line every so many seconds, of a service with one template.
func steady(service string, every float64, from, to int) (lines []Line) {
	for at := float64(from); at < float64(to); at += every {
		lines = append(lines, Line{Time: begin.UnixNano() + int64(at*1e9) + int64(at*7919)%1e9, Service: []byte(service), Template: service, Text: service, Duration: -1})
	}
	return lines
}

func at(l *Line) time.Time { return time.Unix(0, l.Time) }

// TestClocks: no line from the future, however far, and no file that is read too late makes anything unusual.
func TestClocks(t *testing.T) {
	odd := func(shift time.Duration, every int) []Line {
		lines := steady("shop", 1, 0, 3*3600)
		for i := range lines {
			if i%every == every-1 {
				lines[i].Time += int64(shift)
			}
		}
		return lines
	}
	two := func() (lines []Line) { // files of one service, an hour apart, read by turns
		first, second := steady("shop", 1, 0, 2*3600), steady("shop", 1, 3600, 3*3600)
		for i := range first {
			lines = append(lines, first[i], second[min(i, len(second)-1)])
		}
		return lines
	}
	live := func(l *Line) (now, read time.Time) { return at(l), at(l) }
	for name, c := range map[string]struct {
		lines []Line
		tick  func(*Line) (now, read time.Time)
	}{
		"a year ahead, without a clock": {odd(365*24*time.Hour, 100), nil},
		"a year ahead, with one": {odd(365*24*time.Hour, 100), func(l *Line) (now, read time.Time) {
			now = time.Unix(0, min(l.Time, begin.Add(4*time.Hour).UnixNano()))
			return now, now
		}},
		"an hour behind":     {odd(-time.Hour, 100), live},
		"1970":               {odd(-50*365*24*time.Hour, 50), live},
		"two files by turns": {two(), nil},
	} {
		if found, e := try(t, c.lines, c.tick); len(found) > 0 || e.Late.Load() == 0 {
			t.Errorf("%s: %+v; %d late", name, found, e.Late.Load())
		}
	}
}

// TestSilence: that nothing comes is known from the clock, as soon as it is known that all was read, and not for old logs.
func TestSilence(t *testing.T) {
	lines := steady("shop", 0.5, 0, 2*3600)
	last := begin.Add(2 * time.Hour)
	for name, c := range map[string]struct {
		live, behind time.Duration // of the clock behind the lines; of reading behind the clock
		want         int
	}{
		"it ends":              {0, 0, 1},
		"it is not read":       {0, 10 * time.Minute, 0},
		"they are of long ago": {48 * time.Hour, 0, 0},
	} {
		_, e := try(t, lines, func(l *Line) (now, read time.Time) { return at(l).Add(c.live), at(l).Add(c.live - c.behind) })
		for second := range 300 {
			now := last.Add(c.live + time.Duration(second)*time.Second)
			e.tick(now, now.Add(-c.behind))
		}
		if found := e.Recent(); len(found) != c.want {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// TestOneCause: a service of thirty templates that all log five times as much is one finding, that names the service, and it is over when
// it is; another one after that is another.
func TestOneCause(t *testing.T) {
	var lines []Line
	for second := range 4 * 3600 {
		n := 3
		if second > 7200 && second < 7800 || second > 12000 && second < 12600 {
			n = 15
		}
		for i := range n {
			template := fmt.Sprintf("t%d", (second*7+i)%30)
			lines = append(lines, Line{Time: begin.UnixNano() + int64(second)*1e9 + int64(i)*5e7, Service: []byte("shop"), Template: template, Text: template, Duration: -1})
		}
	}
	found, _ := try(t, lines, nil)
	var said []string
	for _, f := range found {
		said = append(said, fmt.Sprintf("%s %q over %v", f.Rule, f.Template, !f.Over.IsZero()))
	}
	want := `[rate "" over false rate "" over true rate "" over false rate "" over true]`
	if got := fmt.Sprint(said); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestNormalNow: what has lasted an hour is how things are, and its end is a finding of its own.
func TestNormalNow(t *testing.T) {
	lines := append(steady("shop", 1, 0, 7200), steady("shop", 0.2, 7200, 7200+3*3600)...)
	lines = append(lines, steady("shop", 1, 18000, 18000+1800)...)
	found, _ := try(t, lines, nil)
	if len(found) < 3 || found[1].Reason != "normal now" || found[2].After.Value > found[2].Before.Value {
		t.Errorf("%+v", found)
	}
}

// TestSeasons: what comes at the same hour of other days is found on the first day only; and what a weekday does is a week later.
func TestSeasons(t *testing.T) {
	surge := func(days int, on func(day int) bool) (lines []Line) {
		for day := range days {
			from := day * 86400
			lines = append(lines, steady("shop", 5, from, from+9*3600)...)
			every := 5.0
			if on(day) {
				every = 1
			}
			lines = append(lines, steady("shop", every, from+9*3600, from+10*3600)...)
			lines = append(lines, steady("shop", 5, from+10*3600, from+86400)...)
		}
		return lines
	}
	for name, c := range map[string]struct {
		days int
		on   func(int) bool
		want []int // days
	}{
		"daily":         {4, func(int) bool { return true }, []int{0}},
		"on Mondays":    {15, func(day int) bool { return day%7 == 0 }, []int{0}},
		"another day":   {10, func(day int) bool { return day == 8 }, []int{8}},
		"an odd Sunday": {14, func(day int) bool { return day%7 != 6 || day == 13 }, []int{0, 13}},
	} {
		found, _ := try(t, surge(c.days, c.on), nil)
		var days []int
		for _, f := range found {
			if f.Over.IsZero() && f.After.Value > f.Before.Value {
				days = append(days, int(f.Found.Sub(begin)/(24*time.Hour)))
			}
		}
		if fmt.Sprint(days) != fmt.Sprint(c.want) {
			t.Errorf("%s: found on days %v, want %v", name, days, c.want)
		}
	}
}

// TestSeasonOfErrors: what fails at the same hour of other days is found on the first day only, unless more of it does.
func TestSeasonOfErrors(t *testing.T) {
	lines := steady("shop", 2, 0, 5*86400)
	for i := range lines {
		second := int(lines[i].Time-begin.UnixNano()) / 1e9
		share := 100
		if second%86400/3600 == 9 {
			share = 5
		}
		if second/86400 == 4 && second%86400/3600 == 9 {
			share = 2
		}
		lines[i].Failed = i*7919%share == 0
	}
	found, _ := try(t, lines, nil)
	var days []int
	for _, f := range found {
		if f.Over.IsZero() && f.Rule == Errors {
			days = append(days, int(f.Found.Sub(begin)/(24*time.Hour)))
		}
	}
	if fmt.Sprint(days) != "[0 4]" {
		t.Errorf("found on days %v, want 0 and 4: %+v", days, found)
	}
}
