package mail_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	netmail "net/mail"
	"testing"

	"aikagi/backend/mail"
	"aikagi/backend/secret"
	"aikagi/backend/testkit"
)

// Compare CVE-2025-57813 (traQ) and CVE-2025-66411 (Coder): secrets reached the log through the structs that contained
// them.
func TestNoSecretOfThePackagePrints(t *testing.T) {
	const password = "a password of the mail server"
	_, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		key     crypto.Signer
		secrets []string
	}{
		"ed25519": {edKey, []string{string(edKey), string(edKey.Seed()), password}},
		"rsa":     {rsaKey, []string{rsaKey.D.String(), rsaKey.Primes[0].String(), string(rsaKey.D.Bytes()), password}},
	} {
		t.Run(name, func(t *testing.T) {
			dkim := mail.DKIM{Domain: "example.jp", Selector: "aikagi", Key: secret.New(c.key)}
			settings := mail.SMTPSettings{
				Host: "mail.example.jp", User: "aikagi", Password: secret.New(password),
				From: netmail.Address{Address: "support@example.jp"}, DKIM: []mail.DKIM{dkim},
			}
			testkit.WantUnprintable(t, dkim, c.secrets...)
			testkit.WantUnprintable(t, settings, c.secrets...)
			testkit.WantUnprintable(t, mail.NewSMTP(settings), c.secrets...)
		})
	}
}
