package config

import (
	"crypto/x509"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
)

// ACME holds the domains for which the server gets a certificate by itself (RFC 8555), and how it gets one.
type ACME struct {
	Domains   []string // in lower case, each once
	Mail      string   // empty if the CA gets no address
	Directory string
	Folder    string
	RootCAs   *x509.CertPool // verify the directory's certificate; nil for those of the system
}

// IsSet reports whether the server gets its certificate by ACME.
func (a ACME) IsSet() bool { return len(a.Domains) > 0 }

// parseDomains reads domains separated by commas. It refuses wildcards, which need the challenge DNS-01.
func parseDomains(text string) ([]string, error) {
	var domains []string
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		if strings.HasPrefix(item, "*.") {
			return nil, errors.New("holds a wildcard, for which this server cannot get a certificate")
		}
		if !isASCII(item) {
			return nil, errors.New("holds a domain that is not ASCII (write its xn-- form)")
		}
		domain, err := parseDomain(item)
		if err != nil {
			return nil, errors.New("holds what is not a domain")
		}
		if !slices.Contains(domains, domain) {
			domains = append(domains, domain)
		}
	}
	return domains, nil
}

func parseDirectory(text string) (string, error) {
	address, err := url.Parse(text)
	if err != nil || address.Scheme != "https" || address.Hostname() == "" || address.User != nil {
		return "", errors.New("is not an address that begins with https://")
	}
	return text, nil
}

// parseOptionalAddress reads an address or "off".
func parseOptionalAddress(text string) (*Address, error) {
	if text == "off" {
		return nil, nil //nolint:nilnil // nil means off
	}
	address, err := parseAddress(text)
	return &address, err
}

// checkACME checks that the settings of ACME are complete and fit the others.
func (s *Settings) checkACME(args Args, given map[string]source, found *mistakes) {
	allOrNone(given, found, "ACME_DOMAINS", "ACME_FOLDER")
	if s.ACME.Folder != "" {
		info, err := os.Stat(s.ACME.Folder)
		const right = "right would be a folder that the server may write to, such as /var/lib/aikagi/acme"
		if err != nil {
			found.add("ACME_FOLDER", given["ACME_FOLDER"].from, "cannot be used: "+args.errorText(err), right)
		} else if !info.IsDir() {
			found.add("ACME_FOLDER", given["ACME_FOLDER"].from, "is not a folder", right)
		}
	}
	for _, name := range []string{"ACME_MAIL", "ACME_DIRECTORY"} {
		if given[name].isSet() && !given["ACME_DOMAINS"].isSet() && !given["ACME_FOLDER"].isSet() {
			found.add(name, given[name].from, "is set, but AIKAGI_ACME_DOMAINS and AIKAGI_ACME_FOLDER are not",
				"right would be to set all of them, or none")
		}
	}
	for _, name := range []string{tlsCert, tlsKey} {
		if given["ACME_DOMAINS"].isSet() && given[name].isSet() {
			found.add("ACME_DOMAINS", given["ACME_DOMAINS"].from, "is set, but "+prefix+name+" is as well",
				"right would be ACME, or a certificate of your own, but not both")
			return
		}
	}
}

// checkListenHTTP checks that no other listener has the same address.
func (s *Settings) checkListenHTTP(given map[string]source, found *mistakes) {
	if s.ListenHTTP == nil || s.ListenHTTP.Port == 0 {
		return
	}
	for _, other := range []struct {
		name    string
		address Address
	}{{"LISTEN", s.Listen}, {"OPS_LISTEN", s.OpsListen}} {
		if *s.ListenHTTP == other.address {
			found.add("LISTEN_HTTP", given["LISTEN_HTTP"].from, "is the same as "+prefix+other.name, "right would be another port, such as :80")
		}
	}
}
