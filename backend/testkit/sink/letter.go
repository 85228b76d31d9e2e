package sink

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
	"time"
)

// Letter is a letter that the sink accepted, decoded like in a mail program.
type Letter struct {
	To      []string `json:"to"` // the recipients of the envelope
	Subject string   `json:"subject"`
	Text    string   `json:"text"`
	HTML    string   `json:"html"`
	// At is when the last byte was received.
	At time.Time `json:"at"`
	// Raw holds all bytes as they were received.
	Raw string `json:"raw"`
}

func parseLetter(raw []byte) (Letter, error) {
	letter := Letter{Raw: string(raw)}
	message, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return letter, fmt.Errorf("read the letter: %w", err)
	}
	letter.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return letter, fmt.Errorf("read the subject: %w", err)
	}
	return letter, letter.read(textproto.MIMEHeader(message.Header), message.Body)
}

// read decodes one part, which may contain further parts.
func (l *Letter) read(header textproto.MIMEHeader, body io.Reader) error {
	kind, parameters, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("read a part's type: %w", err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		return l.readParts(multipart.NewReader(body, parameters["boundary"]))
	}
	text, err := io.ReadAll(decoded(header.Get("Content-Transfer-Encoding"), body))
	if err != nil {
		return fmt.Errorf("read a part: %w", err)
	}
	lines := strings.ReplaceAll(string(text), "\r\n", "\n")
	switch kind {
	case "text/plain":
		l.Text = lines
	case "text/html":
		l.HTML = lines
	}
	return nil
}

func (l *Letter) readParts(parts *multipart.Reader) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the parts: %w", err)
		}
		if err := l.read(part.Header, part); err != nil {
			return err
		}
	}
}

func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	default:
		return body
	}
}

// TemporaryPassword returns the temporary password in the letter, or "". It is the whole line after its label.
func (l Letter) TemporaryPassword() string {
	_, after, _ := strings.Cut(l.Text, "【仮パスワード】\n")
	secret, _, _ := strings.Cut(after, "\n")
	return secret
}

// RecoveryPath returns the API path of the recovery to which the letter links, or "".
func (l Letter) RecoveryPath() string {
	_, after, found := strings.Cut(l.Text, "/recover/")
	id, _, _ := strings.Cut(after, "?")
	id, _, _ = strings.Cut(id, "\n")
	if !found {
		return ""
	}
	return "/api/recoveries/" + id
}

// Header returns a field of the letter's header, or "".
func (l Letter) Header(name string) string {
	message, err := mail.ReadMessage(strings.NewReader(l.Raw))
	if err != nil {
		return ""
	}
	return message.Header.Get(name)
}
