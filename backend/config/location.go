package config

import (
	"errors"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"aikagi/backend/secret"
)

// location is the parsed URL of a database, of Redis, or of a mail server. Unlike net/url, it allows several hosts, and its
// errors never repeat a part of the text, which may hold a password.
type location struct {
	scheme      string
	user        string
	password    secret.Value[string]
	hasPassword bool
	hosts       []string // host:port
	path        string   // the text between the first slash after the hosts and the ?
	options     url.Values
}

// parseLocation reads scheme://user:password@host:port,host:port/path?options. ports holds the allowed schemes and the
// default port of each.
func parseLocation(text string, ports map[string]string) (location, error) {
	scheme, rest, found := strings.Cut(text, "://")
	port, known := ports[scheme]
	if !found || !known {
		return location{}, errors.New("does not begin with " + strings.Join(slices.Sorted(maps.Keys(ports)), ":// or ") + "://")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
		return location{}, errors.New("holds a space or a control character")
	}
	rest, query, _ := strings.Cut(rest, "?")
	authority, path, _ := strings.Cut(rest, "/")
	if strings.Contains(path+query, "@") && !strings.Contains(authority, "@") {
		return location{}, errors.New("has a / or a ? in the user or the password (write %2F or %3F)")
	}

	where := location{scheme: scheme, path: path}
	if err := where.readUser(&authority); err != nil {
		return location{}, err
	}
	for host := range strings.SplitSeq(authority, ",") {
		hostPort, err := parseHost(host, port)
		if err != nil {
			return location{}, err
		}
		where.hosts = append(where.hosts, hostPort)
	}
	options, err := url.ParseQuery(query)
	if err != nil {
		return location{}, errors.New("has options after the ? that are not name=value&name=value")
	}
	where.options = options
	return where, nil
}

// readUser removes the user and the password from the start of the authority. They end at its last @, as in browsers.
func (l *location) readUser(authority *string) error {
	at := strings.LastIndex(*authority, "@")
	if at < 0 {
		return nil
	}
	user, password, hasPassword := strings.Cut((*authority)[:at], ":")
	*authority = (*authority)[at+1:]
	user, wrongUser := url.PathUnescape(user)
	password, wrongPassword := url.PathUnescape(password)
	if wrongUser != nil || wrongPassword != nil {
		return errors.New("has a % in the user or the password that is not followed by two hexadecimal digits (write %25)")
	}
	l.user, l.password, l.hasPassword = user, secret.New(password), hasPassword && password != ""
	return nil
}

// option returns the value of an option, or an empty text.
func (l *location) option(name string) string { return l.options.Get(name) }

// checkOptions refuses options with other names, and options that are given twice.
func (l *location) checkOptions(names ...string) error {
	for _, name := range names {
		if len(l.options[name]) > 1 {
			return errors.New("has the option " + name + " twice")
		}
	}
	known := 0
	for _, name := range names {
		known += len(l.options[name])
	}
	if known == len(l.options) {
		return nil
	}
	if len(names) == 0 {
		return errors.New("has options after a ?, but takes none")
	}
	return errors.New("has an unknown option after the ? (known are " + joinWords(names) + ")")
}

// parseHost reads one host and returns host:port.
func parseHost(text, defaultPort string) (string, error) {
	host, port := text, defaultPort
	if inner, bracketed := strings.CutSuffix(text, "]"); bracketed {
		host = strings.TrimPrefix(inner, "[")
	} else if strings.Contains(text, ":") {
		var err error
		if host, port, err = net.SplitHostPort(text); err != nil {
			return "", errors.New("has a host that is not host:port (IPv6 in brackets)")
		}
	}
	switch {
	case host == "":
		return "", errors.New("has no host")
	case !isHost(host):
		return "", errors.New("has a host that is neither a name nor an IP address")
	case !isPort(port):
		return "", errors.New("has a port that is not a number from 1 to 65535")
	}
	if address, err := netip.ParseAddr(host); err == nil {
		host = address.String()
	}
	return net.JoinHostPort(strings.ToLower(host), port), nil
}
