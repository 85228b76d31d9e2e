package recovery_test

import (
	"flag"
	"os"
	"testing"

	"aikagi/backend/testkit"
)

// TestMain sets a lower number of rapid's checks than its default of 100, because each check uses a real database and is slow under
// the race detector. -rapid.checks=1000 tries more.
func TestMain(m *testing.M) {
	checks := "60"
	if testkit.RaceDetector {
		checks = "12"
	}
	if err := flag.Set("rapid.checks", checks); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
