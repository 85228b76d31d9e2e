package recovery

import (
	"bytes"
	"testing"
)

func benchmarkRing(b *testing.B) *Ring {
	b.Helper()
	key, err := NewKey("k", bytes.Repeat([]byte{1}, 32))
	if err != nil {
		b.Fatal(err)
	}
	ring, err := NewRing(key)
	if err != nil {
		b.Fatal(err)
	}
	return ring
}

// BenchmarkTemporaryPassword derives the password of one letter or of one guess.
func BenchmarkTemporaryPassword(b *testing.B) {
	ring := benchmarkRing(b)
	for b.Loop() {
		ring.TemporaryPassword("k", 12345, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	}
}

// BenchmarkAddressMAC computes the MAC of one ask.
func BenchmarkAddressMAC(b *testing.B) {
	ring := benchmarkRing(b)
	for b.Loop() {
		ring.addressMAC("k", "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "member12345@xxx.mm-m.ne.jp")
	}
}
