package detect

import (
	"slices"
	"time"
)

const (
	beatsKept   = 16
	beatsNeeded = 8
	beatLeast   = 5 * time.Second // what comes more often is a matter of its rate
	beatMost    = 30 * time.Minute
	sameBeat    = time.Second // lines that are not further apart are one beat
)

// beats are the last times between lines of a series, in seconds: a heartbeat is what comes at a steady pace.
type beats struct {
	Gaps [beatsKept]float32
	N    uint8
}

// push takes the time between a line and the one before.
func (b *beats) push(gap int64) {
	if gap >= int64(sameBeat) {
		b.Gaps[int(b.N)%beatsKept] = float32(time.Duration(gap).Seconds())
		if b.N++; b.N == 2*beatsKept {
			b.N = beatsKept
		}
	}
}

// pace is how far apart the lines come when they do so steadily; 0 when they do not. It is the median of the gaps when
// their median deviation from it is below a tenth of it, and no more than one in eight is off by more than a quarter.
func (b *beats) pace() time.Duration {
	n := min(int(b.N), beatsKept)
	if n < beatsNeeded {
		return 0
	}
	var gaps, off [beatsKept]float32
	copy(gaps[:], b.Gaps[:n])
	slices.Sort(gaps[:n])
	median := gaps[n/2]
	far := 0
	for i, g := range gaps[:n] {
		off[i] = max(g-median, median-g)
		if off[i] > median/4 {
			far++
		}
	}
	slices.Sort(off[:n])
	pace := time.Duration(float64(median) * float64(time.Second))
	if off[n/2] > median/10 || far > n/8 || pace < beatLeast || pace > beatMost {
		return 0
	}
	return pace
}
