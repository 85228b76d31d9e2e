package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// deviceWords are words in User-Agent and the devices that they mean. The first that matches counts: Android browsers name
// Linux too, and iPhones name the Mac.
var deviceWords = []struct {
	word   string
	device member.Device
}{
	{"iPhone", member.IPhone},
	{"iPad", member.IPad},
	{"Android", member.Android},
	{"Windows", member.Windows},
	{"Macintosh", member.Mac},
	{"Linux", member.Linux},
	{"CrOS", member.Linux},
}

// deviceOf returns the kind of the browser's device. The text of the header is used for nothing else.
func deviceOf(c *fiber.Ctx) member.Device { return parseUserAgent(c.Get(fiber.HeaderUserAgent)) }

func parseUserAgent(text string) member.Device {
	for _, known := range deviceWords {
		if strings.Contains(text, known.word) {
			return known.device
		}
	}
	return member.UnknownDevice
}

// languageOf returns the language that the browser prefers, of those of the app.
func languageOf(c *fiber.Ctx) recovery.Language {
	return parseAcceptLanguage(c.Get(fiber.HeaderAcceptLanguage))
}

// parseAcceptLanguage returns the known language with the greatest weight, the first of equal ones. It returns ja if no language
// is known (RFC 9110, 12.5.4). It ignores entries that it cannot parse.
func parseAcceptLanguage(text string) recovery.Language {
	best, most := recovery.Japanese, 0.0
	for entry := range strings.SplitSeq(text, ",") {
		tag, parameter, _ := strings.Cut(strings.TrimSpace(entry), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		language, known := parseLanguage(primary)
		if weight := parseWeight(parameter); known && weight > most {
			best, most = language, weight
		}
	}
	return best
}

// parseWeight parses a parameter such as q=0.8. The weight is 1 without a parameter, and 0 if it cannot be parsed.
func parseWeight(parameter string) float64 {
	name, number, hasNumber := strings.Cut(strings.ReplaceAll(parameter, " ", ""), "=")
	if !hasNumber && name == "" {
		return 1
	}
	weight, err := strconv.ParseFloat(number, 64)
	if err != nil || !strings.EqualFold(name, "q") || weight < 0 || weight > 1 {
		return 0
	}
	return weight
}

func parseLanguage(text string) (recovery.Language, bool) {
	switch language := recovery.Language(text); language {
	case recovery.Japanese, recovery.English:
		return language, true
	}
	return "", false
}

// acceptsEncoding reports whether the browser accepts a content coding such as gzip (RFC 9110, 12.5.3).
func acceptsEncoding(c *fiber.Ctx, coding string) bool {
	for entry := range strings.SplitSeq(c.Get(fiber.HeaderAcceptEncoding), ",") {
		name, parameter, _ := strings.Cut(strings.TrimSpace(entry), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return parseWeight(parameter) > 0
		}
	}
	return false
}
