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
	lines []string // what followed the code on each line; may be empty
}

// Bounds of a reply: a server that never ends its answer must not fill the memory.
const (
	maxReplyLine  = 4 << 10 // bytes; RFC 5321 (4.5.3.1.5) allows 512, and servers write more
	maxReplyLines = 256
)

// What a server's answer can be that is no reply. Neither error repeats the answer: it may hold anything.
var (
	errNoSMTP = errors.New("the answer is not SMTP")
	errHungUp = errors.New("the mail server closed the connection")
)

// readReply reads one reply. It takes what servers send beyond RFC 5321: a code without a text or a space, a line end
// without CR, and, in an answer of several lines, lines without a code. [net/textproto] refuses the first of these.
func readReply(r *bufio.Reader) (reply, error) {
	var got reply
	for range maxReplyLines {
		line, err := r.ReadSlice('\n')
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			return reply{}, errNoSMTP
		case err != nil:
			return reply{}, err
		}
		text := strings.TrimRight(string(line), "\r\n")
		code, more, isReply := parseCode(text)
		switch {
		case isReply:
			got.code, got.lines = code, append(got.lines, text[min(4, len(text)):])
		case len(got.lines) == 0:
			return reply{}, errNoSMTP
		default:
			got.lines, more = append(got.lines, text), true
		}
		if !more {
			return got, nil
		}
	}
	return reply{}, errNoSMTP
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

// isClass tells whether the code's first digit is the given one.
func (r reply) isClass(digit int) bool { return r.code/100 == digit }

var enhancedForm = regexp.MustCompile(`^[245]\.[0-9]{1,3}\.[0-9]{1,3}\b`)

// enhanced returns the RFC 3463 status code, empty when there is none.
func (r reply) enhanced() string {
	for _, line := range r.lines {
		if code := enhancedForm.FindString(strings.TrimSpace(line)); code != "" {
			return code
		}
	}
	return ""
}

// refused is the error of a reply that refuses the recipient or the letter.
func (r reply) refused(recipient bool) *RefusedError {
	return &RefusedError{Code: r.code, Enhanced: r.enhanced(), Recipient: recipient}
}

// unreached is the error of a reply that ends the conversation before the server has answered RCPT.
func (r reply) unreached(deed string) *UnreachedError {
	return &UnreachedError{Code: r.code, Enhanced: r.enhanced(), Err: errors.New(deed)}
}
