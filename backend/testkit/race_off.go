//go:build !race

package testkit

// RaceDetector reports whether the test runs with -race.
const RaceDetector = false
