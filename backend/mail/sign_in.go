package mail

import (
	"context"
	"encoding/base64"
	"slices"
)

// maxCommand is the length of the longest command line, including CRLF (RFC 5321, 4.5.3.1.4).
const maxCommand = 512

// authenticate sends AUTH (RFC 4954) with PLAIN (RFC 4616) or LOGIN.
func (s *SMTPSettings) authenticate(ctx context.Context, c *conversation) error {
	if !c.encrypted {
		return ErrNoTLS
	}
	var line string
	var answers []string // in base64, each to one challenge
	offered := c.extensions["AUTH"]
	switch {
	case slices.Contains(offered, "PLAIN"):
		line, answers = "AUTH PLAIN", []string{inBase64("\x00" + s.User + "\x00" + s.Password.Reveal())}
		if whole := line + " " + answers[0]; len(whole)+len("\r\n") <= maxCommand {
			line, answers = whole, nil
		}
	case slices.Contains(offered, "LOGIN"):
		line, answers = "AUTH LOGIN", []string{inBase64(s.User), inBase64(s.Password.Reveal())}
	default:
		return ErrNoAuth
	}
	answer, err := c.command(ctx, "AUTH", c.timeouts.answer, line)
	for _, next := range answers {
		if err != nil || answer.code != challenge {
			break
		}
		answer, err = c.command(ctx, "AUTH", c.timeouts.answer, next)
	}
	if err != nil {
		return err
	}
	if !answer.isClass(2) {
		c.broken = c.broken || answer.code == challenge // the server waits for a response, and would read QUIT as one
		return answer.unreached("AUTH")
	}
	return nil
}

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
