//go:build !race

package testkit

// RaceDetector says that every memory access is watched.
const RaceDetector = false
