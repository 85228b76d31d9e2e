package config

import (
	"errors"
	"net"
	"strconv"
)

// SMTP is the mail server that takes the letters.
type SMTP struct {
	Host     string
	Port     int
	User     string // empty when the server asks for none
	Password Secret[string]
	TLS      SMTPTLS
}

// IsSet says whether there is a mail server at all.
func (s SMTP) IsSet() bool { return s.Host != "" }

// SMTPTLS says how the connection to the mail server is encrypted.
type SMTPTLS string

// The ways.
const (
	Opportunistic SMTPTLS = "opportunistic" // STARTTLS when the server offers it
	Required      SMTPTLS = "required"      // STARTTLS, or no letter leaves
	Implicit      SMTPTLS = "implicit"      // TLS from the first byte (RFC 8314)
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
	if err := where.onlyOptions("tls"); err != nil {
		return SMTP{}, err
	}
	if where.options.Has("tls") && where.option("tls") != "required" {
		return SMTP{}, errors.New("has the option tls with something else than required")
	}

	way := Opportunistic
	switch {
	case where.scheme == "smtps":
		way = Implicit
	case where.hasPassword || where.options.Has("tls"):
		way = Required // whoever strips STARTTLS from the greeting must not get the password
	}
	host, port, err := net.SplitHostPort(where.hosts[0])
	if err != nil {
		return SMTP{}, errors.New("has a host that is not host:port")
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return SMTP{}, errors.New("has a port that is not a number")
	}
	return SMTP{Host: host, Port: int(number), User: where.user, Password: where.password, TLS: way}, nil
}
