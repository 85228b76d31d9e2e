package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"
)

// errInjected is returned when clear text follows the answer to STARTTLS. An attacker may have added it. It would be read
// as if the mail server had sent it over TLS (CVE-2011-0411).
var errInjected = errors.New("STARTTLS: the mail server sent more before TLS was on")

// errGreeting is the cause of a refusal in place of the greeting. Many servers refuse a further connection so.
var errGreeting = errors.New("greeting")

// connect dials the server, starts TLS and signs in. Its errors are [*UnreachedError].
func (s *SMTPSettings) connect(ctx context.Context) (*conversation, error) {
	conn, err := s.dialServer(ctx)
	if err != nil {
		return nil, &UnreachedError{Err: err}
	}
	c := &conversation{conn: conn, reader: bufio.NewReaderSize(conn, maxReplyLine), stream: conn, timeouts: s.timeouts()}
	if err := s.handshake(ctx, c); err != nil {
		c.quit(ctx)
		if unreached := (*UnreachedError)(nil); !errors.As(err, &unreached) {
			err = &UnreachedError{Err: err}
		}
		return nil, err
	}
	return c, nil
}

func (s *SMTPSettings) dialServer(ctx context.Context) (net.Conn, error) {
	limit := s.timeouts().connect
	ctx, cancel := context.WithTimeoutCause(ctx, limit, timeoutAfter("connection", limit))
	defer cancel()
	dial := s.dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, "tcp", net.JoinHostPort(s.Host, strconv.Itoa(s.Port)))
	if ctx.Err() != nil && err != nil {
		return nil, fmt.Errorf("connect: %w", contextError(ctx, "connection"))
	}
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return conn, nil
}

// handshake sends EHLO, STARTTLS and AUTH. It sends no password before TLS is on (CWE-319).
func (s *SMTPSettings) handshake(ctx context.Context, c *conversation) error {
	if s.TLS == TLSImplicit {
		if err := s.encrypt(ctx, c); err != nil {
			return err
		}
	}
	greeting, err := c.readGreeting(ctx)
	if err != nil {
		return err
	}
	if !greeting.isClass(2) {
		refused := greeting.unreached("greeting")
		refused.Err = errGreeting
		return refused
	}
	if err := s.hello(ctx, c); err != nil {
		return err
	}
	if s.TLS != TLSImplicit {
		if err := s.startTLS(ctx, c); err != nil {
			return err
		}
	}
	if !s.signsIn() {
		return nil
	}
	return s.authenticate(ctx, c)
}

// hello sends EHLO, or HELO to a server that does not know EHLO (RFC 5321, 3.2).
func (s *SMTPSettings) hello(ctx context.Context, c *conversation) error {
	answer, err := c.command(ctx, "EHLO", c.timeouts.answer, "EHLO "+s.HELO)
	if err != nil {
		return err
	}
	if answer.isClass(2) {
		c.extensions = parseExtensions(answer.lines)
		return nil
	}
	if !answer.isClass(5) {
		return answer.unreached("EHLO")
	}
	c.extensions = nil
	answer, err = c.command(ctx, "HELO", c.timeouts.answer, "HELO "+s.HELO)
	if err != nil {
		return err
	}
	if !answer.isClass(2) {
		return answer.unreached("HELO")
	}
	return nil
}

// startTLS starts TLS if the server offers it. It returns an error if the server then refuses: it never goes on in clear
// text.
func (s *SMTPSettings) startTLS(ctx context.Context, c *conversation) error {
	if !c.extensions.has("STARTTLS") {
		if s.TLS == TLSRequired || s.signsIn() {
			return ErrNoTLS
		}
		return nil
	}
	answer, err := c.command(ctx, "STARTTLS", c.timeouts.answer, "STARTTLS")
	if err != nil {
		return err
	}
	if answer.code != readyForTLS {
		return answer.unreached("STARTTLS")
	}
	if c.reader.Buffered() > 0 {
		c.broken = true
		return errInjected
	}
	if err := s.encrypt(ctx, c); err != nil {
		return err
	}
	return s.hello(ctx, c) // the answer in clear text no longer counts (RFC 3207, 4.2)
}

func pause(ctx context.Context, length time.Duration) {
	select {
	case <-time.After(length):
	case <-ctx.Done():
	}
}
