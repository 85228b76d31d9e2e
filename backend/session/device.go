package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"aikagi/backend/member"
)

// Devices marks browsers in which a member once signed in or redeemed. Such a browser has a bucket of its own at the
// sign-in throttle, so that strangers who try the member's login ID do not keep the member out. The mark opens
// nothing, and is good for one login ID only. The keys lie in a func, so that they do not print.
type Devices struct {
	keys func() [][sha256.Size]byte
}

// NewDevices takes at least one key; they are used for nothing else. The first makes new marks. The others still check
// the marks that they made.
func NewDevices(keys ...[sha256.Size]byte) *Devices {
	return &Devices{func() [][sha256.Size]byte { return keys }}
}

// Mark is the text for a browser's cookie: a random name, and its HMAC with the login ID.
func (d *Devices) Mark(id member.LoginID) string {
	name := rand.Text()
	return name + "." + sign(d.keys()[0], name, id)
}

// Bucket is the name under which a sign-in from this browser is counted. When the browser's mark is of this login ID,
// the bucket is the browser's own. Otherwise it is that of the login ID, which all browsers without such a mark share.
//
// The mark is compared in constant time with what each key would have made, so that the time tells neither how much of
// a forged one is right nor which key made a true one.
func (d *Devices) Bucket(mark string, id member.LoginID) (name string, isOwn bool) {
	device, signature, _ := strings.Cut(mark, ".")
	matches := 0
	for _, key := range d.keys() {
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
