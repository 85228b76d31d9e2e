//go:build race

package testkit

// RaceDetector reports whether the test runs with -race. The embedded database is ten times slower then, so tests that repeat
// something to find a rare failure can repeat it less often.
const RaceDetector = true
