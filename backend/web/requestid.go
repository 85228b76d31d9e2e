package web

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
)

// newRequestID returns 8 random digits. A member reads them to the help desk on the phone as the error number, so they are
// short. If the log has the same number twice, the time tells which is meant.
func newRequestID() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // it never fails: without randomness the program ends
	return fmt.Sprintf("%08d", binary.BigEndian.Uint64(random[:])%100_000_000)
}
