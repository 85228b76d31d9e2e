package main

import (
	"math"
	"slices"
	"sort"
)

// kept is the share of the times that the cropped test uses. The slowest ones come from the machine (a commit that waited for the
// disk, the scheduler) and would hide a difference of some microseconds (see dudect: Reparaz, Balasch, Verbauwhede 2017).
const kept = 0.95

// verdict holds the results of three tests of two samples. When both samples have the same distribution, each figure is near 0 and
// rarely beyond 3; beyond tooFar it is by chance in one of 150,000 cases.
type verdict struct {
	raw     float64 // Welch's t
	cropped float64 // Welch's t of the fastest times
	rank    float64 // Mann–Whitney's z
}

const tooFar = 4.5

// judge compares two samples. A figure above 0 means that the second one is slower.
func judge(first, second []float64) verdict {
	a, b := crop(first, second)
	return verdict{raw: welch(first, second), cropped: welch(a, b), rank: mannWhitney(first, second)}
}

// differ reports whether one of the tests finds a difference.
func (v verdict) differ() bool {
	return max(math.Abs(v.raw), math.Abs(v.cropped), math.Abs(v.rank)) >= tooFar
}

// welch is Welch's t of two samples, with variances of their own.
func welch(first, second []float64) float64 {
	meanA, varianceA := moments(first)
	meanB, varianceB := moments(second)
	return (meanB - meanA) / math.Sqrt(varianceA/float64(len(first))+varianceB/float64(len(second)))
}

// moments gives the mean and the variance of a sample.
func moments(sample []float64) (mean, variance float64) {
	for _, x := range sample {
		mean += x
	}
	mean /= float64(len(sample))
	for _, x := range sample {
		variance += (x - mean) * (x - mean)
	}
	return mean, variance / float64(len(sample)-1)
}

// crop removes the times above a bound from both samples. The bound is the same for both, so that the share kept of all times is
// below it: with a bound for each sample, a difference could be cropped away.
func crop(first, second []float64) (a, b []float64) {
	all := slices.Sorted(slices.Values(slices.Concat(first, second)))
	bound := all[min(len(all)-1, int(kept*float64(len(all))))]
	below := func(sample []float64) []float64 {
		return slices.DeleteFunc(slices.Clone(sample), func(x float64) bool { return x > bound })
	}
	return below(first), below(second)
}

// mannWhitney is the z of the rank test: it counts how often a time of the second sample is above one of the first, not by how much.
// Equal values share their ranks.
func mannWhitney(first, second []float64) float64 {
	type ranked struct {
		value    float64
		isSecond bool
	}
	all := make([]ranked, 0, len(first)+len(second))
	for _, x := range first {
		all = append(all, ranked{value: x})
	}
	for _, x := range second {
		all = append(all, ranked{x, true})
	}
	sort.Slice(all, func(i, j int) bool { return all[i].value < all[j].value })
	n1, n2, n := float64(len(first)), float64(len(second)), float64(len(all))
	var rankSum, ties float64
	for begin := 0; begin < len(all); {
		end := begin
		for end < len(all) && all[end].value == all[begin].value {
			end++
		}
		rank := float64(begin+1+end) / 2
		for _, one := range all[begin:end] {
			if one.isSecond {
				rankSum += rank
			}
		}
		tied := float64(end - begin)
		ties += tied*tied*tied - tied
		begin = end
	}
	u := rankSum - n2*(n2+1)/2
	return (u - n1*n2/2) / math.Sqrt(n1*n2/12*(n+1-ties/(n*(n-1))))
}

// median is the median of a sample.
func median(sample []float64) float64 {
	sorted := slices.Sorted(slices.Values(sample))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
