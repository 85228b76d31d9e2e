package recovery

import (
	"strings"
	"testing"
)

func TestAKeyHasANameOf32CharactersAtMostAnd32BytesAtLeast(t *testing.T) {
	for _, each := range []struct {
		name     string
		bytes    int
		accepted bool
	}{
		{"k", 32, true},
		{"k", 31, false},
		{"k", 0, false},
		{"", 32, false},
		{"a:b", 32, false},
		{"a b", 32, false},
		{"a,b", 32, false},
		{strings.Repeat("k", 32), 32, true},
		{strings.Repeat("k", 33), 32, false},
	} {
		if _, err := NewKey(each.name, make([]byte, each.bytes)); (err == nil) != each.accepted {
			t.Errorf("%q with %d bytes: got %v, want it accepted: %v", each.name, each.bytes, err, each.accepted)
		}
	}
}

func TestARingHasKeysOfDifferentNames(t *testing.T) {
	key, err := NewKey("k", make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewRing(); err == nil {
		t.Error("a ring without a key is accepted")
	}
	if _, err := NewRing(key, key); err == nil {
		t.Error("two keys of one name are accepted")
	}
}
