package mail

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// conversation is an SMTP session (RFC 5321) over one connection. It transfers one letter at a time.
//
// The libraries (net/smtp, go-mail's copy of it, go-smtp) do not suffice. They read replies with net/textproto, which
// refuses a reply without text. They compare extension keywords without folding the letter case. They have one deadline
// for all steps.
type conversation struct {
	conn       net.Conn      // closing it ends everything
	stream     io.Writer     // conn, or TLS over it
	reader     *bufio.Reader // of the stream
	timeouts   timeouts
	extensions extensions
	encrypted  bool
	unverified error // why the certificate cannot be verified; nil if it can, and without TLS

	reused     bool        // another letter was sent over it, or it was idle: it may be dead, or the server may take no more
	expiry     *time.Timer // set while it is idle
	needsReset bool        // RSET has to come before the next MAIL
	spent      bool        // no further letter may be sent over it
	broken     bool        // no further command may be sent over it, not even QUIT
}

// usable reports whether another letter may be sent over the connection.
func (c *conversation) usable() bool { return !c.spent && !c.broken }

// Reply codes that have a special meaning here (RFC 5321, 4.2.3; RFC 4954, 6; RFC 3207, 4).
const (
	readyForTLS           = 220
	challenge             = 334
	startMailInput        = 354
	authenticationNeeded  = 530
	authenticationTooWeak = 534
	encryptionNeeded      = 538
)

// errLineBreak stops a line that would be two commands (CWE-93). All values were checked for line breaks before; this is a
// second defence.
var errLineBreak = errors.New("the command holds a line break")

// readGreeting waits for the greeting.
func (c *conversation) readGreeting(ctx context.Context) (greeting reply, err error) {
	err = c.step(ctx, "greeting", c.timeouts.answer, func() (err error) {
		greeting, err = readReply(c.reader)
		return err
	})
	return greeting, err
}

// command sends one line and waits for the answer. Errors have the name instead of the line, because the line may hold
// a secret.
func (c *conversation) command(ctx context.Context, name string, limit time.Duration, line string) (answer reply, err error) {
	err = c.step(ctx, "answer to "+name, limit, func() (err error) {
		if strings.ContainsAny(line, "\r\n") {
			return errLineBreak
		}
		if c.reader.Buffered() > 0 {
			return errNotSMTP // an unsolicited answer would be read as the answer to this command
		}
		if _, err := io.WriteString(c.stream, line+"\r\n"); err != nil {
			return err
		}
		answer, err = readReply(c.reader)
		return err
	})
	return answer, err
}

// step runs a part of the conversation. It closes the connection if the limit or the context ends first. (It does not use
// conn.SetDeadline, which needs time.Now: only package cli reads the clock.) After an error the conversation is broken.
func (c *conversation) step(ctx context.Context, awaited string, limit time.Duration, do func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, timeoutAfter(awaited, limit))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	err := do()
	inTime := stop()
	c.broken = c.broken || err != nil || !inTime
	switch {
	case err == nil:
		return nil
	case !inTime:
		return contextError(ctx, awaited)
	}
	return fmt.Errorf("no %s: %w", awaited, shortCause(err))
}

// shortCause removes from an error what does not help an operator: the addresses of both ends, and io's names for the end.
func shortCause(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

// timeoutError says which answer did not arrive within a limit of this package. It is a context.DeadlineExceeded.
type timeoutError string

func timeoutAfter(awaited string, limit time.Duration) timeoutError {
	return timeoutError("no " + awaited + " within " + limit.String())
}

func (e timeoutError) Error() string { return string(e) }

// Is reports true for context.DeadlineExceeded.
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// errUpToData is the cause of a context that ends after upToDataTimeout.
var errUpToData = errors.New("it took too long up to DATA")

// contextError says why a context ended while the caller waited.
func contextError(ctx context.Context, awaited string) error {
	cause := context.Cause(ctx)
	if ours := timeoutError(""); errors.As(cause, &ours) {
		return ours
	}
	if errors.Is(cause, errUpToData) {
		return timeoutAfter(awaited, upToDataTimeout) + ", the time for all up to DATA"
	}
	return fmt.Errorf("no %s in time: %w", awaited, cause)
}

// startLetter sends MAIL, RCPT and DATA. Its errors are those of [Transport]. If c is no longer usable after an error, the
// error may concern this connection only.
func (c *conversation) startLetter(ctx context.Context, from, to string) error {
	if err := c.mail(ctx, from); err != nil {
		return err
	}
	answer, err := c.command(ctx, "RCPT", c.timeouts.answer, "RCPT TO:"+to)
	if err != nil {
		return &UnreachedError{Err: err}
	}
	if !answer.isClass(2) {
		return c.refusal("RCPT", answer)
	}
	answer, err = c.command(ctx, "DATA", c.timeouts.data, "DATA")
	if err != nil {
		return err
	}
	if answer.code != startMailInput {
		return c.refusal("DATA", answer)
	}
	return nil
}

// mail sends MAIL, after RSET if a letter before has left its transaction open.
func (c *conversation) mail(ctx context.Context, from string) error {
	limit := c.firstLimit()
	if c.needsReset {
		if err := c.beforeRecipient(ctx, "RSET", limit, "RSET"); err != nil {
			return err
		}
		limit = c.timeouts.answer // the connection is alive
	}
	c.needsReset = true
	return c.beforeRecipient(ctx, "MAIL", limit, "MAIL FROM:"+from)
}

// noop sends NOOP, which only asks for an answer.
func (c *conversation) noop(ctx context.Context) error {
	return c.beforeRecipient(ctx, "NOOP", c.firstLimit(), "NOOP")
}

// firstLimit bounds the first answer of a letter or a check.
func (c *conversation) firstLimit() time.Duration {
	if c.reused {
		return min(c.timeouts.answer, reusedAnswerTimeout)
	}
	return c.timeouts.answer
}

// beforeRecipient sends a command that the server has to accept before RCPT. It is the same for all letters, so a refusal
// concerns the connection.
func (c *conversation) beforeRecipient(ctx context.Context, name string, limit time.Duration, line string) error {
	answer, err := c.command(ctx, name, limit, line)
	if err != nil {
		return &UnreachedError{Err: err}
	}
	if !answer.isClass(2) {
		c.spent = true
		return answer.unreached(name)
	}
	return nil
}

// refusal returns the error of an unexpected answer to RCPT or DATA. The server refuses the letter or the client.
func (c *conversation) refusal(name string, answer reply) error {
	c.spent = isAboutConnection(answer)
	switch {
	case isAboutSignIn(answer):
		return answer.unreached(name)
	case !answer.isClass(4) && !answer.isClass(5):
		return fmt.Errorf("%s: %w", name, errNotSMTP) // client and server are out of step
	}
	return answer.refused(name == "RCPT")
}

// isAboutConnection reports whether the server may answer differently on another connection. All 4xx count, because servers
// that limit the letters of a connection use several codes (452, 451, 421).
func isAboutConnection(answer reply) bool {
	return !answer.isClass(5) || isAboutSignIn(answer)
}

func isAboutSignIn(answer reply) bool {
	switch answer.code {
	case authenticationNeeded, authenticationTooWeak, encryptionNeeded:
		return true
	}
	return false
}

// sendBody sends the letter after DATA. Its errors are those of [Transport].
func (c *conversation) sendBody(ctx context.Context, raw []byte) error {
	err := c.step(ctx, "complete transfer", c.timeouts.letter, func() error {
		_, err := c.stream.Write(dotStuffed(raw))
		return err
	})
	if err != nil {
		return err
	}
	c.needsReset = false // the mail transaction ends with any answer (RFC 5321, 3.3)
	answer, err := c.command(ctx, "the letter", c.timeouts.end, ".")
	switch {
	case err != nil:
		return &LostError{Err: err}
	case answer.isClass(2):
		return nil
	case answer.isClass(3):
		c.broken = true
		return &LostError{Err: errNotSMTP}
	}
	c.spent = isAboutConnection(answer)
	return answer.refused(false)
}

// dotStuffed doubles each dot at the start of a line, and ends the last line (RFC 5321, 4.5.2).
func dotStuffed(raw []byte) []byte {
	if bytes.HasSuffix(raw, []byte("\r\n")) && !bytes.HasPrefix(raw, []byte(".")) && !bytes.Contains(raw, []byte("\r\n.")) {
		return raw
	}
	lines := bytes.ReplaceAll(append([]byte("\r\n"), raw...), []byte("\r\n."), []byte("\r\n.."))[len("\r\n"):]
	if !bytes.HasSuffix(lines, []byte("\r\n")) {
		lines = append(lines, "\r\n"...)
	}
	return lines
}

// quit sends QUIT if that is possible, and closes the connection. It takes quitTimeout at most.
func (c *conversation) quit(ctx context.Context) {
	if !c.broken {
		_, _ = c.command(context.WithoutCancel(ctx), "QUIT", quitTimeout, "QUIT")
	}
	_ = c.conn.Close()
}
