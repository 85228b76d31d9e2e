package config

import (
	"strings"
	"testing"
	"time"
)

const key32 = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

// readings maps the texts of a setting to the values, or to the errors after "! ".
type readings map[string]string

func (r readings) check(t *testing.T, read func(text string) (string, error)) {
	t.Helper()
	for text, want := range r {
		got, err := read(text)
		if err != nil {
			got = "! " + err.Error()
		}
		if got != want {
			t.Errorf("%q: got  %s\n want %s", text, got, want)
		}
	}
}

// shown returns a parser whose value is text, secrets included.
func shown[T any](parse func(string) (T, error), show func(T) string) func(string) (string, error) {
	return func(text string) (string, error) {
		value, err := parse(text)
		if err != nil {
			return "", err
		}
		return show(value), nil
	}
}

func TestASenderIsAnAddressWithOrWithoutAName(t *testing.T) {
	readings{
		"a@example.jp":                   "|a@example.jp",
		"<a@example.jp>":                 "|a@example.jp",
		"会員サポート <a@example.jp>":          "会員サポート|a@example.jp",
		`"IMS, Inc." <a@example.jp>`:     "IMS, Inc.|a@example.jp",
		"IMS, Inc. <a@localhost>":        "IMS, Inc.|a@localhost",
		"IMS <a@example.jp":              "! has a < without a > at the end",
		"IMS":                            "! is neither an address nor a name and <address>",
		"a@example.jp, b@example.jp":     "! is neither an address nor a name and <address>",
		"IMS <あ@example.jp>":             "! is neither an address nor a name and <address>",
		"IMS <a@[192.0.2.1]>":            "! is neither an address nor a name and <address>",
		"IMS <a@b c>":                    "! is neither an address nor a name and <address>",
		"IMS\r\nBcc: x <a@example.jp>":   "! has a name that holds a line break or another control character",
		"IMS <a@example.jp\r\nBcc: b@c>": "! is neither an address nor a name and <address>",
	}.check(t, shown(parseMailbox, func(m Mailbox) string { return m.Name + "|" + m.Address }))
}

func TestADurationHasAUnitAndBounds(t *testing.T) {
	readings{
		"60m": "1h0m0s", "1h30m": "1h30m0s", "2d": "48h0m0s", "1d12h": "36h0m0s", "90s": "1m30s",
		"60":          "! has no unit (s, m, h or d)",
		"1.5":         "! has no unit (s, m, h or d)",
		"0":           "! is not between 1m0s and 3d",
		"an hour":     "! is not a duration (a number and s, m, h or d)",
		"d":           "! is not a duration (a number and s, m, h or d)",
		"1.5d":        "! is not a duration (a number and s, m, h or d)",
		"9999999999d": "! is not a duration (a number and s, m, h or d)",
		"60000d":      "! is not between 1m0s and 3d",
		"59s":         "! is not between 1m0s and 3d",
		"-1h":         "! is not between 1m0s and 3d",
		"73h":         "! is not between 1m0s and 3d",
	}.check(t, shown(durationBetween(time.Minute, 3*day), time.Duration.String))
}

func TestTextsHaveTheirFormAndBounds(t *testing.T) {
	read := make(map[string]func(string) error)
	for _, group := range new(Settings).table() {
		for _, setting := range group.settings {
			read[setting.name] = setting.read
		}
	}
	tests := []struct{ name, text, want string }{
		{"BRAND_JA", "IMS", ""},
		{"BRAND_JA", " ", "is blank"},
		{"BRAND_JA", "IMS\r\nBcc: a@b", "holds a line break or another control character"},
		{"BRAND_JA", "IMS\u2028", ""},
		{"BRAND_JA", "I\u2028MS", "holds a line break or another control character"},
		{"BRAND_JA", strings.Repeat("社", 201), "is longer than 200 characters"},
		{"BRAND_JA", "\xff", "is not UTF-8"},
		{"ANNOUNCEMENT_JA", "one\r\ntwo", ""},
		{"ANNOUNCEMENT_JA", "one\x1b[0m", "holds a line break or another control character"},
		{"LOGIN_SUFFIX", "wakwak.com", "is not an @ and a domain"},
		{"MAIL_EXAMPLE", "xxx.mm-m.ne.jp", "is not something, an @ and a domain"},
		{"HELP_DESK_MAIL", "help", "is not a mail address"},
		{"HELP_DESK_MAIL", "help@", "is not a mail address"},
		{"HELP_DESK_URL", "www.example.jp", "is not the address of a web page"},
		{"HELP_DESK_URL", "javascript:alert(1)", "is not the address of a web page"},
		{"SECURITY_CONTACT", "https://example.jp/security", ""},
		{"SECURITY_CONTACT", "http://example.jp/security", "is neither a mailto: nor an https: address"},
		{"SECURITY_CONTACT", "mailto:nobody", "is not a mail address"},
		{"DKIM_DOMAIN", "example", "is not a domain"},
		{"MAIL_RETURN_PATH", "Bounces <bounces@example.jp>", "is not a mail address"},
		{"MAIL_RETURN_PATH", "<>", "is not a mail address"},
		{"DKIM_SELECTOR_2", "a b", "is not a DKIM selector (letters, digits, hyphens and dots)"},
		{"DKIM_SELECTOR", "a b", "is not a DKIM selector (letters, digits, hyphens and dots)"},
		{"ARGON2_MEMORY", "19 MiB", "is not a whole number from 8 to 262144"},
		{"ARGON2_PARALLELISM", "256", "is not a whole number from 1 to 16"},
		{"LOG_LEVEL", "loud", "is none of debug, info, warn, error"},
		{"LOG_FORMAT", "text", ""},
		{"RETENTION_LETTERS", "24h", "is not between 2d and 3650d"},
		{"TEMPORARY_PASSWORD_LIFETIME", "2d", "is not between 1s and 24h"},
		{"STOP_DELAY", "0", ""},
		{"STOP_DELAY", "0s", ""},
		{"STOP_DELAY", "5m", ""},
		{"STOP_DELAY", "301s", "is not between 0 and 5m0s"},
		{"STOP_DELAY", "-1s", "is not between 0 and 5m0s"},
		{"STOP_DELAY", "5", "has no unit (s, m, h or d)"},
	}
	for _, test := range tests {
		got := ""
		if err := read[test.name](test.text); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s=%q: got %q, want %q", test.name, test.text, got, test.want)
		}
	}
}

func TestATextInOneLanguageIsUsedForBoth(t *testing.T) {
	tests := []struct {
		text   Text
		ja, en string
	}{
		{Text{"あ", "a"}, "あ", "a"},
		{Text{"あ", ""}, "あ", "あ"},
		{Text{"", "a"}, "a", "a"},
		{Text{}, "", ""},
	}
	for _, test := range tests {
		if ja, en := test.text.In("ja"), test.text.In("en"); ja != test.ja || en != test.en {
			t.Errorf("%+v: got %q and %q, want %q and %q", test.text, ja, en, test.ja, test.en)
		}
	}
}

func TestEveryExampleInTheReferenceIsValid(t *testing.T) {
	for _, group := range new(Settings).table() {
		for _, setting := range group.settings {
			if setting.doc == "" || setting.example == "" {
				t.Errorf("%s has no documentation or no example", setting.name)
			}
			// A published key is no secret, so no example may be a valid key.
			isKey := setting.name == "KEYS" || strings.HasPrefix(setting.name, "DKIM_KEY")
			for example := range strings.SplitSeq(setting.example, " or ") {
				if err := setting.read(example); (err != nil) != isKey {
					t.Errorf("%s=%s: got the mistake %v", setting.name, example, err)
				}
			}
		}
	}
}
