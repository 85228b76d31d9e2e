package mail

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"aikagi/backend/secret"
)

// signing has a key of each algorithm, by the name of its DNS record.
type signing map[string]crypto.Signer

const (
	rsaRecord = "aikagi._domainkey.example.jp"
	edRecord  = "aikagi-ed._domainkey.example.jp"
)

func newSigning(t *testing.T) signing {
	t.Helper()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return signing{rsaRecord: rsaKey, edRecord: edKey}
}

// keys returns the keys for SMTPSettings, RSA first.
func (s signing) keys() (keys []DKIM) {
	for _, record := range []string{rsaRecord, edRecord} {
		if key := s[record]; key != nil {
			selector, _, _ := strings.Cut(record, ".")
			keys = append(keys, DKIM{Domain: "example.jp", Selector: selector, Key: secret.New(key)})
		}
	}
	return keys
}

// published returns the keys whose records are published.
func (s signing) published(records ...string) signing {
	some := maps.Clone(s)
	maps.DeleteFunc(some, func(record string, _ crypto.Signer) bool {
		for _, name := range records {
			if name == record {
				return false
			}
		}
		return true
	})
	return some
}

// record returns a key's DNS record.
func (s signing) record(t *testing.T, name string) string {
	t.Helper()
	switch public := s[name].Public().(type) {
	case ed25519.PublicKey:
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)
	default:
		der, err := x509.MarshalPKIXPublicKey(public)
		if err != nil {
			t.Fatal(err)
		}
		return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
	}
}

func (s signing) sign(t *testing.T, m Message) string {
	t.Helper()
	settings := SMTPSettings{From: sender, DKIM: s.keys()}
	raw, err := settings.compose(m)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// verify returns the result for each signature of a letter.
func (s signing) verify(t *testing.T, letter string) []*dkim.Verification {
	t.Helper()
	verifications, err := dkim.VerifyWithOptions(bytes.NewReader([]byte(letter)), &dkim.VerifyOptions{
		LookupTXT: func(name string) ([]string, error) {
			if s[name] == nil {
				return nil, fmt.Errorf("no record %s", name)
			}
			return []string{s.record(t, name)}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return verifications
}

func TestALetterCarriesASignatureByEachKey(t *testing.T) {
	all := newSigning(t)
	for name, keys := range map[string]signing{"RSA": all.published(rsaRecord), "Ed25519": all.published(edRecord), "both": all} {
		t.Run(name, func(t *testing.T) {
			checkLeaks(t)
			s := newSink(t)
			mustSend(t, newTransport(t, s, func(settings *SMTPSettings) { settings.DKIM = keys.keys() }))
			letter := s.letters()[0].data
			verifications := keys.verify(t, letter)
			if len(verifications) != len(keys) {
				t.Fatalf("got %d signatures, want %d", len(verifications), len(keys))
			}
			for _, verification := range verifications {
				if verification.Err != nil || verification.Domain != "example.jp" {
					t.Errorf("got %v by %s, want a good signature by example.jp", verification.Err, verification.Domain)
				}
				signed := strings.ToLower(strings.Join(verification.HeaderKeys, " "))
				for _, header := range []string{"from", "to", "subject", "date", "message-id", "mime-version", "content-type", "auto-submitted"} {
					if !strings.Contains(signed, header) {
						t.Errorf("got %s signed, want %s too", signed, header)
					}
				}
			}
		})
	}
}

func TestEachSignatureHoldsAlone(t *testing.T) {
	keys := newSigning(t)
	letter := keys.sign(t, exampleMessage)
	for _, published := range []string{rsaRecord, edRecord} {
		good := 0
		for _, verification := range keys.published(published).verify(t, letter) {
			if verification.Err == nil {
				good++
			}
		}
		if good != 1 {
			t.Errorf("with %s alone: got %d good signatures, want 1", published, good)
		}
	}
	if !strings.HasPrefix(letter, "DKIM-Signature: a=rsa-sha256;") {
		t.Errorf("got %q, want the first key's signature first", letter[:60])
	}
}

func TestAnAddedOrChangedFieldBreaksEachSignature(t *testing.T) {
	keys := newSigning(t)
	letter := keys.sign(t, exampleMessage)
	changed := []string{strings.Replace(letter, "Auto-Submitted: auto-generated", "Auto-Submitted: no", 1), letter + "more\r\n"}
	for _, added := range []string{
		"Subject: another", "From: thief@example.org", "To: thief@example.org", "Date: Sun, 22 Nov 2026 06:31:00 +0000", "Reply-To: thief@example.org",
		"Cc: thief@example.org", "Message-ID: <x@example.org>", "MIME-Version: 2.0", "Content-Type: text/html", "Content-Transfer-Encoding: base64",
	} {
		changed = append(changed, added+"\r\n"+letter)
	}
	for _, changed := range changed {
		verifications := keys.verify(t, changed)
		for _, verification := range verifications {
			if verification.Err == nil {
				t.Errorf("got a good signature over\n%.80s…", changed)
			}
		}
		if len(verifications) != len(keys) {
			t.Errorf("got %d signatures, want %d", len(verifications), len(keys))
		}
	}
}

// Mail servers change spaces and folding. Relaxed canonicalization ignores that (RFC 6376, 3.4).
func TestNewFoldingOnTheWayBreaksNoSignature(t *testing.T) {
	keys := newSigning(t)
	letter := keys.sign(t, exampleMessage)
	folded := strings.Replace(letter, "Auto-Submitted: auto-generated", "auto-submitted:\r\n   auto-generated", 1)
	if folded == letter {
		t.Fatal("nothing was folded")
	}
	for _, verification := range keys.verify(t, folded+"\r\n\r\n") {
		if verification.Err != nil {
			t.Errorf("got %v, want a good signature", verification.Err)
		}
	}
}

// maxHead bounds the header, because some servers refuse a longer one.
const maxHead = 4 << 10

func TestTheHeaderIsSmallWithTwoSignatures(t *testing.T) {
	keys := newSigning(t)
	eachLetter(t, func(t *testing.T, c Content) {
		head, _, _ := strings.Cut(keys.sign(t, write(t, exampleBrand, c)), "\r\n\r\n")
		if len(head) >= maxHead {
			t.Errorf("got a header of %d bytes, want less than %d", len(head), maxHead)
		}
	})
}

func TestUndeliverableLettersGoBackToTheReturnPath(t *testing.T) {
	s := newSink(t)
	transport := newTransport(t, s, func(settings *SMTPSettings) { settings.ReturnPath = "bounces@mail.example.jp" })
	mustSend(t, transport)
	letter := s.letters()[0]
	if letter.from != "bounces@mail.example.jp" || !strings.Contains(letter.data, "From: \"IMS\" <support@example.jp>\r\n") {
		t.Errorf("got the envelope's sender %s in\n%s\nwant bounces@mail.example.jp, and From as it was", letter.from, letter.data)
	}
	if !strings.Contains(s.transcriptText(), "EHLO example.jp\r\n") {
		t.Error("got another EHLO, want the domain of From")
	}
}
