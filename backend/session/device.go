package session

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"

	"aikagi/backend/member"
)

// Devices marks browsers in which a member once signed in or redeemed. Such a browser has a bucket of its own at the
// sign-in throttle, so that strangers who try the member's login ID do not keep the member out. The mark opens
// nothing, and is good for one login ID only. The key lies in a func, so that it does not print.
type Devices struct{ key func() [sha256.Size]byte }

// NewDevices takes a key that is used for nothing else.
func NewDevices(key [sha256.Size]byte) *Devices {
	return &Devices{func() [sha256.Size]byte { return key }}
}

// Mark is the text for a browser's cookie: a random name, and its HMAC with the login ID.
func (d *Devices) Mark(id member.LoginID) string {
	name := rand.Text()
	return name + "." + d.sign(name, id)
}

// Bucket is what a sign-in from this browser is counted under: the browser's own name when its mark is of this login
// ID, else the login ID, shared by everybody without a mark.
func (d *Devices) Bucket(mark string, id member.LoginID) string {
	name, signature, _ := strings.Cut(mark, ".")
	if hmac.Equal([]byte(signature), []byte(d.sign(name, id))) {
		return "device " + name
	}
	return "login ID " + string(id)
}

func (d *Devices) sign(name string, id member.LoginID) string {
	key := d.key()
	mac := hmac.New(sha256.New, key[:])
	mac.Write([]byte(name + "\x00" + string(id)))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}
