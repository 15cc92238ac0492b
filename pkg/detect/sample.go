package detect

// The kinds of lines of which samples are kept.
const (
	plain = iota
	failing
	slowing
	sampleKinds
)

const (
	samplesKept = 5   // of a series: one plain one, two that failed, two that were slow
	sampleText  = 300 // bytes of a sample
)

// Sample is a line as evidence. Whoever is given one fills in all but what Observe knows; Text may be longer than is kept.
type Sample struct {
	ID    []byte // _id of its document
	Trace []byte // trace.id; empty for none
	Text  []byte

	time     int64
	kind     uint8
	template string // its text by now: it may have become wider
}

// samples are the last ones of each kind.
type samples [samplesKept]Sample

// slots are those of a kind.
var slots = [sampleKinds][]int{plain: {0}, failing: {1, 2}, slowing: {3, 4}}

// keep copies a sample over the oldest of its kind.
func (s *samples) keep(from *Sample) {
	oldest := slots[from.kind][0]
	for _, i := range slots[from.kind] {
		if s[i].time < s[oldest].time {
			oldest = i
		}
	}
	to := &s[oldest]
	to.ID, to.Trace = append(to.ID[:0], from.ID...), append(to.Trace[:0], from.Trace...)
	to.Text = append(to.Text[:0], from.Text[:min(len(from.Text), sampleText)]...)
	to.time, to.kind = from.time, from.kind
}
