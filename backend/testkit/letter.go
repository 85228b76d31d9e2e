package testkit

import (
	"strings"
	"testing"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// TemporaryPasswordIn reads the temporary password where members find it: alone on the line after its label.
func TemporaryPasswordIn(t testing.TB, m mail.Message) recovery.TemporaryPassword {
	t.Helper()
	return recovery.NewTemporaryPassword(LineAfter(t, m, "【仮パスワード】"))
}

// LineAfter is the line after one that holds a label and nothing else.
func LineAfter(t testing.TB, m mail.Message, label string) string {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if line == label && i+1 < len(lines) {
			return lines[i+1]
		}
	}
	t.Fatalf("no line %s in the letter:\n%s", label, m.Text)
	return ""
}

// RecoveryIn reads the id of the recovery that the letter links to.
func RecoveryIn(t testing.TB, m mail.Message) recovery.ID {
	t.Helper()
	_, after, found := strings.Cut(m.Text, "/recover/")
	if !found || len(after) < 26 {
		t.Fatalf("no link to a recovery in the letter:\n%s", m.Text)
	}
	return recovery.ID(after[:26])
}
