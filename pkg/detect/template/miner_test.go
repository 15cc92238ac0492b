package template

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestText says what varies by its form or by where it stands.
func TestText(t *testing.T) {
	for _, c := range []struct{ message, text string }{
		{"disk full", "disk full"},
		{"took 17 ms", "took <qty>"},
		{"took 17ms, 3 retries", "took <*> retries"},
		{"took 1.5 for 3", "took <num> for <num>"},
		{"from 10.1.2.3 (10.1.2.3): no", "from <*>: no"},
		{"call f(1, 2) of g[3", "call f(<*>) of g[<num>"},
		{"from 10.1.2.3 port 4711", "from <ip> port <num>"},
		{"peer fe80::1ff:fecd:467f lost", "peer <ip> lost"},
		{"lease 00:11:43:e3:ba:c3 ended", "lease <mac> ended"},
		{"at 12:30:01 again", "at <time> again"},
		{"due Sun Jun 19 07:07:00 2005 again", "due <time> again"},
		{"on 2015-07-29 again", "on <time> again"},
		{"at Fri Jun 17 07:07:00 2005", "at <time>"},
		{"due 2015-07-29T17:41:44.747Z again", "due <time> again"},
		{"due 2015-07-29 17:41:44,747 again", "due <time> again"},
		{"[17/May/2015:10:05:03 +0000] again", "[<time>] again"},
		{`a="b \"c\" d" e`, "a=<*> e"},
		{"request 6e476ddd-afd9-4e32-9c0c-0123456789ab done", "request <uuid> done"},
		{"flags 0x1f, digest deadbeef01", "flags <hex>, digest <hex>"},
		{"open /var/log/app.log: no such file", "open <path>: no such file"},
		{`open C:\Windows\x.log failed`, "open <path> failed"},
		{"GET https://example.org/a?b=c&d=e done", "GET <url> done"},
		{"GET /v2/servers?all=True&since=5 done", "GET <path> done"},
		{"mail to anna1@example.org bounced", "mail to <id> bounced"},
		{"mail to anna@example.org bounced", "mail to <email> bounced"},
		{"example.org:443 close", "<host> close"},
		{"uid=0 user= state=up", "uid=<num> user=<*> state=up"},
		{`tag="View Lock", n=1`, "tag=<*>, n=<num>"},
		{`{"user":"anna","n":5}`, `{"user":<*>,"n":<num>}`},
		{`relation "users" does not exist`, `relation "users" does not exist`},
		{`msg="it failed" err="5 left" n=5`, `msg="it failed" err=<*> n=<num>`},
		{`{"msg":"it failed","n":5}`, `{"msg":"it failed","n":<num>}`},
		{"ids [1, 2, 3] done.", "ids [<*>] done."},
		{"Can't find it!", "Can't find it!"},
		{"---", "---"},
		{"...", "<*>"},
		{"instr. enabled.....1", "instr. enabled.....<num>"},
		{"retry shortly ...", "retry shortly ..."},
		{"run ./a.out, ../b and ~/c", "run <*> and <path>"},
		{"  a\t b  \n c", "a b"},
		{"größe 5 überschritten", "größe <num> überschritten"},
	} {
		m := New(Options{})
		is := m.Match([]byte(c.message))
		if is == nil || is.Text() != c.text {
			t.Errorf("%q is %v, want %q", c.message, is, c.text)
		}
	}
	for _, nothing := range []string{"", " ", "\r\n\t"} {
		if is := New(Options{}).Match([]byte(nothing)); is != nil {
			t.Errorf("%q is %q", nothing, is.Text())
		}
	}
}

func (t *Template) String() string { return t.Text() }

// TestSame says which lines have one template, and what its text becomes.
func TestSame(t *testing.T) {
	for _, c := range []struct {
		text  string // "" for lines that are different
		lines []string
	}{
		{"user <*> logged in", []string{"user anna logged in", "user bert logged in", "user BERTA logged in"}},
		{"Failed password for <*> from <ip>", []string{"Failed password for root from 10.0.0.1", "Failed password for admin from 10.0.0.2"}},
		{"sent <*>, lifetime <*>", []string{"sent 5 bytes, lifetime 00:01", "sent 1190 bytes (1.16 KB), lifetime <1 sec"}},
		{"pids <*> ended", []string{"pids 1, 2 ended", "pids 1, 2, 3 ended", "pids 7 ended"}},
		{"ruser=<*> rhost=<*>", []string{"ruser=bob rhost=10.0.0.1", "ruser= rhost=a.example.org"}},
		{`relation "<*>" does not exist`, []string{`relation "users" does not exist`, `relation "orders" does not exist`}},
		{"placed by <*> items", []string{"placed by anna, 5 items", "placed by bert, 17 items"}},
		{"", []string{"for job 17", "for task 17"}},
		{"synchronized to <*>, stratum <num>", []string{"synchronized to 10.1.1.1, stratum 3", "synchronized to LOCAL(0), stratum 10"}},
		{"", []string{"op=login user=anna", "op=logout user=anna"}},
		{"", []string{"session opened", "session closed"}},
		{"", []string{"from NEW to ASSIGNED", "from NEW to RUNNING"}},
		{"", []string{"user created: 5", "user deleted: 5"}},
		{"", []string{"link ok", "link 5", "link"}},
		{"", []string{"overlap: true", "overlap: false"}},
	} {
		m := New(Options{})
		seen := map[*Template]bool{}
		var is *Template
		for _, line := range c.lines {
			is = m.Match([]byte(line))
			seen[is] = true
			if again := m.Match([]byte(line)); again != is {
				t.Errorf("%q is %q, then %q", line, is, again)
			}
		}
		switch {
		case c.text == "" && len(seen) != len(c.lines):
			t.Errorf("%q have one template: %q", c.lines, is)
		case c.text != "" && (len(seen) != 1 || is.Text() != c.text):
			t.Errorf("%q have %d templates: %q, want %q", c.lines, len(seen), is, c.text)
		}
	}
}

// TestIDs keeps ids from changing: they stand in documents, in whatever version.
func TestIDs(t *testing.T) {
	for line, id := range map[string]string{
		"disk full":                         "5db611e0716c1a98",
		"Invalid user anna from 10.1.2.3":   "0113d024f20fc315",
		"Invalid user bert1 from 10.1.2.30": "0113d024f20fc315",
	} {
		if is := New(Options{}).Match([]byte(line)); is.ID() != id || is.Named().ID != id {
			t.Errorf("%q: %s, want %s", line, is.ID(), id)
		}
	}
}

// TestLearned: where many words have stood in a place that does not look like it, values stand.
func TestLearned(t *testing.T) {
	for _, form := range []string{"removing %s", "%s says hello", "table %s is %s today"} {
		m := New(Options{})
		var is *Template
		words := []string{"ab", "cd", "ef", "gh", "ij", "kl", "mn", "op"}
		for i := range words {
			is = m.Match([]byte(strings.ReplaceAll(form, "%s", words[i])))
		}
		if n := len(m.Templates()); n != enough-1 {
			t.Fatalf("%q: %d templates", form, n)
		}
		if want := strings.ReplaceAll(form, "%s", "<*>"); is.Text() != want || is != m.Templates()[0] || is.Count() != 2 {
			t.Errorf("%q: %q, want %q", form, is, want)
		}
		if later := m.Match([]byte(strings.ReplaceAll(form, "%s", "later"))); later != is {
			t.Errorf("%q: a later line is %q", form, later)
		}
		if old := m.Match([]byte(strings.ReplaceAll(form, "%s", "cd"))); old == is {
			t.Errorf("%q: a template from before has gone silent", form)
		}
	}
}

// letters writes a number without digits.
func letters(n int) string {
	var s []byte
	for n = n*2654435761%1_000_003 + 1; n > 0; n /= 26 {
		s = append(s, byte('a'+n%26))
	}
	return string(s)
}

func TestConcurrent(t *testing.T) {
	m := New(Options{Memory: 64 << 10})
	var all sync.WaitGroup
	for w := range 4 {
		all.Go(func() {
			for i := range 2000 {
				for _, line := range []string{"user " + letters(i) + " logged in", letters(i*w) + " forgotten", "size 5 of " + letters(i)} {
					if is := m.Match([]byte(line)); is == nil || is.Text() == "" {
						t.Errorf("%q has no template", line)
					}
				}
			}
		})
	}
	all.Wait()
	if is := m.Match([]byte("user anna logged in")); is.Count() != 8001 {
		t.Errorf("%d lines, want 8001", is.Count())
	}
}

func TestNoAllocations(t *testing.T) {
	m := New(Options{})
	for _, line := range samples {
		m.Match(line)
		m.Match(line)
	}
	if n := testing.AllocsPerRun(100, func() {
		for _, line := range samples {
			m.Match(line)
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

var samples = [][]byte{
	[]byte("Failed password for invalid user anna from 10.1.2.3 port 42393 ssh2"),
	[]byte(`10.11.10.1 "GET /v2/54fadb412c4e40cdbaed9335e4c35a9e/servers/detail HTTP/1.1" status: 200 len: 1893 time: 0.2477829`),
	[]byte("order 4711 for customer 6e476ddd-afd9-4e32-9c0c-0123456789ab accepted in 17 ms, 3 items, total=12.50 currency=EUR"),
	[]byte("connection from 24.54.76.216 (24-54-76-216.dsl.example.org) at Fri Jun 17 07:07:00 2005"),
	[]byte("Address change detected. Old: app-41/10.190.173.170:9000 New: app-41:9000"),
	[]byte("cache refresh finished"),
}

func BenchmarkTemplateKnown(b *testing.B) {
	m := New(Options{})
	for b.Loop() {
		for _, line := range samples {
			m.Match(line)
		}
	}
	b.ReportMetric(float64(b.N*len(samples))/b.Elapsed().Seconds(), "lines/s")
}

// BenchmarkTemplateNew is of lines that are all first of their kind, with memory for few of them.
func BenchmarkTemplateNew(b *testing.B) {
	m := New(Options{Memory: 1 << 20})
	var line []byte
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		line = fmt.Appendf(line[:0], "%s went %s and never %s back %s there", letters(i), letters(i*31), letters(i*17), letters(i*7))
		m.Match(line)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}

func BenchmarkTemplateNewUsers(b *testing.B) {
	m := New(Options{})
	var line []byte
	for i := 0; b.Loop(); i++ {
		line = fmt.Appendf(line[:0], "Failed password for invalid user %s from 10.1.2.3 port %d ssh2", letters(i), i)
		m.Match(line)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "lines/s")
}
