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

// txtResolver asks the DNS for TXT records: a *net.Resolver.
type txtResolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
}

// dnsTime bounds all questions together: a resolver that is away must not hold up the rest.
const dnsTime = 8 * time.Second

// senderDNS checks what the DNS says of the sender's domain.
type senderDNS struct {
	ctx      context.Context //nolint:containedctx // of one check
	resolver txtResolver
	*finding
}

// checkDNS looks for SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489) of the sender's domain. What is missing is a
// warning with the line to publish. A DKIM key that does not fit is a fault: letters signed with it arrive worse than
// unsigned ones.
func (p *program) checkDNS(ctx context.Context, settings config.Settings, f *finding) {
	ctx, cancel := context.WithTimeout(ctx, dnsTime)
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

// texts returns the TXT records of a name that begin with a tag. It says false, and warns, when the DNS did not answer.
func (s senderDNS) texts(name, tag string) (found []string, answered bool) {
	records, err := s.resolver.LookupTXT(s.ctx, name+".")
	var missing *net.DNSError
	if err != nil && (!errors.As(err, &missing) || !missing.IsNotFound) {
		s.warn("the DNS did not answer for %s", name)
		return nil, false
	}
	for _, record := range records {
		if strings.HasPrefix(strings.ToLower(record), strings.ToLower(tag)) {
			found = append(found, record)
		}
	}
	return found, true
}

func (s senderDNS) missing(what, name, record string) {
	s.warn("%s has no %s record", name, what)
	s.Publish = append(s.Publish, zoneLine(name, record))
}

func (s senderDNS) spf(domain, mailServer string) {
	records, answered := s.texts(domain, "v=spf1")
	switch {
	case !answered:
	case len(records) == 0:
		s.missing("SPF", domain, "v=spf1 mx "+spfMechanism(mailServer)+" ~all")
	case len(records) > 1:
		s.warn("%s has %d SPF records; receivers take none of them then", domain, len(records))
	}
}

// spfMechanism permits the mail server that takes the letters.
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

// dmarc looks at the domain itself, then at its organisational domain (RFC 7489, 6.6.3).
func (s senderDNS) dmarc(domain, sender string) {
	const tag = "v=DMARC1"
	records, answered := s.texts("_dmarc."+domain, tag)
	if above := organisation(domain); answered && len(records) == 0 && above != domain {
		records, answered = s.texts("_dmarc."+above, tag)
	}
	if answered && len(records) == 0 {
		s.missing("DMARC", "_dmarc."+domain, tag+"; p=none; rua=mailto:"+sender)
	}
}

// organisation is what the owner of a domain registered: example.co.jp of mail.example.co.jp.
func organisation(domain string) string {
	if registered, err := publicsuffix.EffectiveTLDPlusOne(domain); err == nil {
		return registered
	}
	return domain
}

// dkim compares the published key with the setting's. The settings' parser has compared the domains already.
func (s senderDNS) dkim(domain, selector, setting string, key crypto.Signer) {
	name := selector + "._domainkey." + domain
	records, err := s.resolver.LookupTXT(s.ctx, name+".")
	var missing *net.DNSError
	switch {
	case err != nil && (!errors.As(err, &missing) || !missing.IsNotFound):
		s.warn("the DNS did not answer for %s", name)
	case len(records) == 0:
		s.missing("DKIM", name, dkimRecord(key))
	case !isPublished(key, records):
		s.Faults = append(s.Faults, setting+": "+name+" publishes another key than that of the setting")
		s.Publish = append(s.Publish, zoneLine(name, dkimRecord(key)))
	}
}

// zoneLine writes a TXT record as zone files have it: in quoted strings of at most 255 bytes (RFC 1035, 3.3).
func zoneLine(name, record string) string {
	const most = 255
	line := name + ". IN TXT"
	for len(record) > most {
		line += ` "` + record[:most] + `"`
		record = record[most:]
	}
	return line + ` "` + record + `"`
}
