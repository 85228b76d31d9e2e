package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	netmail "net/mail"
	"net/textproto"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

// conversation is one connection to the mail server, greeted and signed in. One letter at a time goes over it.
type conversation struct {
	conn   net.Conn
	client *smtp.Client
	kept   bool        // it has lain idle, so the server may have left without our noticing
	expiry *time.Timer // set while it lies idle
	broken bool        // nothing more can be said over it
}

// errStale says that a kept connection turned out dead before the letter was given: a new one may be tried.
var errStale = errors.New("the mail server has left a kept connection")

// errNoSMTP stands for what was said instead: it may hold anything.
var errNoSMTP = errors.New("the answer is not SMTP")

// open connects, greets, turns TLS on, and signs in, all within the settings' Timeout.
func (s *SMTPSettings) open(ctx context.Context) (*conversation, error) {
	ctx, cancel := context.WithTimeout(ctx, s.Timeout)
	defer cancel()
	conn, err := s.dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	c := &conversation{conn: conn}
	err = c.within(ctx, func() error { return s.introduce(c) })
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	return c, nil
}

func (s *SMTPSettings) dial(ctx context.Context) (net.Conn, error) {
	address := net.JoinHostPort(s.Host, strconv.Itoa(s.Port))
	if s.TLS == TLSImplicit {
		return (&tls.Dialer{Config: s.tlsConfig()}).DialContext(ctx, "tcp", address)
	}
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// tlsConfig checks the certificate against the host's name. Encrypting to whoever answers would hide nothing from
// the one attacker that TLS is for.
func (s *SMTPSettings) tlsConfig() *tls.Config {
	return &tls.Config{ServerName: s.Host, MinVersion: tls.VersionTLS12, RootCAs: s.RootCAs}
}

// introduce says EHLO, STARTTLS and AUTH. A password never leaves before TLS is on (CWE-319).
func (s *SMTPSettings) introduce(c *conversation) error {
	var err error
	if c.client, err = smtp.NewClient(c.conn, s.Host); err != nil {
		return answered("greeting", err)
	}
	c.client.SkipSMTPUTF8(true) // all our addresses are ASCII, and asking for it can make a later server refuse
	if err := c.client.Hello(s.HELO); err != nil {
		return answered("EHLO", err)
	}
	if s.TLS != TLSImplicit {
		offered, _ := c.client.Extension("STARTTLS")
		switch {
		case offered:
			if err := c.client.StartTLS(s.tlsConfig()); err != nil {
				return answered("STARTTLS", err)
			}
		case s.TLS == TLSRequired || s.Password != nil:
			return ErrNoTLS
		}
	}
	if s.Password == nil {
		return nil
	}
	return s.signIn(c.client)
}

func (s *SMTPSettings) signIn(client *smtp.Client) error {
	_, parameters := client.Extension("AUTH")
	mechanisms := strings.Fields(parameters)
	var auth smtp.Auth
	switch {
	case slices.Contains(mechanisms, "PLAIN"):
		auth = smtp.PlainAuth("", s.User, s.Password.Reveal(), s.Host, false)
	case slices.Contains(mechanisms, "LOGIN"):
		auth = smtp.LoginAuth(s.User, s.Password.Reveal(), s.Host, false)
	default:
		return ErrNoAuth
	}
	if err := client.Auth(auth); err != nil {
		return answered("AUTH", err)
	}
	return nil
}

// within runs a part of the conversation, and hangs up when the context ends first: a deadline on the connection
// could be missed between two of them, a closed one cannot.
func (c *conversation) within(ctx context.Context, part func() error) error {
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	err := part()
	if !stop() {
		c.broken = true
		if err != nil {
			err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
		}
	}
	return err
}

// hand gives one letter to the mail server. Its errors are what Transport promises, and errStale.
func (c *conversation) hand(ctx context.Context, s *SMTPSettings, to netmail.Address, raw []byte) error {
	var data io.WriteCloser
	err := c.step(ctx, s.Timeout, func() error {
		if err := c.client.Mail((&netmail.Address{Address: s.From.Address}).String()); err != nil {
			return err
		}
		if err := c.client.Rcpt(to.String()); err != nil {
			return err
		}
		var err error
		data, err = c.client.Data()
		return err
	})
	if err != nil {
		return c.beforeData(ctx, s, err)
	}

	ended := false
	err = c.step(ctx, s.AnswerTimeout, func() error {
		if _, err := data.Write(raw); err != nil {
			return err
		}
		ended = true // from here on the server may take the letter, whatever we hear
		return data.Close()
	})
	var answer *textproto.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &answer):
		c.broken = c.broken || answer.Code == serviceNotAvailable
		return refusal(answer)
	}
	c.broken = true
	if ended {
		return &LostError{Err: answered("hand over", err)}
	}
	return answered("hand over", err)
}

func (c *conversation) step(ctx context.Context, timeout time.Duration, part func() error) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return c.within(ctx, part)
}

// Reply codes that are about the connection and not about the letter (RFC 5321, 3.8; RFC 4954, 6).
const (
	serviceNotAvailable   = 421
	authenticationNeeded  = 530
	authenticationTooWeak = 534
	encryptionNeeded      = 538
)

// beforeData judges an error that came before the letter was given: nothing is lost, and the question is only
// whether the server refused this letter or this connection.
func (c *conversation) beforeData(ctx context.Context, s *SMTPSettings, err error) error {
	var answer *textproto.Error
	isAnswer := errors.As(err, &answer)
	if !isAnswer || answer.Code == serviceNotAvailable {
		c.broken = true
		if c.kept && ctx.Err() == nil {
			return errStale
		}
	}
	if !isAnswer {
		return answered("hand over", err)
	}
	switch answer.Code {
	case authenticationNeeded, authenticationTooWeak, encryptionNeeded:
		c.broken = true
		return answered("hand over", err)
	}
	if !c.broken && c.step(ctx, s.Timeout, c.client.Reset) != nil {
		c.broken = true
	}
	return refusal(answer)
}

// quit says goodbye, and hangs up in any case.
func (c *conversation) quit(ctx context.Context, timeout time.Duration) {
	if !c.broken {
		_ = c.step(ctx, timeout, c.client.Quit)
	}
	_ = c.conn.Close()
}

var enhancedForm = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

func refusal(answer *textproto.Error) *RefusedError {
	return &RefusedError{Code: answer.Code, Enhanced: enhancedForm.FindString(answer.Msg)}
}

// answered names the deed that failed. Of a server's answer it keeps the codes alone, like RefusedError, but is
// none: a wrong password of ours says nothing against the letter.
func answered(deed string, err error) error {
	var answer *textproto.Error
	var noSMTP textproto.ProtocolError
	switch {
	case errors.As(err, &answer):
		return fmt.Errorf("%s: %s", deed, refusal(answer).Codes())
	case errors.As(err, &noSMTP):
		return fmt.Errorf("%s: %w", deed, errNoSMTP)
	}
	return fmt.Errorf("%s: %w", deed, err)
}
