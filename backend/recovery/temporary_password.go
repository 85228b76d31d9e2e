package recovery

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"strings"
	"unicode"

	"aikagi/backend/member"
	"aikagi/backend/secret"
)

// The form of a temporary password: 9 characters with at least one of each class. The look-alikes 0 O o 1 I l are left out, and
// there are no symbols, so that a double click selects it whole.
const (
	temporaryPasswordLength = 9
	upperCase               = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowerCase               = "abcdefghijkmnpqrstuvwxyz"
	digits                  = "23456789"
	alphabet                = upperCase + lowerCase + digits
)

// TemporaryPassword is the single-use secret in a letter, or a text that a member typed as one. It prints as
// "[secret]". Only the code that writes the letter shows it.
type TemporaryPassword struct{ secret.Value[string] }

// NewTemporaryPassword wraps a text as it was typed.
func NewTemporaryPassword(typed string) TemporaryPassword {
	return TemporaryPassword{secret.New(typed)}
}

// Equals compares two temporary passwords. It ignores width, letter case, spaces, dashes and invisible characters, because
// members type and paste them. Over 43 bits remain. A text that is empty or too long equals none.
func (p TemporaryPassword) Equals(typed TemporaryPassword) bool {
	return subtle.ConstantTimeCompare([]byte(p.folded()), []byte(typed.folded())) == 1
}

func (p TemporaryPassword) folded() string {
	return strings.Map(func(r rune) rune {
		r = member.Narrow(r)
		switch {
		case r == '-' || unicode.IsSpace(r):
			return -1
		case 'A' <= r && r <= 'Z':
			return r + ('a' - 'A')
		}
		return r
	}, p.Reveal())
}

// deriveTemporaryPassword computes HMAC-SHA-256(key, member id ‖ block number ‖ issuance id) for one block number after the other
// and maps the bytes to the alphabet. It cuts the characters into groups of nine and returns the first with all three classes.
// The result must never change: a letter that is sent again carries the same temporary password.
func deriveTemporaryPassword(key []byte, memberID member.ID, issuanceID string) TemporaryPassword {
	text := make([]byte, 0, temporaryPasswordLength)
	for block := uint32(0); ; block++ {
		mac := hmac.New(sha256.New, key)
		var numbers [12]byte
		binary.BigEndian.PutUint64(numbers[:8], uint64(memberID)) //nolint:gosec // the bits, not the number
		binary.BigEndian.PutUint32(numbers[8:], block)
		mac.Write(numbers[:])
		mac.Write([]byte(issuanceID))
		for _, b := range mac.Sum(nil) {
			if int(b) >= 256/len(alphabet)*len(alphabet) {
				continue // these bytes would make some characters more likely than others
			}
			text = append(text, alphabet[int(b)%len(alphabet)])
			if len(text) < temporaryPasswordLength {
				continue
			}
			if hasAllClasses(text) {
				return NewTemporaryPassword(string(text))
			}
			text = text[:0]
		}
	}
}

func hasAllClasses(text []byte) bool {
	s := string(text)
	return strings.ContainsAny(s, upperCase) && strings.ContainsAny(s, lowerCase) && strings.ContainsAny(s, digits)
}
