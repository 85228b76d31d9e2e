package recovery

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"aikagi/backend/member"
)

// ErrDisavowalEnded says that a disavowal changes nothing: it was pressed before, the password has been changed or
// made void since, it is over 7 days old, or it was never ours. Which of these, nobody is told.
var ErrDisavowalEnded = errors.New("the disavowal has ended")

// DisavowalToken lets who reads a notice make the announced password void. Nothing of it is stored: it says itself
// which key made it, which member and password version it is for and since when, and is sealed with a MAC. It does
// not print: the text lies behind a pointer, because fmt calls no method of a value in another's unexported field.
type DisavowalToken struct{ text *string }

// NewDisavowalToken takes what a browser sends.
func NewDisavowalToken(text string) DisavowalToken { return DisavowalToken{&text} }

// Reveal gives the text, of characters that a link holds as they are, for the letter alone.
func (t DisavowalToken) Reveal() string {
	if t.text == nil {
		return ""
	}
	return *t.text
}

// String redacts.
func (DisavowalToken) String() string { return "[secret]" }

// GoString redacts %#v.
func (t DisavowalToken) GoString() string { return t.String() }

// LogValue redacts in slog.
func (t DisavowalToken) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText redacts in JSON and in every other text encoding.
func (t DisavowalToken) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// disavowal is what a token says.
type disavowal struct {
	memberID        member.ID
	passwordVersion int64
	issuedAt        time.Time // to the second
}

// The token's form: the three numbers, the MAC, and the name of the key, in base64url without padding (RFC 4648, 5).
const (
	disavowalNumbers = 3 * 8
	disavowalMAC     = 16 // 128 bits
)

// DisavowalToken makes the token of the notice that announced this password version at this time. It is the same
// each time, so a letter that is sent again carries the same one.
func (r *Ring) DisavowalToken(memberID member.ID, passwordVersion int64, at time.Time) DisavowalToken {
	sealed := binary.BigEndian.AppendUint64(nil, uint64(memberID))          //nolint:gosec // the bits, not the number
	sealed = binary.BigEndian.AppendUint64(sealed, uint64(passwordVersion)) //nolint:gosec // the bits, not the number
	sealed = binary.BigEndian.AppendUint64(sealed, uint64(at.Unix()))       //nolint:gosec // the bits, not the number
	sealed = append(sealed, r.sealDisavowal(r.issuing, sealed)...)
	return NewDisavowalToken(base64.RawURLEncoding.EncodeToString(append(sealed, r.issuing...)))
}

// readDisavowal gives what the token says, or false when no key of the ring has sealed it. The MAC of a key that
// was removed is computed all the same: it costs the same, and fits none.
func (r *Ring) readDisavowal(token DisavowalToken) (disavowal, bool) {
	text := token.Reveal()
	bytes, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(bytes) < disavowalNumbers+disavowalMAC || len(bytes) > disavowalNumbers+disavowalMAC+maxKeyName {
		return disavowal{}, false
	}
	if base64.RawURLEncoding.EncodeToString(bytes) != text {
		return disavowal{}, false // another spelling: the decoder looks past line breaks and stray bits at the end
	}
	numbers, rest := bytes[:disavowalNumbers], bytes[disavowalNumbers:]
	if subtle.ConstantTimeCompare(rest[:disavowalMAC], r.sealDisavowal(string(rest[disavowalMAC:]), numbers)) != 1 {
		return disavowal{}, false
	}
	number := func(n int) int64 { return int64(binary.BigEndian.Uint64(numbers[8*n:])) } //nolint:gosec // the bits, not the number
	return disavowal{member.ID(number(0)), number(1), time.Unix(number(2), 0)}, true
}

func (r *Ring) sealDisavowal(keyName string, numbers []byte) []byte {
	mac := hmac.New(sha256.New, r.named(keyName).disavowal.reveal())
	mac.Write(numbers)
	return mac.Sum(nil)[:disavowalMAC]
}

// Disavow makes the password void that a notice announced, if it still is the member's present one. Raising the
// password version ends sessions, grants and live temporary passwords with it. Whatever else is the matter, the
// answer is ErrDisavowalEnded.
func (s *Service) Disavow(ctx context.Context, token DisavowalToken, device member.Device) error {
	now := s.Now()
	said, ours := s.Keys.readDisavowal(token)
	if !ours || !now.Before(said.issuedAt.Add(DisavowalLasts)) {
		return ErrDisavowalEnded
	}
	disavowed := member.Activity{
		ID: rand.Text(), MemberID: said.memberID, At: now, Kind: member.Disavowed, By: member.ByMember, Device: device,
	}
	err := s.Store.InTx(ctx, func(tx Store) error {
		own, err := tx.HasActivity(ctx, disavowed.ID)
		if err != nil || own {
			return err // committed by an earlier try whose answer was lost
		}
		voided, err := tx.VoidPassword(ctx, said.memberID, said.passwordVersion, now)
		if err != nil {
			return err
		}
		if !voided {
			return ErrDisavowalEnded
		}
		return tx.AddActivity(ctx, disavowed)
	})
	if err != nil {
		return fmt.Errorf("disavow: %w", err)
	}
	return nil
}
