package sink

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"

	"github.com/tailspan/tailspan/bench/internal/workload"
)

// Verdict is what the documents said, summed up.
type Verdict struct {
	Tally      workload.Tally   `json:"tally"`
	Distinct   int64            `json:"distinct_seq"`
	Duplicates int64            `json:"duplicates"`
	Problems   map[string]int64 `json:"problems"` // how many documents lack what
	Example    string           `json:"example"`  // the first document with a problem
}

// Differences says in what the documents are not those that the facts tell of.
func (v *Verdict) Differences(facts *workload.Facts) []string {
	all := facts.Differences(&v.Tally)
	if v.Distinct != facts.Lines {
		all = append(all, fmt.Sprintf("distinct seq: want %d, got %d", facts.Lines, v.Distinct))
	}
	if v.Duplicates != 0 {
		all = append(all, fmt.Sprintf("%d documents came twice", v.Duplicates))
	}
	for problem, n := range v.Problems {
		all = append(all, fmt.Sprintf("%d documents with %s", n, problem))
	}
	if v.Example != "" {
		all = append(all, "such as "+v.Example)
	}
	return all
}

// verifier decodes documents. It belongs to one goroutine at a time.
type verifier struct {
	parser fastjson.Parser
	found  Verdict
	seen   []uint64 // a bit for each seq
}

func newVerifier() *verifier { return &verifier{found: Verdict{Problems: map[string]int64{}}} }

func (y *verifier) verdict() *Verdict {
	v := y.found
	v.Tally.ByStatus, v.Problems = maps.Clone(v.Tally.ByStatus), maps.Clone(v.Problems)
	return &v
}

// document counts one document; it reports false for what is not JSON.
func (y *verifier) document(doc []byte) bool {
	v, err := y.parser.ParseBytes(doc)
	if err != nil || v.Type() != fastjson.TypeObject {
		return false
	}
	record, problems := decode(v)
	for _, problem := range problems {
		y.found.Problems[problem]++
	}
	if len(problems) > 0 && y.found.Example == "" {
		y.found.Example = string(doc)
	}
	y.found.Tally.Add(record)
	y.count(record.Seq)
	return true
}

// maxSeq bounds what a wrong number can cost.
const maxSeq = 1 << 30

func (y *verifier) count(seq int64) {
	if seq < 0 || seq >= maxSeq {
		return
	}
	for int(seq/64) >= len(y.seen) {
		y.seen = append(y.seen, make([]uint64, 1<<12)...)
	}
	if bit := uint64(1) << (seq % 64); y.seen[seq/64]&bit != 0 {
		y.found.Duplicates++
	} else {
		y.seen[seq/64] |= bit
		y.found.Distinct++
	}
}

// decode takes from a document what the generator put into its line, and says what is not as it should be.
func decode(v *fastjson.Value) (r workload.Record, problems []string) {
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, problem)
		}
	}
	t, err := time.Parse(time.RFC3339Nano, string(v.GetStringBytes("@timestamp")))
	check(err == nil && t.Location() == time.UTC, "no @timestamp in UTC")
	r.Time = t
	trace := field(v, "trace", "id").GetStringBytes()
	check(len(trace) == 32, "no trace.id of 32 digits")
	if len(trace) == 32 {
		r.TraceHi, r.TraceLo = digits(trace[:16]), digits(trace[16:])
	}
	r.Span = digits(field(v, "span", "id").GetStringBytes()) // not every shape has one
	duration, err := field(v, "event", "duration").Int64()
	check(err == nil, "no integer event.duration")
	r.Duration = time.Duration(duration)
	message := string(v.GetStringBytes("message"))
	status, ok := integer(field(v, "http", "status"), message, " status=")
	if !ok {
		status, ok = integer(v.Get("status"), "", "")
	}
	check(ok, "no status")
	r.Status = int(status)
	r.Seq, ok = integer(v.Get("seq"), message, " seq=")
	check(ok, "no seq")
	if !ok {
		r.Seq = -1
	}
	check(string(field(v, "event", "kind").GetStringBytes()) != "pipeline_error", "a parse failure")
	return r, problems
}

// field looks a value up under its dotted name and as a member of an object.
func field(v *fastjson.Value, object, name string) *fastjson.Value {
	if found := v.Get(object + "." + name); found != nil {
		return found
	}
	if found := v.Get(object, name); found != nil {
		return found
	}
	return absent
}

var absent = fastjson.MustParse("null")

// integer reads a number, or text that is one, or else the number that stands in the message behind a mark.
func integer(v *fastjson.Value, message, mark string) (int64, bool) {
	var text string
	switch {
	case v == nil || v == absent:
		_, after, found := strings.Cut(message, mark)
		if mark == "" || !found {
			return 0, false
		}
		text, _, _ = strings.Cut(after, " ")
	case v.Type() == fastjson.TypeString:
		text = string(v.GetStringBytes())
	default:
		text = v.String()
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

// digits reads an id; what is none is 0, and shows in the sums.
func digits(text []byte) uint64 {
	v, _ := strconv.ParseUint(string(text), 16, 64)
	return v
}
