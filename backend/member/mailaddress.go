package member

import (
	"errors"
	"log/slog"
	"strings"
	"unicode"
)

// MailAddress is a basic mail address: the mailbox issued at enrolment, folded by the one normaliser.
// Make one with ParseMailAddress only. Compare with ==, never with a database collation alone.
type MailAddress string

// ErrNotMailAddress says that a text cannot be a mail address.
var ErrNotMailAddress = errors.New("not a mail address")

// maxMailAddress is the longest address that SMTP can carry, in bytes (RFC 5321, 4.5.3.1.3).
const maxMailAddress = 254

// notInMailAddress are the characters that could make one address two, or end it early, in a header or in
// an SMTP command (CVE-2026-23829). Control characters and spaces are refused beside them.
const notInMailAddress = `,;:<>()[]"\`

// ParseMailAddress reads a mail address as members type it: any width, any case, outer space ignored.
// It asks for one @ with something on both sides, and no more: Japanese carriers gave out addresses that
// RFC 5321 forbids (a..b@, a.@), and an address that nobody has simply matches nobody.
func ParseMailAddress(typed string) (MailAddress, error) {
	text := Fold(typed)
	local, domain, found := strings.Cut(text, "@")
	if !found || local == "" || domain == "" || len(text) > maxMailAddress || strings.Contains(domain, "@") {
		return "", ErrNotMailAddress
	}
	for _, r := range text {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || strings.ContainsRune(notInMailAddress, r) {
			return "", ErrNotMailAddress
		}
	}
	return MailAddress(text), nil
}

// CanReceive says whether mail can be sent to the address at all: ASCII only, a domain of labels.
func (a MailAddress) CanReceive() bool {
	for _, r := range string(a) {
		if r > unicode.MaxASCII {
			return false
		}
	}
	for label := range strings.SplitSeq(a.Domain(), ".") {
		if label == "" || strings.Trim(label, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return false
		}
	}
	return true
}

// Local is the part before the @.
func (a MailAddress) Local() string {
	local, _, _ := strings.Cut(string(a), "@")
	return local
}

// Domain is the part after the @.
func (a MailAddress) Domain() string {
	_, domain, _ := strings.Cut(string(a), "@")
	return domain
}

// LogValue keeps whole addresses out of logs: only the domain shows.
func (a MailAddress) LogValue() slog.Value {
	return slog.StringValue("***@" + a.Domain())
}
