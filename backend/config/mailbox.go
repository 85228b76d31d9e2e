package config

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
)

// Mailbox is a sender. Name may be empty.
type Mailbox struct{ Name, Address string }

// parseMailbox reads an address, or a name and <address>. The name may be in quotation marks.
func parseMailbox(text string) (Mailbox, error) {
	name, address, named := cutLast(strings.TrimSpace(text), "<")
	if !named {
		name, address = "", strings.TrimSpace(text)
	} else {
		inner, closed := strings.CutSuffix(address, ">")
		if !closed {
			return Mailbox{}, errors.New("has a < without a > at the end")
		}
		address = inner
	}
	if _, err := parseMailAddress(address); err != nil {
		return Mailbox{}, errors.New("is neither an address nor a name and <address>")
	}
	name = strings.TrimSpace(name)
	if len(name) > 1 && strings.HasPrefix(name, `"`) && strings.HasSuffix(name, `"`) {
		name = name[1 : len(name)-1]
	}
	if name == "" {
		return Mailbox{Address: address}, nil
	}
	name, err := parseLine(name)
	if err != nil {
		return Mailbox{}, fmt.Errorf("has a name that %w", err)
	}
	return Mailbox{Name: name, Address: address}, nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	at := strings.LastIndex(text, separator)
	if at < 0 {
		return text, "", false
	}
	return text[:at], text[at+len(separator):], true
}

// parseMailAddress reads an operator's address. Unlike members' addresses it must be valid (RFC 5322).
func parseMailAddress(text string) (string, error) {
	address, err := mail.ParseAddress(text)
	at := strings.LastIndex(text, "@")
	if err != nil || address.Address != text || address.Name != "" || len(text) > 254 || !isHostName(text[at+1:]) || !isASCII(text) {
		return "", errors.New("is not a mail address")
	}
	return text, nil
}
