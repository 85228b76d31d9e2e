package mail

import (
	"bytes"
	"encoding/base64"
	netmail "net/mail"
	"regexp"
	"strings"
	"unicode/utf8"
)

// The longest line with an encoded word, and the longest encoded word (RFC 2047, 2).
const (
	maxHeaderLine = 76
	maxWord       = 75
)

// The parts of an encoded word before and after its base64.
const (
	wordStart = "=?UTF-8?B?"
	wordEnd   = "?="
)

// subjectValue makes the value of a Subject. go-mail folds it at the spaces.
func subjectValue(text string) string {
	const line = maxHeaderLine - len("Subject: ")
	if isPlain(text) && len(text) <= line {
		return text
	}
	return strings.Join(encodedWords(text, line), " ")
}

// fromValue makes the value of a From, folded.
func fromValue(mailbox netmail.Address) string {
	const line = maxHeaderLine - len("From: ")
	whole := mailbox.String()
	if mailbox.Name == "" || len(whole) <= line {
		return whole
	}
	address := (&netmail.Address{Address: mailbox.Address}).String()
	words := []string{strings.TrimSuffix(whole, " "+address)}
	if len(words[0]) > line {
		words = encodedWords(mailbox.Name, line)
	}
	return strings.Join(append(words, address), "\r\n ")
}

var emptyFirstLine = regexp.MustCompile(`(?m)^([A-Za-z-]+):\r\n `)

// joinEmptyFirstLines joins a field's name with its value if a line break follows the name. go-mail breaks the line before
// a long first word, and software that does not unfold fields then shows an empty field.
func joinEmptyFirstLines(raw []byte) []byte {
	end := bytes.Index(raw, []byte("\r\n\r\n")) + len("\r\n")
	fields := emptyFirstLine.ReplaceAll(raw[:end], []byte("$1: ")) // the fields can only become shorter, so they fit before the body
	begin := end - len(fields)
	copy(raw[begin:], fields)
	return raw[begin:]
}

// isPlain reports whether a text needs no encoding in a header: it is printable ASCII and has no encoded word.
func isPlain(text string) bool {
	for _, r := range text {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return text == strings.TrimSpace(text) && !strings.Contains(text, "=?")
}

// encodedWords splits a text into encoded words (RFC 2047) of whole characters. first is the largest length of the first
// word, which shares its line with the field's name.
func encodedWords(text string, first int) []string {
	var words []string
	var part string
	space := bytesIn(first)
	for _, r := range strings.ToValidUTF8(text, string(utf8.RuneError)) {
		if len(part)+utf8.RuneLen(r) > space {
			words = append(words, encodedWord(part))
			part, space = "", bytesIn(maxWord)
		}
		part += string(r)
	}
	return append(words, encodedWord(part))
}

func encodedWord(part string) string {
	return wordStart + base64.StdEncoding.EncodeToString([]byte(part)) + wordEnd
}

// bytesIn returns how many bytes an encoded word of a length can hold.
func bytesIn(length int) int {
	return (min(length, maxWord) - len(wordStart+wordEnd)) / 4 * 3
}
