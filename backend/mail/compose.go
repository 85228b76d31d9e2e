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

// fieldsSize is the approximate size of the header.
const fieldsSize = 2 << 10

// compose makes the bytes of a message without signatures: UTF-8 in base64, in lines of at most 76 characters. The HTML part
// is last, because software shows the last part that it can show (RFC 2046, 5.1.4).
func compose(from netmail.Address, m Message) ([]byte, error) {
	letter := gomail.NewMsg(gomail.WithEncoding(gomail.EncodingB64), gomail.WithNoDefaultUserAgent())
	letter.SetGenHeaderPreformatted("From", fromValue(from))
	// The other methods of go-mail parse the address, and would refuse a local part such as a..b or a. Here net/mail
	// quotes it (RFC 5321).
	letter.ToMailAddress(&netmail.Address{Address: string(m.To)})
	letter.SetGenHeader(gomail.HeaderSubject, subjectValue(m.Subject))
	letter.SetDateWithValue(m.Date)
	letter.SetMessageIDWithValue(m.ID)
	letter.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834, 5: no out-of-office answers
	letter.SetGenHeader("X-Auto-Response-Suppress", "All")  // the same for Exchange
	// Line ends must be CRLF before the text is encoded, because mail servers cannot correct them inside base64 (RFC 2045,
	// 6.8).
	letter.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(m.Text, "\n", "\r\n"))
	letter.AddAlternativeString(gomail.TypeTextHTML, strings.ReplaceAll(m.HTML, "\n", "\r\n"))

	var raw bytes.Buffer
	raw.Grow(2*(len(m.Text)+len(m.HTML)) + fieldsSize) // base64 and line ends make the text less than twice as long
	if _, err := letter.WriteTo(&raw); err != nil {
		return nil, fmt.Errorf("compose: %w", err)
	}
	return joinEmptyFirstLines(raw.Bytes()), nil
}

// compose makes the bytes that Send sends to the mail server: the message with a signature by each key, in their order. A
// signature does not sign the other signatures, so each is valid by itself.
func (s *SMTPSettings) compose(m Message) ([]byte, error) {
	raw, err := compose(s.From, m)
	for _, key := range slices.Backward(s.DKIM) {
		if err == nil {
			raw, err = key.sign(raw)
		}
	}
	return raw, err
}

// DKIM is a key that signs letters (RFC 6376), and where its public key is published.
type DKIM struct {
	Domain, Selector string
	Key              secret.Value[crypto.Signer] // RSA or Ed25519
}

// signedHeaders are the fields that a signature signs. A letter has each important field once, and the list names it
// twice. The list also names fields that a letter does not have. So the signature becomes invalid if somebody adds a field
// that the reader would see, or that changes how the parts are read (RFC 6376, 8.15).
var signedHeaders = []string{
	"From", "From", "To", "To", "Cc", "Reply-To", "Subject", "Subject", "Date", "Date", "Message-ID", "Message-ID",
	"MIME-Version", "MIME-Version", "Content-Type", "Content-Type", "Content-Transfer-Encoding", "Auto-Submitted",
}

// sign adds the signature in front of the message.
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
