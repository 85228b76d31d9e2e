package cli

import (
	"cmp"
	"context"
	"crypto"
	"errors"
	"net"
	"strings"
	"time"

	"golang.org/x/net/publicsuffix"

	"aikagi/backend/config"
)

// txtResolver looks up TXT records. A *net.Resolver is one.
type txtResolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// dnsTimeout bounds all look-ups together.
const dnsTimeout = 8 * time.Second

// senderDNS checks the DNS records of the sender's domain.
type senderDNS struct {
	ctx      context.Context //nolint:containedctx // of one check
	resolver txtResolver
	*finding
}

// checkDNS looks for the SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) records of the sender's domain. A missing
// record is a warning with the line to publish. A published DKIM key that differs from the setting's is a fault, because
// receivers trust a letter with a wrong signature less than an unsigned one.
func (p *program) checkDNS(ctx context.Context, settings config.Settings, f *finding) {
	ctx, cancel := context.WithTimeout(ctx, dnsTimeout)
	defer cancel()
	resolver := p.resolver
	if resolver == nil {
		resolver = net.DefaultResolver
	}
	check := senderDNS{ctx, resolver, f}
	check.spf(domainOf(cmp.Or(settings.MailReturnPath, settings.MailFrom.Address)), settings.SMTP.Host)
	signing := settings.DKIM
	if signing.IsSet() {
		check.dkim(signing.Domain, signing.Selector, "AIKAGI_DKIM_KEY", signing.Key.Reveal())
	} else {
		f.warn("letters are not signed; set AIKAGI_DKIM_DOMAIN, AIKAGI_DKIM_SELECTOR and AIKAGI_DKIM_KEY")
	}
	if signing.HasSecond() {
		check.dkim(signing.Domain, signing.Selector2, "AIKAGI_DKIM_KEY_2", signing.Key2.Reveal())
	}
	check.dmarc(domainOf(settings.MailFrom.Address), settings.MailFrom.Address)
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return strings.ToLower(domain)
}

// lookUp returns the TXT records of a name. If the DNS does not answer, it warns and returns false.
func (s senderDNS) lookUp(name string) (records []string, answered bool) {
	records, err := s.resolver.LookupTXT(s.ctx, name+".")
	var missing *net.DNSError
	if err != nil && (!errors.As(err, &missing) || !missing.IsNotFound) {
		s.warn("the DNS did not answer for %s", name)
		return nil, false
	}
	return records, true
}

// tagged is like lookUp, but returns only the records that begin with the tag.
func (s senderDNS) tagged(name, tag string) (found []string, answered bool) {
	records, answered := s.lookUp(name)
	for _, record := range records {
		if strings.HasPrefix(strings.ToLower(record), strings.ToLower(tag)) {
			found = append(found, record)
		}
	}
	return found, answered
}

// missing warns of a missing record and adds the line to publish.
func (s senderDNS) missing(what, name, record string) {
	s.warn("%s has no %s record", name, what)
	s.Publish = append(s.Publish, zoneLine(name, record))
}

func (s senderDNS) spf(domain, mailServer string) {
	records, answered := s.tagged(domain, "v=spf1")
	switch {
	case !answered:
	case len(records) == 0:
		s.missing("SPF", domain, "v=spf1 mx "+spfMechanism(mailServer)+" ~all")
	case len(records) > 1:
		s.warn("%s has %d SPF records; receivers then use none of them", domain, len(records))
	}
}

// spfMechanism returns the mechanism that permits the mail server that relays the letters.
func spfMechanism(host string) string {
	address := net.ParseIP(host)
	switch {
	case address == nil:
		return "a:" + host
	case address.To4() != nil:
		return "ip4:" + host
	}
	return "ip6:" + host
}

// dmarc looks up the domain and then its organisational domain (RFC 7489, 6.6.3).
func (s senderDNS) dmarc(domain, sender string) {
	const tag = "v=DMARC1"
	records, answered := s.tagged("_dmarc."+domain, tag)
	if above := organisation(domain); answered && len(records) == 0 && above != domain {
		records, answered = s.tagged("_dmarc."+above, tag)
	}
	if answered && len(records) == 0 {
		s.missing("DMARC", "_dmarc."+domain, tag+"; p=none; rua=mailto:"+sender)
	}
}

// organisation returns the organisational domain: example.co.jp for mail.example.co.jp.
func organisation(domain string) string {
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// dkim compares the published key with that of the setting. Package config has already compared the domains.
func (s senderDNS) dkim(domain, selector, setting string, key crypto.Signer) {
	name := selector + "._domainkey." + domain
	records, answered := s.lookUp(name)
	switch {
	case !answered:
	case len(records) == 0:
		s.missing("DKIM", name, dkimRecord(key))
	case !isPublished(key, records):
		s.Faults = append(s.Faults, setting+": "+name+" publishes another key than that of the setting")
		s.Publish = append(s.Publish, zoneLine(name, dkimRecord(key)))
	}
}

// zoneLine formats a TXT record for a zone file, in quoted strings of at most 255 bytes (RFC 1035, 3.3).
func zoneLine(name, record string) string {
	const most = 255
	line := name + ". IN TXT"
	for len(record) > most {
		line += ` "` + record[:most] + `"`
		record = record[most:]
	}
	return line + ` "` + record + `"`
}
