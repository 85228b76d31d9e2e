package member

import (
	"errors"
	"log/slog"
	"strings"
	"unicode"
)

// MailAddress is a basic mail address: the mailbox issued at enrolment, folded by [Fold]. Only [ParseMailAddress] makes
// one. Compare two addresses in Go with ==, not in SQL: a collation may treat different addresses as equal.
type MailAddress string

// ErrNotMailAddress is returned for text that cannot be a mail address.
var ErrNotMailAddress = errors.New("not a mail address")

// maxMailAddress is the longest address that SMTP can carry, in bytes (RFC 5321, 4.5.3.1.3).
const maxMailAddress = 254

// notInMailAddress are characters that could split one address into two, or end it early, in a header or an SMTP command
// (CVE-2026-23829). ParseMailAddress refuses control characters and spaces as well.
const notInMailAddress = `,;:<>()[]"\`

// ParseMailAddress folds the text with [Fold]. It requires text on both sides of a single @, and allows what RFC 5321
// forbids (a..b@, a.@), because Japanese carriers issued such addresses. It does not check that a member has the address.
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

// CanReceive reports whether SMTP can carry mail to the address: it is ASCII, and each part of its domain between dots has
// one or more letters, digits or hyphens.
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

// Local returns the part before the @.
func (a MailAddress) Local() string {
	local, _, _ := strings.Cut(string(a), "@")
	return local
}

// Domain returns the part after the @.
func (a MailAddress) Domain() string {
	_, domain, _ := strings.Cut(string(a), "@")
	return domain
}

// LogValue keeps the local part out of logs.
func (a MailAddress) LogValue() slog.Value {
	return slog.StringValue("***@" + a.Domain())
}
