package config

import (
	"crypto/x509"
	"errors"
	"net/url"
	"os"
	"slices"
	"strings"
)

// ACME says for which domains the server gets a certificate by itself (RFC 8555), and how.
type ACME struct {
	Domains   []string // in lower case, each once
	Mail      string   // empty: the CA is told none
	Directory string
	Folder    string
	RootCAs   *x509.CertPool // trusted for the directory; nil for the system's
}

// IsSet says whether the server gets its certificate by ACME.
func (a ACME) IsSet() bool { return len(a.Domains) > 0 }

// parseDomains reads names that the challenges of this server can prove. A wildcard needs DNS-01.
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

// parseOptionalAddress reads an address, or off.
func parseOptionalAddress(text string) (*Address, error) {
	if text == "off" {
		return nil, nil //nolint:nilnil // off is no mistake
	}
	address, err := parseAddress(text)
	return &address, err
}

// checkACME finds what is missing for ACME, or contradicts it.
func (s *Settings) checkACME(args Args, given map[string]source, found *mistakes) {
	together(given, found, "ACME_DOMAINS", "ACME_FOLDER")
	if s.ACME.Folder != "" {
		info, err := os.Stat(s.ACME.Folder)
		const right = "right would be a folder that the server may write to, such as /var/lib/aikagi/acme"
		if err != nil {
			found.add("ACME_FOLDER", given["ACME_FOLDER"].from, "cannot be used: "+args.say(err), right)
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

// checkListenHTTP finds a port that another listener has.
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
