package session

import (
	"crypto/sha256"
	"testing"
)

func TestAMarkIsValidForItsLoginIDOnly(t *testing.T) {
	devices, others := NewDevices([32]byte{1}), NewDevices([32]byte{2})
	mark := devices.Mark("taro")
	own, isOwn := devices.Bucket(mark, "taro")
	shared, sharedIsOwn := devices.Bucket("", "taro")
	if own == shared || !isOwn || sharedIsOwn {
		t.Fatalf("got %q (own: %t) with a mark and %q (own: %t) without", own, isOwn, shared, sharedIsOwn)
	}
	forAnother, isOwn := devices.Bucket(mark, "hanako")
	if none, _ := devices.Bucket("", "hanako"); forAnother != none || isOwn {
		t.Errorf("with a mark of another login ID got %q (own: %t), want %q", forAnother, isOwn, none)
	}
	for name, forged := range map[string]string{
		"another key":      others.Mark("taro"),
		"no signature":     mark[:26],
		"another name":     devices.Mark("taro")[:26] + mark[26:],
		"only a dot":       ".",
		"a truncated mark": mark[:len(mark)-1],
		"a longer mark":    mark + "A",
		"a second dot":     mark + ".A",
	} {
		if got, isOwn := devices.Bucket(forged, "taro"); got != shared || isOwn {
			t.Errorf("%s: got the bucket %q (own: %t), want the shared one", name, got, isOwn)
		}
	}
	if devices.Mark("taro") == mark {
		t.Error("two browsers have one mark")
	}
}

func TestAMarkIsValidUntilItsKeyIsRemoved(t *testing.T) {
	oldKey, newKey, third := [sha256.Size]byte{1}, [sha256.Size]byte{2}, [sha256.Size]byte{3}
	oldMark, newMark := NewDevices(oldKey).Mark("taro"), NewDevices(newKey, oldKey).Mark("taro")
	for _, ring := range []struct {
		name               string
		devices            *Devices
		oldValid, newValid bool
	}{
		{"before the rotation", NewDevices(oldKey), true, false},
		{"the new key is added", NewDevices(oldKey, newKey), true, true},
		{"the new key comes first", NewDevices(newKey, oldKey), true, true},
		{"a third key is added", NewDevices(third, newKey, oldKey), true, true},
		{"the old key is removed", NewDevices(newKey), false, true},
	} {
		if _, valid := ring.devices.Bucket(oldMark, "taro"); valid != ring.oldValid {
			t.Errorf("%s: the old key's mark is valid: got %t, want %t", ring.name, valid, ring.oldValid)
		}
		if _, valid := ring.devices.Bucket(newMark, "taro"); valid != ring.newValid {
			t.Errorf("%s: the new key's mark is valid: got %t, want %t", ring.name, valid, ring.newValid)
		}
		if _, valid := ring.devices.Bucket(oldMark, "hanako"); valid {
			t.Errorf("%s: a mark is valid for another login ID", ring.name)
		}
	}
}
