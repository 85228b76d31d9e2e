package testkit

import (
	"strings"
	"testing"

	"aikagi/backend/mail"
	"aikagi/backend/recovery"
)

// TemporaryPasswordIn returns the temporary password in a letter: the whole line after its label.
func TemporaryPasswordIn(t testing.TB, m mail.Message) recovery.TemporaryPassword {
	t.Helper()
	return recovery.NewTemporaryPassword(LineAfter(t, m, "【仮パスワード】"))
}

// LineAfter returns the line after the line that holds only this label.
func LineAfter(t testing.TB, m mail.Message, label string) string {
	t.Helper()
	lines := strings.Split(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n")
	for i, line := range lines {
		if line == label && i+1 < len(lines) {
			return lines[i+1]
		}
	}
	t.Fatalf("the letter has no line %s:\n%s", label, m.Text)
	return ""
}

// RecoveryIn returns the id of the recovery to which the letter links.
func RecoveryIn(t testing.TB, m mail.Message) recovery.ID {
	t.Helper()
	_, after, found := strings.Cut(m.Text, "/recover/")
	if !found || len(after) < 26 {
		t.Fatalf("the letter has no link to a recovery:\n%s", m.Text)
	}
	return recovery.ID(after[:26])
}
