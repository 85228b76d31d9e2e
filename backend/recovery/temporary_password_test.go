package recovery

import (
	"bytes"
	"strings"
	"testing"
)

// Another program computed these. They must not change: a letter that is sent again carries the same temporary password.
func TestATemporaryPasswordIsDerivedTheSameForEver(t *testing.T) {
	for issuance, want := range map[string]string{
		"ISSUANCE1":  "SbpNPRd3A",
		"ISSUANCE19": "fBgkhb7hr", // skips the byte 224, the first that would make some characters more likely
		"ISSUANCE56": "BrYG7d77M", // needs a second block
		"ISSUANCE57": "U6WYYhew4",
	} {
		if got := deriveTemporaryPassword(bytes.Repeat([]byte("k"), 32), 42, issuance).Reveal(); got != want {
			t.Errorf("%s: got %s, want %s", issuance, got, want)
		}
	}
}

func TestEveryLetterOfATemporaryPasswordMayBeTypedInTheOtherCase(t *testing.T) {
	if !NewTemporaryPassword(upperCase).Equals(NewTemporaryPassword(strings.ToLower(upperCase))) {
		t.Error("lower case does not equal upper case")
	}
	if NewTemporaryPassword("[").Equals(NewTemporaryPassword("{")) || NewTemporaryPassword("@").Equals(NewTemporaryPassword("`")) {
		t.Error("a character that is no letter has another case")
	}
}
