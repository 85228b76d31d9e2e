package recovery_test

import (
	"flag"
	"os"
	"testing"
)

// TestMain makes rapid try fewer orders of calls than its hundred: each is a walk over a real database, and under the
// race detector a slow one. -rapid.checks=1000 tries more.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "30"); err != nil {
		panic(err)
	}
	flag.Parse()
	os.Exit(m.Run())
}
