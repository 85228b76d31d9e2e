package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Text is a text in both languages. Either may be empty.
type Text struct{ JA, EN string }

// In returns the text in a language ("ja" or "en"), or in the other one if only that is set: an announcement in the wrong
// language is better than none.
func (t Text) In(language string) string {
	if (language == "en" && t.EN != "") || t.JA == "" {
		return t.EN
	}
	return t.JA
}

// The lengths of the longest texts in code points, for which pages and mail subjects have space.
const (
	maxLine      = 200
	maxParagraph = 2000
)

// parseLine reads a text of one line. It refuses control characters, because the brand is part of a mail's subject, where a
// line break would begin another header.
func parseLine(text string) (string, error) { return parseText(text, maxLine, "") }

// parseParagraph reads a text that may have several lines.
func parseParagraph(text string) (string, error) { return parseText(text, maxParagraph, "\n") }

func parseText(text string, most int, controls string) (string, error) {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	switch {
	case text == "":
		return "", errors.New("is blank")
	case !utf8.ValidString(text):
		return "", errors.New("is not UTF-8")
	case utf8.RuneCountInString(text) > most:
		return "", fmt.Errorf("is longer than %d characters", most)
	}
	for _, r := range text {
		isControl := unicode.IsControl(r) || r == '\u2028' || r == '\u2029'
		if isControl && !strings.ContainsRune(controls, r) {
			return "", errors.New("holds a line break or another control character")
		}
	}
	return text, nil
}

// parseLoginSuffix reads the text that pages show after the field of the login ID.
func parseLoginSuffix(text string) (string, error) {
	domain, found := strings.CutPrefix(text, "@")
	if !found || !isHostName(domain) {
		return "", errors.New("is not an @ and a domain")
	}
	return text, nil
}

// parseMailExample reads an example of a mail address. The part before the @ may consist of dots only.
func parseMailExample(text string) (string, error) {
	local, domain, _ := strings.Cut(text, "@")
	if _, err := parseLine(text); err != nil || local == "" || !isHostName(domain) {
		return "", errors.New("is not something, an @ and a domain")
	}
	return text, nil
}

func parseWebPage(text string) (string, error) {
	page, err := url.Parse(text)
	if err != nil || (page.Scheme != "https" && page.Scheme != "http") || page.Hostname() == "" || page.User != nil {
		return "", errors.New("is not the address of a web page")
	}
	return text, nil
}

// parseContact reads a mailto: or https: address.
func parseContact(text string) (string, error) {
	if address, isMail := strings.CutPrefix(text, "mailto:"); isMail {
		_, err := parseMailAddress(address)
		return text, err
	}
	if _, err := parseWebPage(text); err != nil || !strings.HasPrefix(text, "https:") {
		return "", errors.New("is neither a mailto: nor an https: address")
	}
	return text, nil
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
}
