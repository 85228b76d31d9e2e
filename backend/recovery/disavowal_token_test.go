package recovery

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"
)

// The names are the shortest and the longest that a key may have. The texts have every size that is too small, and the first that is
// too large.
func TestADisavowalTokenIsReadUnderAKeyOfAnyName(t *testing.T) {
	for _, length := range []int{1, 32} {
		key, err := NewKey(strings.Repeat("k", length), make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		ring, err := NewRing(key)
		if err != nil {
			t.Fatal(err)
		}
		want := disavowal{7, 3, time.Unix(1_800_000_000, 0)}
		if got, ours := ring.readDisavowal(ring.DisavowalToken(7, 3, want.issuedAt)); !ours || got != want {
			t.Errorf("a name of %d characters: got %+v, %v, want %+v", length, got, ours, want)
		}
		for size := range disavowalNumbersSize + disavowalMACSize + maxKeyName + 2 {
			if _, ours := ring.readDisavowal(NewDisavowalToken(base64.RawURLEncoding.EncodeToString(make([]byte, size)))); ours {
				t.Errorf("%d zero bytes are accepted as a token", size)
			}
		}
	}
}
