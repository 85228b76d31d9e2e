//go:build race

package testkit

// RaceDetector says that every memory access is watched, which makes the embedded database ten times slower: rounds
// that only add to the odds can be fewer.
const RaceDetector = true
