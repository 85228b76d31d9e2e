package web

import (
	"regexp"
	"strings"
	"testing"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

func TestUserAgentsAreKnownByTheKindOfDevice(t *testing.T) {
	for text, want := range map[string]member.Device{
		"": member.UnknownDevice,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148":    member.IPhone,
		"Mozilla/5.0 (iPad; CPU OS 14_0 like Mac OS X) AppleWebKit/605.1.15 Version/14.0 Safari/604.1": member.IPad,
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/125.0.0.0 Mobile":          member.Android,
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/125.0.0.0 Safari/537.36":  member.Windows,
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.5 Safari/605": member.Mac,
		"Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 Firefox/126.0":                       member.Linux,
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125":   member.Linux,
		"curl/8.5.0": member.UnknownDevice,
		"<script>":   member.UnknownDevice,
	} {
		if got := parseUserAgent(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestTheLanguageIsTheFirstOfTheBrowserThatTheAppHas(t *testing.T) {
	for text, want := range map[string]recovery.Language{
		"":                                 "ja",
		"ja":                               "ja",
		"en":                               "en",
		"en-GB":                            "en",
		"EN_gb":                            "ja",
		"ja-JP,ja;q=0.9,en;q=0.8":          "ja",
		"en-US,en;q=0.9,ja;q=0.8":          "en",
		"fr-FR,fr;q=0.9,en;q=0.8,ja;q=0.7": "en",
		"ja;q=0.5, en;q=0.7":               "en",
		"ja; q = 0.5 , en ; q=0.7":         "en",
		"en;q=0":                           "ja",
		"en;q=0, ja;q=0":                   "ja",
		"en;q=x":                           "ja",
		"en;q=2":                           "ja",
		"en;q=nan, ja;q=0.1":               "ja",
		"fr, *;q=0.5":                      "ja",
		",,;;=,en":                         "en",
	} {
		if got := parseAcceptLanguage(text); got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

// FuzzBrowserHeaders looks for texts of Accept-Language, User-Agent, Content-Type and Host that cause a panic, or a result
// outside the closed set of values.
func FuzzBrowserHeaders(f *testing.F) {
	for _, seed := range []string{
		"", "en-US,en;q=0.9,ja;q=0.8", "ja;q=1e-9", "en;q=NaN", "en;;q", "(iPhone; Android)", ";q=,=;", "en;q=0x1p-2,ja;q=1_0",
		"application/json", "Application/JSON ; charset=UTF-8", "application/json; charset=utf-8; charset=utf-7", "text/plain;application/json", "application/json;a=b",
		"localhost", "[::1]:8080", "127.0.0.1:1", "localhost.evil.example", "127.0.0.1.", "localhost:80:80", "::1", "[localhost]:1", "localhost@evil",
	} {
		f.Add(seed)
	}
	loopbackHost := regexp.MustCompile(`\A(localhost|127\.0\.0\.1|::1|\[(localhost|127\.0\.0\.1|::1)\])(:[^:\[\]]*)?\z`)
	f.Fuzz(func(t *testing.T, header string) {
		if language, known := parseLanguage(string(parseAcceptLanguage(header))); !known {
			t.Errorf("got the language %q", language)
		}
		if weight := parseWeight(header); !(weight >= 0 && weight <= 1) {
			t.Errorf("got the weight %v", weight)
		}
		switch device := parseUserAgent(header); device {
		case member.IPhone, member.IPad, member.Android, member.Windows, member.Mac, member.Linux, member.UnknownDevice:
		default:
			t.Errorf("got the device %q", device)
		}
		kind, _, _ := strings.Cut(strings.ToLower(header), ";")
		if isJSON(header) && strings.TrimSpace(kind) != "application/json" {
			t.Errorf("%q is accepted as JSON", header)
		}
		if isLoopbackHost(header) && !loopbackHost.MatchString(header) {
			t.Errorf("%q is accepted as a name of this machine", header)
		}
	})
}
