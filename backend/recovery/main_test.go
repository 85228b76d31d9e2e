package recovery_test

import (
	"flag"
	"os"
	"testing"

	"aikagi/backend/testkit"
)

// TestMain makes rapid try fewer orders of calls than its hundred: each is a walk over a real database, and under the
// race detector a slow one. -rapid.checks=1000 tries more.
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
