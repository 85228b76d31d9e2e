package web

import (
	"crypto/rand"
	"encoding/binary"
	"fmt"
)

// newRequestID returns 8 random digits. They are the error number that a member reads out to the help desk on the
// phone, so they are short: a number that occurs twice in the log is told apart by its time.
func newRequestID() string {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails: crypto/rand ends the program instead
	return fmt.Sprintf("%08d", binary.BigEndian.Uint64(random[:])%100_000_000)
}
