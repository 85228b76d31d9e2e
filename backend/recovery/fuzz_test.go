package recovery_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// spell returns one of the spellings that members may type. The bytes of how choose it.
func spell(mailed string, how []byte) string {
	strays := []string{"-", "ー", "－", "―", " ", "　", "\t", "\r\n", "\u200b", "\ufeff", "\u00ad"}
	var typed strings.Builder
	for i, r := range mailed {
		if len(how) > 0 {
			at := how[i%len(how)]
			if at&1 != 0 {
				typed.WriteString(strays[int(at>>4)%len(strays)])
			}
			switch at >> 1 & 3 {
			case 1:
				r = []rune(toUpper(string(r)))[0]
			case 2:
				r = []rune(toLower(string(r)))[0]
			}
			if at&8 != 0 {
				r = []rune(toFullWidth(string(r)))[0]
			}
		}
		typed.WriteRune(r)
	}
	return typed.String()
}

func FuzzTemporaryPassword(f *testing.F) {
	f.Add([]byte("key"), int64(1), "ISSUANCE", []byte(nil), "")
	f.Add([]byte{}, int64(-1), "", []byte{0xff, 0x0b, 0x31}, "000000000")
	for i := range byte(50) { // together they contain every letter and digit
		f.Add([]byte{i}, int64(i), "ISSUANCE", []byte{2, 4, 11, 13, 1}, "")
	}
	f.Add([]byte{0}, int64(1<<40), "\xff", []byte{0x0a, 0x0c}, strings.Repeat("-", 300))
	f.Fuzz(func(t *testing.T, secret []byte, memberID int64, issuanceID string, how []byte, other string) {
		sum := sha256.Sum256(secret)
		key, err := recovery.NewKey("fuzz", sum[:])
		if err != nil {
			t.Fatal(err)
		}
		ring, err := recovery.NewRing(key)
		if err != nil {
			t.Fatal(err)
		}
		derived := ring.TemporaryPassword("fuzz", member.ID(memberID), issuanceID)
		text := derived.Reveal()
		if again := ring.TemporaryPassword("fuzz", member.ID(memberID), issuanceID).Reveal(); again != text {
			t.Errorf("derived %q, and then %q", text, again)
		}
		if len(text) != 9 || strings.ContainsAny(text, "0Oo1Il") || strings.Trim(text, "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789") != "" {
			t.Errorf("%q does not have the form of a temporary password", text)
		}
		if text == toLower(text) || text == toUpper(text) || !strings.ContainsAny(text, "23456789") {
			t.Errorf("%q has not all classes of characters", text)
		}
		if typed := spell(text, how); !derived.Equals(recovery.NewTemporaryPassword(typed)) {
			t.Errorf("%q does not equal %q", typed, text)
		}
		for _, wrong := range []string{"", text[1:], text + "2", "2" + text, text[:8], text + text} {
			if derived.Equals(recovery.NewTemporaryPassword(wrong)) {
				t.Errorf("%q equals %q", wrong, text)
			}
		}
		// A text that equals it has its nine characters in their order.
		if derived.Equals(recovery.NewTemporaryPassword(other)) && !holdsInOrder(toLower(toHalfWidth(other)), toLower(text)) {
			t.Errorf("%q equals %q", other, text)
		}
	})
}

func holdsInOrder(typed, wanted string) bool {
	for _, r := range wanted {
		_, after, found := strings.Cut(typed, string(r))
		if !found {
			return false
		}
		typed = after
	}
	return true
}

// FuzzDisavowalToken looks for a token that is read with another content than it was made from, and for a second spelling of a
// token: a text that is accepted as a token must be exactly the token that this ring makes from the same content.
func FuzzDisavowalToken(f *testing.F) {
	ring := fuzzRing(f, "fuzz")
	stranger := fuzzRing(f, "fuzz!")
	made := ring.DisavowalToken(1, 2, time.Unix(1_800_000_000, 0)).Reveal()
	f.Add(int64(1), int64(2), int64(1_800_000_000), made)
	for _, forged := range []string{
		"", "not a token", made + "=", made + "\n", made[:len(made)-1], "\r" + made, made + "AA", strings.ToLower(made),
		stranger.DisavowalToken(1, 2, time.Unix(1_800_000_000, 0)).Reveal(), strings.Repeat("A", 53), strings.Repeat("A", 1000),
	} {
		f.Add(int64(-1), int64(1)<<62, int64(-1), forged)
	}
	f.Fuzz(func(t *testing.T, memberID, version, unix int64, sent string) {
		at := time.Unix(unix, 0)
		token := ring.DisavowalToken(member.ID(memberID), version, at)
		if id, said, since, ours := ring.ReadDisavowal(token); !ours || id != member.ID(memberID) || said != version || since.Unix() != unix {
			t.Errorf("made for %d, %d, %d, read as %d, %d, %d, %t", memberID, version, unix, id, said, since.Unix(), ours)
		}
		if strings.Trim(token.Reveal(), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			t.Errorf("%q would have to be escaped in a link", token.Reveal())
		}
		if _, _, _, ours := stranger.ReadDisavowal(token); ours {
			t.Error("another ring accepts the token")
		}
		id, said, since, ours := ring.ReadDisavowal(recovery.NewDisavowalToken(sent))
		if ours && ring.DisavowalToken(id, said, since).Reveal() != sent {
			t.Errorf("%q is read as %d, %d, %s, whose token is another", sent, id, said, since)
		}
	})
}

// FuzzRecoveryID looks for a text that is accepted as a recovery's ID and does not have its form.
func FuzzRecoveryID(f *testing.F) {
	for _, seed := range []string{"", strings.Repeat("A", 26), strings.Repeat("A", 27), strings.Repeat("a", 26), strings.Repeat("A", 26) + "\n", strings.Repeat("１", 26)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		id, err := recovery.ParseID(text)
		isOne := len(text) == 26 && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
		if isOne != (err == nil) || err == nil && string(id) != text || err != nil && !errors.Is(err, recovery.ErrNotFound) {
			t.Errorf("%q: got %q, %v", text, id, err)
		}
	})
}

// fuzzRing returns a ring with one key, which depends on the seed only.
func fuzzRing(f *testing.F, seed string) *recovery.Ring {
	f.Helper()
	secret := sha256.Sum256([]byte(seed))
	key, err := recovery.NewKey("fuzz", secret[:])
	if err != nil {
		f.Fatal(err)
	}
	ring, err := recovery.NewRing(key)
	if err != nil {
		f.Fatal(err)
	}
	return ring
}
