package session

import "testing"

func TestADevicesMarkIsGoodForItsLoginIDOnly(t *testing.T) {
	devices, others := NewDevices([32]byte{1}), NewDevices([32]byte{2})
	mark := devices.Mark("taro")
	own := devices.Bucket(mark, "taro")
	if own == devices.Bucket("", "taro") {
		t.Fatal("a marked browser has no bucket of its own")
	}
	shared := map[string]string{
		"another login ID": devices.Bucket(mark, "hanako"),
		"none":             devices.Bucket("", "hanako"),
	}
	if shared["another login ID"] != shared["none"] {
		t.Error("a mark of one login ID has a bucket for another")
	}
	for name, forged := range map[string]string{
		"another key":    others.Mark("taro"),
		"no signature":   mark[:26],
		"another name":   devices.Mark("taro")[:26] + mark[26:],
		"only a point":   ".",
		"a cut mark":     mark[:len(mark)-1],
		"a longer mark":  mark + "A",
		"a second point": mark + ".A",
	} {
		if devices.Bucket(forged, "taro") == own {
			t.Errorf("%s: a forged mark has the bucket of the true one", name)
		}
		if got := devices.Bucket(forged, "taro"); got != devices.Bucket("", "taro") {
			t.Errorf("%s: got the bucket %q, want the shared one", name, got)
		}
	}
	if devices.Mark("taro") == mark {
		t.Error("two browsers have one mark")
	}
}
