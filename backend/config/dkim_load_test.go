package config_test

import (
	"testing"

	"aikagi/backend/config"
)

func TestDKIMAlignsWithTheSenderAndItsSelectorsDiffer(t *testing.T) {
	key := ed25519PEM(t)
	signed := func(entries ...string) []string {
		return with(append([]string{"AIKAGI_DKIM_DOMAIN=example.jp", "AIKAGI_DKIM_SELECTOR=s", "AIKAGI_DKIM_KEY=" + key}, entries...)...)
	}
	for _, test := range []struct {
		name    string
		environ []string
		want    string // empty if there is no mistake
	}{
		{"the sender's domain", signed(), ""},
		{"a domain above the sender's", signed("AIKAGI_MAIL_FROM=support@mail.example.jp"), ""},
		{"a domain beside the sender's", signed("AIKAGI_DKIM_DOMAIN=News.Example.jp", "AIKAGI_MAIL_FROM=support@mail.example.jp"), ""},
		{"two keys", signed("AIKAGI_DKIM_SELECTOR_2=second", "AIKAGI_DKIM_KEY_2="+ed25519PEM(t)), ""},
		{
			"a domain that signs for another one",
			signed("AIKAGI_MAIL_FROM=support@example.com"),
			one + "AIKAGI_DKIM_DOMAIN: does not align with the domain of AIKAGI_MAIL_FROM, so DMARC would fail; right would be example.com",
		},
		{
			"a domain that many organisations share",
			signed("AIKAGI_DKIM_DOMAIN=co.jp", "AIKAGI_MAIL_FROM=IMS <support@example.co.jp>"),
			one + "AIKAGI_DKIM_DOMAIN: does not align with the domain of AIKAGI_MAIL_FROM, so DMARC would fail; right would be example.co.jp",
		},
		{
			"another organisation under such a domain",
			signed("AIKAGI_DKIM_DOMAIN=other.co.jp", "AIKAGI_MAIL_FROM=support@example.co.jp"),
			one + "AIKAGI_DKIM_DOMAIN: does not align with the domain of AIKAGI_MAIL_FROM, so DMARC would fail; right would be example.co.jp",
		},
		{
			"a second key alone",
			with("AIKAGI_DKIM_SELECTOR_2=second", "AIKAGI_DKIM_KEY_2="+ed25519PEM(t)),
			one + "AIKAGI_DKIM_KEY_2: is set, but AIKAGI_DKIM_KEY is not; right would be to set AIKAGI_DKIM_DOMAIN, AIKAGI_DKIM_SELECTOR and AIKAGI_DKIM_KEY first",
		},
		{
			"a second key without its name",
			signed("AIKAGI_DKIM_KEY_2=" + ed25519PEM(t)),
			one + "AIKAGI_DKIM_SELECTOR_2: is not set, but AIKAGI_DKIM_KEY_2 is; right would be to set all of them, or none",
		},
		{
			"two keys of one name",
			signed("AIKAGI_DKIM_SELECTOR_2=S", "AIKAGI_DKIM_KEY_2="+ed25519PEM(t)),
			one + "AIKAGI_DKIM_SELECTOR_2: is the same as AIKAGI_DKIM_SELECTOR; right would be the name of the second key's own record in the DNS",
		},
	} {
		got := ""
		settings, err := config.Load(config.Args{Environ: test.environ, Needs: config.All()})
		if err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
		if second := test.name == "two keys"; settings.DKIM.HasSecond() != second {
			t.Errorf("%s: got a second key: %v, want %v", test.name, !second, second)
		}
	}
}

func TestTheReturnPathIsAnAddress(t *testing.T) {
	settings, err := config.Load(config.Args{Environ: with("AIKAGI_MAIL_RETURN_PATH=bounces@mail.example.jp"), Needs: config.All()})
	if err != nil || settings.MailReturnPath != "bounces@mail.example.jp" {
		t.Errorf("got %q, %v", settings.MailReturnPath, err)
	}
	_, err = config.Load(config.Args{Environ: with("AIKAGI_MAIL_RETURN_PATH=bounces"), Needs: config.All()})
	if want := "there is a mistake in the settings:\n  AIKAGI_MAIL_RETURN_PATH: \"bounces\" is not a mail address; right would be bounces@example.jp"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
