package tail

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// model knows what a perfect agent delivers after a random sequence of what happens to log files.
type model struct {
	*bed
	random *rand.Rand
	next   int
	names  int
	lines  map[string]bool     // every whole line written → whether it must be delivered
	files  map[string][]string // by name, the lines in it that the agent may not have read yet
	half   map[string]string   // by name, the line without a newline it ends in
	known  map[string]knowledge
	more   string // what each line goes on with in further lines
	script []string
}

// knowledge is what the agent has had time to learn of a file.
type knowledge struct {
	sighted bool // it was there when the agent looked
	begun   bool // the agent has read some of what it holds
}

// live are the names that services write to.
var live = []string{"a.log", "b.log"}

// steps are what can happen; each says what it did, or "" when it could not.
var steps = []func(m *model, name string) string{
	(*model).append, (*model).append, (*model).append, (*model).part, (*model).rotate, (*model).copyTruncate, (*model).compressOld,
	(*model).truncateEmpty, (*model).pause, (*model).pause, (*model).restart, (*model).remove,
}

func (m *model) append(name string) string {
	n := 1 + m.random.IntN(40)
	for range n {
		m.next++
		line := m.half[name] + fmt.Sprintf("line %d %s", m.next, strings.Repeat("=", m.random.IntN(200))) + m.more
		m.write(name, strings.TrimPrefix(line, m.half[name])+"\n")
		m.half[name] = ""
		m.lines[line] = true
		m.files[name] = append(m.files[name], line)
	}
	return fmt.Sprintf("append %d lines to %s", n, name)
}

func (m *model) part(name string) string {
	m.next++
	text := fmt.Sprintf("part %d ", m.next)
	m.half[name] += text
	m.write(name, text)
	return "append half a line to " + name
}

func (m *model) exists(name string) bool {
	_, err := os.Stat(m.path(name))
	return err == nil
}

// fresh is a name never used before, which the pattern of the agent does or does not match.
func (m *model) fresh(name string) string {
	m.names++
	if m.random.IntN(2) == 0 {
		return name + "." + strconv.Itoa(m.names)
	}
	return strconv.Itoa(m.names) + "-" + name
}

// moved takes down that what was in one file is in another now.
func (m *model) moved(from, to string) {
	m.files[to], m.half[to], m.known[to] = m.files[from], m.half[from], m.known[from]
	delete(m.files, from)
	delete(m.half, from)
	delete(m.known, from)
}

// matched reports whether the agent's pattern finds a file of the name.
func matched(name string) bool { return strings.HasSuffix(name, ".log") }

func (m *model) rotate(name string) string {
	if !m.exists(name) {
		return ""
	}
	to := m.fresh(name)
	m.rename(name, to)
	m.moved(name, to)
	if !m.known[to].sighted && !matched(to) {
		m.lose(to) // came and went between two looks
	}
	return "rename " + name + " to " + to
}

func (m *model) copyTruncate(name string) string {
	if !m.exists(name) || m.half[name] != "" { // logrotate tears half a line, too; what that loses is documented
		return ""
	}
	to := m.fresh(name)
	m.copyFile(name, to)
	m.truncate(name, 0)
	was := m.known[name]
	m.moved(name, to)
	m.known[name], m.known[to] = knowledge{sighted: was.sighted}, knowledge{begun: was.begun}
	if !was.begun && !matched(to) {
		m.lose(to)
	}
	return "copy " + name + " to " + to + " and truncate"
}

// compressOld compresses a file that was rotated before and that the agent has seen, as delaycompress does.
func (m *model) compressOld(string) string {
	for _, e := range m.list() {
		if !slices.Contains(live, e) && !strings.HasSuffix(e, ".gz") && m.half[e] == "" {
			m.compress(e, e+".gz")
			m.moved(e, e+".gz")
			if !m.known[e+".gz"].begun {
				m.lose(e + ".gz") // nothing to know it by
			}
			return "compress " + e
		}
	}
	return ""
}

func (m *model) list() []string {
	entries, err := os.ReadDir(m.logs)
	if err != nil {
		m.t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// lose takes down that what the agent has not read of a file may never come.
func (m *model) lose(name string) {
	for _, line := range m.files[name] {
		m.lines[line] = false
	}
	delete(m.files, name)
	delete(m.half, name)
}

func (m *model) truncateEmpty(name string) string {
	if !m.exists(name) {
		return ""
	}
	m.truncate(name, 0)
	m.known[name] = knowledge{sighted: m.known[name].sighted}
	m.lose(name)
	return "truncate " + name
}

func (m *model) remove(name string) string {
	if !m.exists(name) {
		return ""
	}
	if err := os.Remove(m.path(name)); err != nil {
		m.t.Fatal(err)
	}
	m.lose(name)
	delete(m.known, name)
	return "remove " + name
}

func (m *model) pause(string) string {
	d := time.Duration(1+m.random.IntN(6)) * time.Second
	time.Sleep(d)
	synctest.Wait()
	if m.tailer != nil && d > 2*pollUnwatched {
		m.caughtUp()
	}
	return "wait " + d.String()
}

// caughtUp takes down that the agent had time to read what it can see.
func (m *model) caughtUp() {
	for _, name := range m.list() {
		k := m.known[name]
		if matched(name) || k.sighted || k.begun {
			m.known[name] = knowledge{true, k.begun || len(m.files[name]) > 0}
			m.files[name] = nil
		}
	}
}

func (m *model) restart(string) string {
	if m.tailer != nil {
		m.halt()
		return "stop the agent"
	}
	m.start()
	m.caughtUp()
	return "start the agent"
}

func (m *model) check(seed uint64) {
	count := map[string]int{}
	for _, line := range m.bed.lines {
		count[line]++
	}
	var wrong []string
	for line, must := range m.lines {
		if n := count[line]; n > 1 || n == 0 && must {
			wrong = append(wrong, fmt.Sprintf("%d times: %.40q", n, line))
		}
	}
	for line := range count {
		if _, written := m.lines[line]; !written && !strings.HasPrefix(line, "part ") {
			wrong = append(wrong, fmt.Sprintf("never written: %.60q", line))
		}
	}
	if len(wrong) > 0 {
		slices.Sort(wrong)
		m.t.Errorf("seed %d: %d lines are wrong, such as %s\nafter:\n  %s", seed, len(wrong), wrong[0], strings.Join(m.script, "\n  "))
	}
}

// TestAgainstModel plays random histories. TAILSPAN_TEST_SEEDS=FROM-TO chooses others than the default ones.
func TestAgainstModel(t *testing.T) {
	from, to := uint64(0), uint64(80)
	if text := os.Getenv("TAILSPAN_TEST_SEEDS"); text != "" {
		if _, err := fmt.Sscanf(text, "%d-%d", &from, &to); err != nil {
			t.Fatal(err)
		}
	}
	for seed := from; seed < to && !t.Failed(); seed++ {
		inBed(t, func(t *testing.T, b *bed) {
			m := &model{bed: b, random: rand.New(rand.NewPCG(seed, 0)), lines: map[string]bool{}, files: map[string][]string{}, half: map[string]string{}, known: map[string]knowledge{}}
			if seed%4 == 3 {
				m.limit = 2 // files are closed and opened again all the time
			}
			if seed%3 == 1 {
				m.in.Multiline, m.more = autoMultiline, "\n\tat trace (x)"
			}
			m.start()
			for range 12 + m.random.IntN(20) {
				if did := steps[m.random.IntN(len(steps))](m, live[m.random.IntN(len(live))]); did != "" {
					m.script = append(m.script, did)
				}
			}
			if m.tailer == nil {
				m.start()
			}
			time.Sleep(2 * (releaseAfter + holdCopy))
			synctest.Wait()
			m.halt()
			m.check(seed)
		})
	}
}
