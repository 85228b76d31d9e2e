package recovery

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/secret"
)

// DisavowalToken is the secret in a notice's link. It lets the reader of the notice void the announced password. It is stored
// nowhere: it holds the member, the password version, the time of the change and the name of the key, under a MAC by that key.
// It prints as "[secret]".
type DisavowalToken struct{ secret.Value[string] }

// NewDisavowalToken wraps the text that a browser sends.
func NewDisavowalToken(text string) DisavowalToken { return DisavowalToken{secret.New(text)} }

// disavowal is the content of a token.
type disavowal struct {
	memberID        member.ID
	passwordVersion int64
	issuedAt        time.Time // to the second
}

// A token is the content as three big-endian numbers, their MAC, and the name of the key, in base64url without padding (RFC 4648,
// section 5). Lengths are in bytes.
const (
	disavowalNumbersSize = 3 * 8
	disavowalMACSize     = 16
)

// DisavowalToken returns the token for the notice that announces this password version. The time is that of the change. The
// same input gives the same token, so a letter that is sent again carries the same one.
func (r *Ring) DisavowalToken(memberID member.ID, passwordVersion int64, at time.Time) DisavowalToken {
	signed := binary.BigEndian.AppendUint64(nil, uint64(memberID))          //nolint:gosec // the bits, not the number
	signed = binary.BigEndian.AppendUint64(signed, uint64(passwordVersion)) //nolint:gosec // the bits, not the number
	signed = binary.BigEndian.AppendUint64(signed, uint64(at.Unix()))       //nolint:gosec // the bits, not the number
	signed = append(signed, r.disavowalMAC(r.Issuing(), signed)...)
	return NewDisavowalToken(base64.RawURLEncoding.EncodeToString(append(signed, r.Issuing()...)))
}

// readDisavowal returns the content of the token, or false if no key of the ring made its MAC. For a key that was removed it
// computes and compares a MAC too, so that the time does not tell which keys the ring has.
func (r *Ring) readDisavowal(token DisavowalToken) (disavowal, bool) {
	text := token.Reveal()
	decoded, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(decoded) < disavowalNumbersSize+disavowalMACSize || len(decoded) > disavowalNumbersSize+disavowalMACSize+maxKeyName {
		return disavowal{}, false
	}
	if base64.RawURLEncoding.EncodeToString(decoded) != text {
		return disavowal{}, false // the decoder also accepts line breaks and unused bits at the end; a token has one spelling
	}
	numbers, rest := decoded[:disavowalNumbersSize], decoded[disavowalNumbersSize:]
	if subtle.ConstantTimeCompare(rest[:disavowalMACSize], r.disavowalMAC(string(rest[disavowalMACSize:]), numbers)) != 1 {
		return disavowal{}, false
	}
	number := func(n int) int64 { return int64(binary.BigEndian.Uint64(numbers[8*n:])) } //nolint:gosec // the bits, not the number
	return disavowal{member.ID(number(0)), number(1), time.Unix(number(2), 0)}, true
}

func (r *Ring) disavowalMAC(keyName string, numbers []byte) []byte {
	mac := hmac.New(sha256.New, r.named(keyName).disavowal.Reveal())
	mac.Write(numbers)
	return mac.Sum(nil)[:disavowalMACSize]
}
