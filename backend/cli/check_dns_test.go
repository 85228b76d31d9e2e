package cli

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"aikagi/backend/testkit"
)

// noDNS is a resolver without records, so that tests use no server outside this machine.
type noDNS struct{}

func (noDNS) LookupTXT(_ context.Context, name string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

// startDNS starts a DNS server on loopback with these TXT records by name, and returns a resolver that asks it. A name with
// the record noAnswer is answered with a server failure.
func startDNS(t *testing.T, records map[string]string) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		packet := make([]byte, 4096)
		for {
			size, from, err := conn.ReadFrom(packet)
			if err != nil {
				return
			}
			var message dnsmessage.Message
			if message.Unpack(packet[:size]) != nil || len(message.Questions) != 1 {
				continue
			}
			message.Response, message.Additionals = true, nil
			question := message.Questions[0]
			text, known := records[strings.ToLower(strings.TrimSuffix(question.Name.String(), "."))]
			switch {
			case text == noAnswer:
				message.RCode = dnsmessage.RCodeServerFailure
			case !known:
				message.RCode = dnsmessage.RCodeNameError
			default:
				body := &dnsmessage.TXTResource{}
				for len(text) > 255 {
					body.TXT, text = append(body.TXT, text[:255]), text[255:]
				}
				body.TXT = append(body.TXT, text)
				message.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: question.Name, Type: dnsmessage.TypeTXT, Class: dnsmessage.ClassINET, TTL: 60}, Body: body,
				}}
			}
			if answer, err := message.Pack(); err == nil {
				_, _ = conn.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// noAnswer is the record of a name for which the DNS server fails.
const noAnswer = "no answer"

func keyFile(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "dkim.pem")
	write(t, path, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))
	return path
}

func TestCheckComparesTheDNSOfTheSenderWithTheSettings(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	_, otherKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := newSite(t, testkit.SQLite(t))
	signed := func(key any, domain string) []string {
		return append([]string{"AIKAGI_DKIM_DOMAIN=" + domain, "AIKAGI_DKIM_SELECTOR=a", "AIKAGI_DKIM_KEY_FILE=" + keyFile(t, key)}, s.environ...)
	}
	withRSA, withEd := signed(rsaKey, "example.jp"), signed(edKey, "example.jp")
	const name = "a._domainkey.example.jp"
	good := func(dkim string) map[string]string {
		return map[string]string{"example.jp": "v=spf1 mx -all", "_dmarc.example.jp": "v=DMARC1; p=none", name: dkim}
	}
	without := func(all map[string]string, gone string) map[string]string {
		delete(all, gone)
		return all
	}
	record := dkimRecord(rsaKey)
	both := append([]string{"AIKAGI_DKIM_SELECTOR_2=b", "AIKAGI_DKIM_KEY_2_FILE=" + keyFile(t, edKey)}, withRSA...)
	two := func(second string) map[string]string {
		all := good(record)
		all["b._domainkey.example.jp"] = second
		return all
	}
	for what, c := range map[string]struct {
		environ []string
		records map[string]string
		code    int
		want    []string
	}{
		"all is there":     {withRSA, good(record), exitDone, []string{"dns: ok\n"}},
		"Ed25519":          {withEd, good(dkimRecord(edKey)), exitDone, []string{"dns: ok\n"}},
		"another key":      {withEd, good(dkimRecord(otherKey)), exitFailed, []string{"dns: FAULT: AIKAGI_DKIM_KEY: " + name + " publishes another key", dkimRecord(edKey)}},
		"another kind":     {withEd, good(record), exitFailed, []string{"publishes another key"}},
		"a revoked key":    {withRSA, good("v=DKIM1; p="), exitFailed, []string{"publishes another key"}},
		"no SPF":           {withRSA, without(good(record), "example.jp"), exitDone, []string{"WARNING: example.jp has no SPF record", `to publish: example.jp. IN TXT "v=spf1 mx ip4:127.0.0.1 ~all"`}},
		"no DMARC":         {withRSA, without(good(record), "_dmarc.example.jp"), exitDone, []string{"_dmarc.example.jp has no DMARC record", `to publish: _dmarc.example.jp. IN TXT "v=DMARC1; p=none; rua=mailto:support@example.jp"`}},
		"no DKIM":          {withRSA, without(good(record), name), exitDone, []string{name + " has no DKIM record", "to publish: " + name + `. IN TXT "` + record[:255] + `" "` + record[255:] + `"`}},
		"no signature":     {s.environ, good(""), exitDone, []string{"WARNING: letters are not signed"}},
		"no answer":        {withRSA, map[string]string{"example.jp": noAnswer, "_dmarc.example.jp": "v=DMARC1; p=none", name: record}, exitDone, []string{"WARNING: the DNS did not answer for example.jp"}},
		"another's domain": {signed(rsaKey, "example.com"), good(record), exitUsage, []string{"AIKAGI_DKIM_DOMAIN", "does not align"}},
		"two keys":         {both, two(dkimRecord(edKey)), exitDone, []string{"dns: ok\n"}},
		"another second":   {both, two(dkimRecord(otherKey)), exitFailed, []string{"dns: FAULT: AIKAGI_DKIM_KEY_2: b._domainkey.example.jp publishes another key"}},
		"no second":        {both, good(record), exitDone, []string{"b._domainkey.example.jp has no DKIM record"}},
		"a return path":    {append([]string{"AIKAGI_MAIL_RETURN_PATH=bounce@back.example.jp"}, withRSA...), good(record), exitDone, []string{"back.example.jp has no SPF record"}},
	} {
		t.Run(what, func(t *testing.T) {
			code, printed := runWith(t, startDNS(t, c.records), c.environ, "check")
			if code != c.code {
				t.Errorf("got %d, want %d\n%s", code, c.code, printed)
			}
			for _, want := range c.want {
				if !strings.Contains(printed, want) {
					t.Errorf("it does not say %s:\n%s", want, printed)
				}
			}
		})
	}
}

func TestTheDMARCRecordOfTheOrganizationCountsForItsSubdomains(t *testing.T) {
	s := newSite(t, testkit.SQLite(t))
	environ := append(s.environ, "AIKAGI_MAIL_FROM=support@mail.example.co.jp") //nolint:gocritic // the last one wins
	dns := startDNS(t, map[string]string{"mail.example.co.jp": "v=spf1 -all", "_dmarc.example.co.jp": "v=DMARC1; p=reject"})
	if code, printed := runWith(t, dns, environ, "check"); code != exitDone || strings.Contains(printed, "DMARC") {
		t.Errorf("got %d\n%s", code, printed)
	}
}
