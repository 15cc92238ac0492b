package detect

import "math"

// Scores say how little chance explains what is seen: minus the decimal logarithm of a bound on the probability. They are likelihood
// ratios of counts, whose tails Chernoff's bound makes good at every size, divided by how much more the counts of the past
// scatter than chance alone would let them (quasi-likelihood: McCullagh, Nelder: Generalized Linear Models, 2nd ed. 1989, ch. 9).
// The rates before are estimated, too, and the ratios account for it: both sides are compared with what they have in common.

// rateScore compares x lines in a time t with y lines in a time before, in the same unit, whatever the direction.
func rateScore(x, t, y, before, dispersion float64) float64 {
	if t <= 0 || before <= 0 || x+y == 0 {
		return 0
	}
	common := (x + y) / (t + before)
	return (surprise(x, common*t) + surprise(y, common*before)) / dispersion / math.Ln10
}

// shareScore compares a share k of n with one before, of which there were kBefore of nBefore.
func shareScore(k, n, kBefore, nBefore, dispersion float64) float64 {
	if n <= 0 || nBefore <= 0 {
		return 0
	}
	p := (k + kBefore) / (n + nBefore)
	g := surprise(k, p*n) + surprise(n-k, (1-p)*n) + surprise(kBefore, p*nBefore) + surprise(nBefore-kBefore, (1-p)*nBefore)
	return g / dispersion / math.Ln10
}

// exceedScore tells how little chance explains that k of n are above what the share p is above.
func exceedScore(k, n, p, dispersion float64) float64 {
	if n <= 0 {
		return 0
	}
	return (surprise(k, p*n) + surprise(n-k, (1-p)*n)) / dispersion / math.Ln10
}

// surprise is the part of a count in the logarithm of a likelihood ratio.
func surprise(count, expected float64) float64 {
	if count <= 0 || expected <= 0 {
		return 0
	}
	return count * math.Log(count/expected)
}

// needed is the score from which on something counts, so that less than one finding in a hundred days is due to chance
// (Bonferroni): every series is asked so many questions at the end of every window.
func needed(series int) float64 {
	return 2 + math.Log10(questions*windowsPerDay*float64(max(series, 10)))
}

const (
	questions     = 8 // what is asked of a series: rate up and down, errors, three quantiles, silence; a few at two scales
	windowsPerDay = 24 * 3600 / windowSeconds
)
