package password

import (
	"context"
	"testing"
	"time"
)

func BenchmarkCheck(b *testing.B) {
	for name, text := range map[string]string{"good": "Xq7-vLm2Rt", "common": "Password123", "long": "4@1/3-0kx75ab1-_@347"} {
		plain := NewPlain(text)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Check(plain, "member12345", "member12345@xxx.mm-m.ne.jp")
			}
		})
	}
}

// BenchmarkHash is one hash at the cost of production.
func BenchmarkHash(b *testing.B) {
	hasher, plain := NewHasher(DefaultParams, 1, time.Minute), NewPlain("Xq7-vLm2Rt")
	for b.Loop() {
		if _, err := hasher.Hash(context.Background(), MemberLane, plain); err != nil {
			b.Fatal(err)
		}
	}
}
