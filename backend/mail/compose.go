package mail

import (
	"bytes"
	"crypto"
	"fmt"
	netmail "net/mail"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"

	"aikagi/backend/secret"
)

// fieldsSize is about what the header fields of a message take.
const fieldsSize = 2 << 10

// compose makes the bytes of a message: UTF-8 in base64, lines of 76 at most, text first and then HTML, so that
// software that shows only one part shows the right one (RFC 2046, 5.1.4).
func compose(from netmail.Address, m Message) ([]byte, error) {
	letter := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	letter.SetGenHeaderPreformatted("From", fromValue(from))
	// A net/mail address is taken as it is, and a local part that RFC 5321 wants quoted (a..b@, a.@) is quoted.
	letter.ToMailAddress(&netmail.Address{Address: string(m.To)})
	letter.SetGenHeader(gomail.HeaderSubject, subjectValue(m.Subject))
	letter.SetDateWithValue(m.Date)
	letter.SetMessageIDWithValue(m.ID)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, 5: no out-of-office answers
	letter.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	// base64 hides line ends from the mail server, so they must be right before (RFC 2045, 6.8).
	letter.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(m.Text, "\n", "\r\n"))
	letter.AddAlternativeString(gomail.TypeTextHTML, strings.ReplaceAll(m.HTML, "\n", "\r\n"))

	var raw bytes.Buffer
	raw.Grow(2*(len(m.Text)+len(m.HTML)) + fieldsSize) // base64 and line ends take less than as much again
	if _, err := letter.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("compose: %w", err)
	}
	return beginOnTheLine(raw.Bytes()), nil
}

// compose makes the bytes that Send hands to the mail server: the message, with a signature by each key. The first key's
// stands first. No signature covers another one, so each holds alone.
func (s *SMTPSettings) compose(m Message) ([]byte, error) {
	raw, err := compose(s.From, m)
	for _, key := range slices.Backward(s.DKIM) {
		if err == nil {
			raw, err = key.sign(raw)
		}
	}
	return raw, err
}

// DKIM says how letters are signed (RFC 6376).
type DKIM struct {
	Domain, Selector string
	Key              secret.Value[crypto.Signer] // RSA or Ed25519
}

// signedHeaders name each field once more than a letter has it, those that it lacks too: the signature breaks when a
// field is added that the reader would see, or that would change how the parts are read (RFC 6376, 8.15).
var signedHeaders = []string{
	"From", "From", "To", "To", "Cc", "Reply-To", "Subject", "Subject", "Date", "Date", "Message-ID", "Message-ID",
	"MIME-Version", "MIME-Version", "Content-Type", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
}

// sign puts the signature before the message.
func (d DKIM) sign(raw []byte) ([]byte, error) {
	var signed bytes.Buffer
	err := dkim.Sign(&signed, bytes.NewReader(raw), &dkim.SignOptions{
		Domain:                 d.Domain,
		Selector:               d.Selector,
		Signer:                 d.Key.Reveal(),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
		HeaderKeys:             signedHeaders,
	})
	if err != nil {
		return nil, fmt.Errorf("sign with DKIM: %w", err)
	}
	return signed.Bytes(), nil
}
