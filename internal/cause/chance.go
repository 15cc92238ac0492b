package cause

import "math"

const (
	// chance is how likely it may be that anything at all is named although nothing changed, of each kind.
	chance = 0.01
	// surest is where more standard errors say nothing more: samples without any spread have infinitely many.
	surest = 60
	// fewest is how many samples a side must have for anything to be said of it.
	fewest = 5
)

// beyond is from how many standard errors on a difference counts when so many are looked at: the more there are, the likelier is one that
// is there by chance (Bonferroni).
func beyond(comparisons int) float64 {
	return math.Sqrt2 * math.Erfinv(1-2*chance/float64(max(comparisons, 1)))
}

// moments are what a mean and its standard error are made of.
type moments struct {
	n       int
	sum, sq float64
}

func (m *moments) add(v float64) {
	m.n++
	m.sum += v
	m.sq += v * v
}

func (m *moments) mean() float64 {
	if m.n == 0 {
		return 0
	}
	return m.sum / float64(m.n)
}

// error2 is the square of the mean's standard error.
func (m *moments) error2() float64 {
	n := float64(m.n)
	return max(0, m.sq-m.sum*m.sum/n) / (n - 1) / n
}

// growth is by how many standard errors the mean grew (Welch's test), as if there were very many samples: with few, their spread is
// uncertain as well. 0 when there is too little to tell. One outlier widens the error as much as it moves the mean, so it never
// gets beyond chance by itself.
func growth(before, after *moments) float64 {
	diff := after.mean() - before.mean()
	if before.n < fewest || after.n < fewest || diff <= 0 {
		return 0
	}
	a, b := before.error2(), after.error2()
	t := diff / math.Sqrt(a+b+1e-12*diff*diff)
	freedom := float64(before.n + after.n - 2)
	if a+b > 0 {
		freedom = (a + b) * (a + b) / (a*a/float64(before.n-1) + b*b/float64(after.n-1))
	}
	return min(surest, t*(1-1/(4*freedom))/math.Sqrt(1+t*t/(2*freedom))) // Student's distribution as a normal one (Wallace 1959, approximately)
}

// rise is by how many standard errors a share grew: x0 of n0 before, x1 of n1 behind. Half a case more on both sides keeps
// small numbers from being sure.
func rise(x0, n0, x1, n1 int) float64 {
	if n0 == 0 || n1 == 0 {
		return 0
	}
	a, b := float64(n0)+1, float64(n1)+1
	p, q := (float64(x0)+0.5)/a, (float64(x1)+0.5)/b
	all := (p*a + q*b) / (a + b)
	return max(0, min(surest, (q-p)/math.Sqrt(all*(1-all)*(1/a+1/b))))
}

// surplus is by how many standard errors a count is above what was expected (Poisson, the expectation being a count itself that was
// scaled).
func surplus(count, expected, scale float64) float64 {
	return max(0, min(surest, (count-expected)/math.Sqrt(count+expected*max(scale, 1)+1)))
}

// certainty makes a number below 1 of standard errors.
func certainty(z float64) float64 { return z / (z + 3) }

// severity makes a number below 1 of an effect; half is the effect that makes a half.
func severity(effect, half float64) float64 { return max(0, effect) / (max(0, effect) + half) }

// either is the chance that one of them is it at least.
func either(scores []float64) float64 {
	none := 1.0
	for _, s := range scores {
		none *= 1 - s
	}
	return 1 - none
}

// sample is a value at a time, in nanoseconds since 1970.
type sample struct {
	at    int64
	value float64
}

// onset is when values began to be higher: where their sum is furthest below what their mean makes of it (CUSUM). The samples
// are in order of time.
func onset(samples []sample) int64 {
	mean := 0.0
	for _, s := range samples {
		mean += s.value / float64(len(samples))
	}
	sum, least, at := 0.0, 0.0, int64(0)
	if len(samples) > 0 {
		at = samples[0].at
	}
	for i, s := range samples {
		if sum += s.value - mean; sum < least && i+1 < len(samples) {
			least, at = sum, samples[i+1].at
		}
	}
	return at
}
