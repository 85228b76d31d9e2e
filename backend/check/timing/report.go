package main

import (
	"fmt"
	"regexp"
	"slices"
)

// kind is the kind of login ID and address that a call names.
type kind string

const (
	known      kind = "known"      // login ID and address of an active member
	unknown    kind = "unknown"    // a login ID that does not exist
	mismatched kind = "mismatched" // the login ID of an active member with another address
	suspended  kind = "suspended"  // login ID and address of a suspended member
)

// check is one run: its options and its results.
type check struct {
	pairs  int
	wanted *regexp.Regexp

	compared, differ int // numbers of comparisons
}

func (c *check) heading(database string) {
	fmt.Printf("\n%-21s %-19s %6s %9s %9s %9s %7s %7s %7s\n", database, "compared", "pairs",
		"known", "other", "slower", "t", "t 95%", "z")
	fmt.Printf("%-21s %-19s %6s %9s %9s %9s\n", "", "", "", "ms p50", "ms p50", "µs")
}

// report compares the known members of a scenario with every other kind, and with each other as the control.
func (c *check) report(scenario string, times samples, others ...kind) {
	if !c.wanted.MatchString(scenario) {
		return
	}
	even, odd := alternate(times[known])
	c.compare(scenario, "known (control)", even, odd)
	for _, other := range others {
		c.compare(scenario, string(other), times[known], times[other])
	}
}

// alternate splits a sample into two that were measured at the same time, unlike its first and its second half.
func alternate(sample []float64) (even, odd []float64) {
	for pair := range slices.Chunk(sample, 2) {
		even = append(even, pair[0])
		odd = append(odd, pair[len(pair)-1])
	}
	return even, odd
}

// compare prints one comparison and counts it.
func (c *check) compare(scenario, other string, first, second []float64) {
	v := show(scenario, other, first, second)
	c.compared++
	if v.differ() {
		c.differ++
		fmt.Print("   TOLD APART")
	}
	fmt.Println()
}

// show prints one comparison without the end of the line. The column "slower" is by how much the second sample is slower on average,
// after cropping.
func show(scenario, other string, first, second []float64) verdict {
	v := judge(first, second)
	a, b := crop(first, second)
	meanA, _ := moments(a)
	meanB, _ := moments(b)
	fmt.Printf("%-21s %-19s %6d %9.3f %9.3f %+9.1f %+7.2f %+7.2f %+7.2f", scenario, other, min(len(first), len(second)),
		median(first)/1000, median(second)/1000, meanB-meanA, v.raw, v.cropped, v.rank)
	return v
}

// conclude returns an error when a comparison found a difference.
func (c *check) conclude() error {
	if c.differ > 0 {
		return fmt.Errorf("%d of %d comparisons tell the two apart (a figure of %.1f or more)", c.differ, c.compared, tooFar)
	}
	fmt.Printf("\n%d comparisons, none with a figure of %.1f or more\n", c.compared, tooFar)
	return nil
}
