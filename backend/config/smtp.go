package config

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"aikagi/backend/secret"
)

// SMTP says how to reach the mail server that accepts the letters.
type SMTP struct {
	Host     string
	Port     int
	User     string // empty if the server needs none
	Password secret.Value[string]
	TLS      SMTPTLS
	// Timeout bounds each wait for the server. 0 means the timeouts of RFC 5321, 4.5.3.2.
	Timeout time.Duration
	EHLO    string         // the name in the EHLO command; empty for the domain of MAIL_FROM
	RootCAs *x509.CertPool // verify the server's certificate; nil for those of the system
	// Connections is the largest number of open connections (SMTP_CONNECTIONS).
	Connections uint32
}

// IsSet reports whether a mail server is set.
func (s SMTP) IsSet() bool { return s.Host != "" }

// SMTPTLS says how the connection to the mail server is encrypted.
type SMTPTLS string

// The ways to encrypt.
const (
	Opportunistic SMTPTLS = "opportunistic" // STARTTLS if the server offers it, with any certificate
	Required      SMTPTLS = "required"      // STARTTLS with a valid certificate, or no letter is sent
	Implicit      SMTPTLS = "implicit"      // TLS from the first byte (RFC 8314)
)

// The bounds of the option timeout. The longest timeout of RFC 5321, 4.5.3.2 is 10 minutes.
const (
	leastSMTPTimeout = time.Second
	mostSMTPTimeout  = 10 * time.Minute
)

func parseSMTP(text string) (SMTP, error) {
	where, err := parseLocation(text, map[string]string{"smtp": "587", "smtps": "465"})
	if err != nil {
		return SMTP{}, err
	}
	switch {
	case len(where.hosts) > 1:
		return SMTP{}, errors.New("has several hosts, but takes one")
	case where.path != "":
		return SMTP{}, errors.New("has a path after the host")
	case (where.user != "") != where.hasPassword:
		return SMTP{}, errors.New("has a user without a password, or a password without a user")
	}
	if err := where.checkOptions("tls", "timeout", "ehlo"); err != nil {
		return SMTP{}, err
	}
	if where.options.Has("tls") && where.option("tls") != "required" {
		return SMTP{}, errors.New("has the option tls with something else than required")
	}
	var timeout time.Duration
	if where.options.Has("timeout") {
		if timeout, err = durationBetween(leastSMTPTimeout, mostSMTPTimeout)(where.option("timeout")); err != nil {
			return SMTP{}, fmt.Errorf("has a timeout that %w", err)
		}
	}
	ehlo := where.option("ehlo")
	if where.options.Has("ehlo") && !isEHLOName(ehlo) {
		return SMTP{}, errors.New("has the option ehlo with neither a host name nor an IP address in brackets")
	}

	mode := Opportunistic
	switch {
	case where.scheme == "smtps":
		mode = Implicit
	case where.hasPassword || where.options.Has("tls"):
		mode = Required // an attacker who removes STARTTLS from the server's reply must not get the password
	}
	host, port, err := net.SplitHostPort(where.hosts[0])
	if err != nil {
		return SMTP{}, errors.New("has a host that is not host:port")
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return SMTP{}, errors.New("has a port that is not a number")
	}
	return SMTP{
		Host: host, Port: int(number), User: where.user, Password: where.password, TLS: mode, Timeout: timeout, EHLO: ehlo,
	}, nil
}

// isEHLOName accepts what the EHLO command does (RFC 5321, 4.1.1.1): a name, or an address literal such as [192.0.2.1] or
// [IPv6:2001:db8::1].
func isEHLOName(text string) bool {
	literal, isLiteral := strings.CutPrefix(text, "[")
	if !isLiteral {
		return isHostName(text)
	}
	literal, closed := strings.CutSuffix(literal, "]")
	version6, is6 := strings.CutPrefix(literal, "IPv6:")
	address, err := netip.ParseAddr(version6)
	return closed && err == nil && address.Zone() == "" && address.Is4() != is6
}
