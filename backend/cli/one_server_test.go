package cli

import (
	"strings"
	"testing"

	"aikagi/backend/testkit"
)

func TestASecondServerOnOneSQLiteFileRefusesAndAKilledOneLeavesNoLock(t *testing.T) {
	t.Parallel()
	s := newSite(t, testkit.SQLite(t))
	s.stop()
	first := s.run()

	log := new(lockedBuffer)
	second := s.launch(log)
	if status := second.end(t); status.ExitStatus() != exitFailed || !strings.Contains(log.String(), "another server already serves") {
		t.Errorf("the second ended with %d and said %q", status.ExitStatus(), log.String())
	}
	if status, _ := statusOf(t, first.operations+"/readyz"); status != 200 {
		t.Errorf("the first answers %d", status)
	}
	first.kill()
	s.run()
}
