package mail

import (
	"bufio"
	"errors"
	"regexp"
	"strings"
)

// reply is one answer of the mail server (RFC 5321, 4.2).
type reply struct {
	code  int
	lines []string // the text after the code on each line; may be empty
}

// The bounds of a reply, so that a server that never ends its answer does not fill the memory.
const (
	maxReplyLine  = 4 << 10 // bytes; RFC 5321 (4.5.3.1.5) allows 512, but servers send longer lines
	maxReplyLines = 256
)

// The errors of an answer that is no reply. They do not quote the answer, because it may contain anything.
var (
	errNotSMTP = errors.New("the answer is not SMTP")
	errHungUp  = errors.New("the mail server closed the connection")
)

// readReply reads one reply. It also accepts forms that RFC 5321 does not allow but servers send: a code without text or
// space, a line end without CR, and lines without a code in an answer of several lines. net/textproto refuses the first of
// these.
func readReply(r *bufio.Reader) (reply, error) {
	var got reply
	for range maxReplyLines {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return reply{}, errNotSMTP
		case err != nil:
			return reply{}, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		code, more, isReply := parseCode(text)
		switch {
		case isReply:
			got.code, got.lines = code, append(got.lines, text[min(4, len(text)):])
		case len(got.lines) == 0:
			return reply{}, errNotSMTP
		default:
			got.lines, more = append(got.lines, text), true
		}
		if !more {
			return got, nil
		}
	}
	return reply{}, errNotSMTP
}

// parseCode reads the code at the start of a line, and whether more lines follow.
func parseCode(line string) (code int, more, ok bool) {
	if len(line) < 3 {
		return 0, false, false
	}
	for _, digit := range []byte(line[:3]) {
		if digit < '0' || digit > '9' {
			return 0, false, false
		}
		code = code*10 + int(digit-'0')
	}
	if code < 200 || code > 599 {
		return 0, false, false
	}
	if len(line) == 3 {
		return code, false, true
	}
	switch line[3] {
	case '-':
		return code, true, true
	case ' ', '\t':
		return code, false, true
	}
	return 0, false, false
}

// isClass reports whether the code begins with the digit.
func (r reply) isClass(digit int) bool { return r.code/100 == digit }

var enhancedForm = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// enhanced returns the RFC 3463 status code; empty if there is none.
func (r reply) enhanced() string {
	for _, line := range r.lines {
		if code := enhancedForm.FindString(strings.TrimSpace(line)); code != "" {
			return code
		}
	}
	return ""
}

// refused returns the error of a reply that refuses the recipient or the letter.
func (r reply) refused(recipient bool) *RefusedError {
	return &RefusedError{Code: r.code, Enhanced: r.enhanced(), Recipient: recipient}
}

// unreached returns the error of a reply that ends the conversation before the server has answered RCPT.
func (r reply) unreached(name string) *UnreachedError {
	return &UnreachedError{Code: r.code, Enhanced: r.enhanced(), Err: errors.New(name)}
}
