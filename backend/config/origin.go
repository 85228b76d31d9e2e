package config

import (
	"errors"
	"net/url"
	"strings"
)

// Origin is the public URL of the server: scheme, host, and the port if it is not the default one, in lower case and
// without a slash at the end.
type Origin string

// IsHTTPS reports whether the scheme is https.
func (o Origin) IsHTTPS() bool { return strings.HasPrefix(string(o), "https://") }

// Host returns the host, with the port if it is not the default one, as a browser sends it in the header Host.
func (o Origin) Host() string {
	_, host, _ := strings.Cut(string(o), "://")
	return host
}

// IsLoopback reports whether only this machine can reach the server under this origin.
func (o Origin) IsLoopback() bool {
	address, err := url.Parse(string(o))
	return err == nil && isLoopback(address.Hostname())
}

// LoopbackOrigin returns the origin of a listener on loopback for a browser on this machine. It writes localhost for
// 127.0.0.1, because cookies and the check of the header Host need a single name.
func LoopbackOrigin(listen Address) Origin {
	if listen.Host == "127.0.0.1" {
		listen.Host = "localhost"
	}
	return Origin(strings.TrimSuffix("http://"+listen.String(), ":80"))
}

// parseOrigin reads an origin. It refuses everything that could make a link in a mail lead to another place than it shows.
func parseOrigin(text string) (Origin, error) {
	address, err := url.Parse(text)
	switch {
	case err != nil || (address.Scheme != "https" && address.Scheme != "http") || address.Host == "":
		return "", errors.New("is not an address that begins with https://")
	case address.User != nil:
		return "", errors.New("holds a user name or a password")
	case strings.Trim(address.Path, "/") != "":
		return "", errors.New("has a path after the host")
	case strings.ContainsAny(text, "?#"):
		return "", errors.New("has a ? or a # after the host")
	}
	host, port := strings.ToLower(address.Hostname()), address.Port()
	if !isASCII(host) {
		return "", errors.New("has a host that is not ASCII (write its xn-- form)")
	}
	if !isHost(host) || (strings.HasSuffix(address.Host, ":") || port != "" && !isPort(port)) {
		return "", errors.New("has a wrong host or port")
	}
	if address.Scheme == "http" && !isLoopback(host) {
		return "", errors.New("uses http, which is for loopback only: members' passwords would cross the network in clear")
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port == map[string]string{"http": "80", "https": "443"}[address.Scheme] {
		port = ""
	}
	if port != "" {
		host += ":" + port
	}
	return Origin(address.Scheme + "://" + host), nil
}
