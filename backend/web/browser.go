package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"aikagi/backend/member"
	"aikagi/backend/recovery"
)

// marks tell devices by what their browsers call themselves. The first that fits counts: Android names Linux too,
// and old iPhones name the Mac.
var marks = []struct {
	mark   string
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

// deviceOf is a rough word for the browser's device. Nothing of the header's own text goes further.
func deviceOf(c *fiber.Ctx) member.Device { return parseUserAgent(c.Get(fiber.HeaderUserAgent)) }

func parseUserAgent(text string) member.Device {
	for _, known := range marks {
		if strings.Contains(text, known.mark) {
			return known.device
		}
	}
	return member.UnknownDevice
}

// languageOf is what the browser prefers of the languages that there are.
func languageOf(c *fiber.Ctx) recovery.Language {
	return parseAcceptLanguage(c.Get(fiber.HeaderAcceptLanguage))
}

// parseAcceptLanguage picks the language of the greatest weight, the first of equals; ja when none is named
// (RFC 9110, 12.5.4). What it cannot read it passes over.
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

// parseWeight reads "q=0.8". None is 1, an unreadable one is 0.
func parseWeight(parameter string) float64 {
	name, number, given := strings.Cut(strings.ReplaceAll(parameter, " ", ""), "=")
	if !given && name == "" {
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

// acceptsEncoding says whether a browser takes a coded body (RFC 9110, 12.5.3).
func acceptsEncoding(c *fiber.Ctx, coding string) bool {
	for entry := range strings.SplitSeq(c.Get(fiber.HeaderAcceptEncoding), ",") {
		name, parameter, _ := strings.Cut(strings.TrimSpace(entry), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			return parseWeight(parameter) > 0
		}
	}
	return false
}
