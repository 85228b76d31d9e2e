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

// conversation is one connection to the mail server, greeted and signed in. One letter at a time goes over it.
//
// It is our own, and not a library's. Those at hand (net/smtp, go-mail's copy of it, go-smtp) read replies with
// net/textproto, which refuses one without a text, keep extension keywords in the letter case in which they came, and
// give all steps one deadline.
type conversation struct {
	conn       net.Conn      // closing it ends everything
	stream     io.Writer     // conn, or TLS over it
	reader     *bufio.Reader // of the stream
	timeouts   timeouts
	extensions extensions
	encrypted  bool
	unverified error // what is wrong with the certificate; nil without TLS or with a good one

	kept   bool        // it has been idle, so the server may have left without our noticing
	expiry *time.Timer // set while it is idle
	begun  bool        // a refused envelope has to be reset before the next one
	spent  bool        // no further letter goes over it
	broken bool        // nothing more can be said over it, not even QUIT
}

// usable tells whether another letter may go over the connection.
func (c *conversation) usable() bool { return !c.spent && !c.broken }

// Reply codes that are handled by themselves (RFC 5321, 4.2.3; RFC 4954, 6; RFC 3207, 4).
const (
	readyForTLS           = 220
	challenge             = 334
	startMailInput        = 354
	authenticationNeeded  = 530
	authenticationTooWeak = 534
	encryptionNeeded      = 538
)

// errLineBreak stops what would be two commands (CWE-93). No value that goes into one holds a line break: each was
// checked where it came in.
var errLineBreak = errors.New("the command holds a line break")

// listen waits for the greeting.
func (c *conversation) listen(ctx context.Context) (greeting reply, err error) {
	err = c.step(ctx, "greeting", c.timeouts.answer, func() (err error) {
		greeting, err = readReply(c.reader)
		return err
	})
	return greeting, err
}

// ask sends one line and waits for the answer. The deed names the line in errors, for the line may hold a secret.
func (c *conversation) ask(ctx context.Context, deed string, limit time.Duration, line string) (answer reply, err error) {
	err = c.step(ctx, "answer to "+deed, limit, func() (err error) {
		if strings.ContainsAny(line, "\r\n") {
			return errLineBreak
		}
		if c.reader.Buffered() > 0 {
			return errNoSMTP // an answer that nothing asked for would be taken for the answer to this
		}
		if _, err := io.WriteString(c.stream, line+"\r\n"); err != nil {
			return err
		}
		answer, err = readReply(c.reader)
		return err
	})
	return answer, err
}

// step runs a part of the conversation, and closes the connection when the limit or the context ends first: a deadline
// on the connection would need the time of day. After an error nothing more can be said.
func (c *conversation) step(ctx context.Context, awaited string, limit time.Duration, part func() error) error {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, notWithin(awaited, limit))
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = c.conn.Close() })
	err := part()
	inTime := stop()
	c.broken = c.broken || err != nil || !inTime
	switch {
	case err == nil:
		return nil
	case !inTime:
		return endOf(ctx, awaited)
	}
	return fmt.Errorf("no %s: %w", awaited, causeOf(err))
}

// causeOf takes off what says nothing to an operator: the addresses of both ends, and what io calls an end.
func causeOf(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errHungUp
	}
	if op := (*net.OpError)(nil); errors.As(err, &op) && op.Err != nil {
		return op.Err
	}
	return err
}

// timeoutError is a context's end by one of our own limits, in words. It is a context.DeadlineExceeded.
type timeoutError string

func notWithin(awaited string, limit time.Duration) timeoutError {
	return timeoutError("no " + awaited + " within " + limit.String())
}

func (e timeoutError) Error() string { return string(e) }

// Is reports true for context.DeadlineExceeded.
func (timeoutError) Is(target error) bool { return target == context.DeadlineExceeded }

// errUpToData is the cause of a context that lasts upToData.
var errUpToData = errors.New("it took too long up to DATA")

// endOf says why a context ended while something was awaited.
func endOf(ctx context.Context, awaited string) error {
	cause := context.Cause(ctx)
	if ours := timeoutError(""); errors.As(cause, &ours) {
		return ours
	}
	if errors.Is(cause, errUpToData) {
		return notWithin(awaited, upToData) + ", the time for all up to DATA"
	}
	return fmt.Errorf("no %s in time: %w", awaited, cause)
}

// begin gives the server the sender and the recipient, and asks it to take a letter. Its errors are what Transport
// promises. An error after which c is no longer usable may be about this connection alone.
func (c *conversation) begin(ctx context.Context, from, to string) error {
	limit := c.timeouts.answer
	if c.kept {
		limit = min(limit, keptAnswers)
	}
	if c.begun {
		if err := c.beforeRecipient(ctx, "RSET", limit, "RSET"); err != nil {
			return err
		}
		limit = c.timeouts.answer // it lives
	}
	c.begun = true
	if err := c.beforeRecipient(ctx, "MAIL", limit, "MAIL FROM:"+from); err != nil {
		return err
	}
	answer, err := c.ask(ctx, "RCPT", c.timeouts.answer, "RCPT TO:"+to)
	if err != nil {
		return &UnreachedError{Err: err}
	}
	if !answer.isClass(2) {
		return c.refusal("RCPT", answer)
	}
	answer, err = c.ask(ctx, "DATA", c.timeouts.data, "DATA")
	if err != nil {
		return err
	}
	if answer.code != startMailInput {
		return c.refusal("DATA", answer)
	}
	return nil
}

// beforeRecipient says what the server has to agree to before it learns the recipient.
func (c *conversation) beforeRecipient(ctx context.Context, deed string, limit time.Duration, line string) error {
	answer, err := c.ask(ctx, deed, limit, line)
	if err != nil {
		return &UnreachedError{Err: err}
	}
	if !answer.isClass(2) {
		c.spent = isAboutConnection(answer)
		return answer.unreached(deed)
	}
	return nil
}

// refusal judges another answer to RCPT and DATA than the awaited one: the server refuses the letter, or us.
func (c *conversation) refusal(deed string, answer reply) error {
	c.spent = isAboutConnection(answer)
	switch {
	case isAboutSignIn(answer):
		return answer.unreached(deed)
	case !answer.isClass(4) && !answer.isClass(5):
		return fmt.Errorf("%s: %w", deed, errNoSMTP) // the server is at another place of the conversation than we are
	}
	return answer.refused(deed == "RCPT")
}

// isAboutConnection tells whether another connection may be answered otherwise. All 4xx count: servers that limit the
// letters of a connection say so with several codes (452, 451, 421).
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

// hand gives the letter itself to the server, which has asked for it. Its errors are what Transport promises.
func (c *conversation) hand(ctx context.Context, raw []byte) error {
	err := c.step(ctx, "complete transfer", c.timeouts.letter, func() error {
		_, err := c.stream.Write(dotStuffed(raw))
		return err
	})
	if err != nil {
		return err
	}
	c.begun = false // whatever the answer, the transaction is over (RFC 5321, 3.3)
	answer, err := c.ask(ctx, "the letter", c.timeouts.end, ".")
	switch {
	case err != nil:
		return &LostError{Err: err}
	case answer.isClass(2):
		return nil
	case answer.isClass(3):
		c.broken = true
		return &LostError{Err: errNoSMTP}
	}
	c.spent = isAboutConnection(answer)
	return answer.refused(false)
}

// dotStuffed doubles the dots that begin a line, and ends the last line (RFC 5321, 4.5.2).
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

// quit says QUIT where that is possible, and closes the connection. It lasts goodbyeLasts at most.
func (c *conversation) quit(ctx context.Context) {
	if !c.broken {
		_, _ = c.ask(context.WithoutCancel(ctx), "QUIT", goodbyeLasts, "QUIT")
	}
	_ = c.conn.Close()
}
