package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"aikagi/backend/member"
	"aikagi/backend/secret"
)

// Devices marks browsers in which a member once signed in or redeemed. The sign-in throttle counts such a browser in a
// bucket of its own, so that strangers who try the member's login ID do not lock the member out. A mark is valid for one
// login ID and gives no access.
type Devices struct {
	keys secret.Value[[][sha256.Size]byte]
}

// NewDevices takes at least one key, which must have no other use. The first key makes new marks. The others only check
// the marks that they made earlier.
func NewDevices(keys ...[sha256.Size]byte) *Devices {
	return &Devices{secret.New(keys)}
}

// Mark returns a new mark for a browser's cookie: a random name and an HMAC over the name and the login ID.
func (d *Devices) Mark(id member.LoginID) string {
	name := rand.Text()
	return name + "." + sign(d.keys.Reveal()[0], name, id)
}

// Bucket returns the name of the bucket in which the throttle counts a sign-in from this browser. A browser with a valid
// mark for the login ID has a bucket of its own. All other browsers share the bucket of the login ID.
//
// Bucket always compares with all keys and in constant time, so that its duration shows neither how much of a forged
// mark is right nor which key made a valid one.
func (d *Devices) Bucket(mark string, id member.LoginID) (name string, isOwn bool) {
	device, signature, _ := strings.Cut(mark, ".")
	matches := 0
	for _, key := range d.keys.Reveal() {
		matches |= subtle.ConstantTimeCompare([]byte(signature), []byte(sign(key, device, id)))
	}
	if matches == 1 {
		return "device " + device, true
	}
	return "login ID " + string(id), false
}

func sign(key [sha256.Size]byte, device string, id member.LoginID) string {
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(device + "\x00" + string(id)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
