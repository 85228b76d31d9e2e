package recovery

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"log/slog"
	"strings"
	"unicode"

	"aikagi/backend/member"
)

// The temporary password's form: 9 characters, at least one of each class, without the look-alikes 0 O o 1 I l,
// no symbol, so that a double click selects it whole.
const (
	temporaryPasswordLength = 9
	upperCase               = "ABCDEFGHJKLMNPQRSTUVWXYZ"
	lowerCase               = "abcdefghijkmnpqrstuvwxyz"
	digits                  = "23456789"
	alphabet                = upperCase + lowerCase + digits
)

// TemporaryPassword is the single-use secret in the mail, or what somebody typed as one. It does not print: the text
// lies behind a pointer, because fmt calls no method of a value in another's unexported field.
type TemporaryPassword struct{ text *string }

// NewTemporaryPassword takes what was typed, as it was typed.
func NewTemporaryPassword(typed string) TemporaryPassword { return TemporaryPassword{&typed} }

// Reveal gives the text, for the letter alone.
func (p TemporaryPassword) Reveal() string {
	if p.text == nil {
		return ""
	}
	return *p.text
}

// String redacts.
func (TemporaryPassword) String() string { return "[secret]" }

// GoString redacts %#v.
func (p TemporaryPassword) GoString() string { return p.String() }

// LogValue redacts in slog.
func (p TemporaryPassword) LogValue() slog.Value { return slog.StringValue(p.String()) }

// MarshalText redacts in JSON and in every other text encoding.
func (p TemporaryPassword) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// Equals compares as a member types: width, letter case, spaces, stray dashes and invisible characters do not matter.
// Over 43 bits remain. An empty or over-long text equals no temporary password.
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

// deriveTemporaryPassword expands HMAC-SHA-256(key, member id ‖ issuance id) block by block, maps bytes to
// the alphabet, and takes the first nine characters in a row that hold all three classes.
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
				continue // mapping these too would make some characters likelier
			}
			text = append(text, alphabet[int(b)%len(alphabet)])
			if len(text) < temporaryPasswordLength {
				continue
			}
			if holdsAllClasses(text) {
				return NewTemporaryPassword(string(text))
			}
			text = text[:0]
		}
	}
}

func holdsAllClasses(text []byte) bool {
	s := string(text)
	return strings.ContainsAny(s, upperCase) && strings.ContainsAny(s, lowerCase) && strings.ContainsAny(s, digits)
}
