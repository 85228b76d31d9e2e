package session

import (
	"errors"
	"strings"
	"testing"

	"aikagi/backend/member"
)

// FuzzDeviceMark looks for a forged mark that gets a bucket of its own. With such marks a stranger would have any number
// of tries.
func FuzzDeviceMark(f *testing.F) {
	key := [32]byte{1}
	devices, others := NewDevices(key), NewDevices([32]byte{2})
	for _, mark := range []string{"", ".", devices.Mark("taro"), devices.Mark("hanako"), others.Mark("taro"), "device A.B", "\x00taro." + sign(key, "", "taro"), strings.Repeat(".", 4000)} {
		f.Add(mark, "taro")
	}
	f.Fuzz(func(t *testing.T, mark, loginID string) {
		id := member.LoginID(loginID)
		own := devices.Mark(id)
		if got, isOwn := devices.Bucket(own, id); !isOwn || !strings.HasPrefix(got, "device ") || len(got) != len("device ")+26 {
			t.Errorf("a marked browser is counted under %q", got)
		}
		name, signature, _ := strings.Cut(mark, ".")
		isValid := signature == sign(key, name, id)
		if got, isOwn := devices.Bucket(mark, id); isValid != isOwn || isValid != (got != "login ID "+loginID) {
			t.Errorf("%q for %q: counted under %q", mark, loginID, got)
		}
		for what, forged := range map[string]string{"added to": own + mark, "put before": mark + own, "of another key": others.Mark(id)} {
			if got, isOwn := devices.Bucket(forged, id); mark != "" && (isOwn || got != "login ID "+loginID) {
				t.Errorf("a mark that was %s has a bucket: %q", what, forged)
			}
		}
	})
}

// FuzzToken looks for a key that shows its token, and for a key of text that cannot be a token.
func FuzzToken(f *testing.F) {
	for _, seed := range []string{"", generateToken().Reveal(), strings.Repeat("A", 25), strings.Repeat("A", 27), strings.Repeat("\x00", 26), "*?[a-z]*:aikagi:session:***"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, isToken := NewToken(text).key()
		if isToken != (len(text) == tokenLength) {
			t.Errorf("%q: is a token: %t", text, isToken)
		}
		if isToken && (len(key) != 64 || strings.Trim(key, "0123456789abcdef") != "" || strings.Contains(key, text)) {
			t.Errorf("%q: got the key %q", text, key)
		}
	})
}

// FuzzRedisRow looks for a row of Redis that makes readListed panic or return an incomplete session. The first line of
// the text is the row's key, the others are its fields.
func FuzzRedisRow(f *testing.F) {
	for _, seed := range []string{"", "\n", "k\n1\ntaro\n1\niPhone\n1\n2", "k\n1\ntaro\nx\niPhone\n1\n2", "k\n9223372036854775808\n\n\n\n\n", "aikagi:session:k\n1\ntaro\n1\niPhone\n1\n2\n3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		key, lines, _ := strings.Cut(text, "\n")
		fields := make([]any, 0, 6)
		for line := range strings.SplitSeq(lines, "\n") {
			fields = append(fields, line)
		}
		for _, row := range []any{text, []any{}, []any{key}, []any{key, lines}, []any{int64(1), fields}, []any{key, []any{nil}}} {
			if _, got, err := readListed(row); !errors.Is(err, ErrMissing) || got != (Session{}) {
				t.Errorf("%q: got %+v, %v, want no session", row, got, err)
			}
		}
		gotKey, got, err := readListed([]any{key, fields})
		if err != nil {
			if !errors.Is(err, ErrMissing) || got != (Session{}) {
				t.Errorf("%q: got %+v, %v", text, got, err)
			}
			return
		}
		if len(fields) < 6 || string(got.LoginID) != fields[1] || string(got.Device) != fields[3] || !strings.HasSuffix(key, gotKey) {
			t.Errorf("%q: got %q, %+v", text, gotKey, got)
		}
	})
}
