package config

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// group is the part of the table under one heading.
type group struct {
	heading  string
	settings []setting
}

// setting is a row of the table.
type setting struct {
	name, preset, example, doc string
	secret                     bool // a mistake never repeats the value
	read                       func(text string) error
}

// withDefault returns a setting with a default.
func withDefault(name, value string, read func(string) error, doc string) setting {
	return setting{name: name, preset: value, example: value, doc: doc, read: read}
}

// withoutDefault returns a setting without a default.
func withoutDefault(name, example string, read func(string) error, doc string) setting {
	return setting{name: name, example: example, doc: doc, read: read}
}

// secretSetting returns a setting without a default whose value is never shown.
func secretSetting(name, example string, read func(string) error, doc string) setting {
	return setting{name: name, example: example, doc: doc, read: read, secret: true}
}

// to connects a parser with the field that it fills. The parser's error continues a sentence that begins with the value:
// "has no port".
func to[T any](field *T, parse func(string) (T, error)) func(string) error {
	return func(text string) error {
		value, err := parse(text)
		if err == nil {
			*field = value
		}
		return err
	}
}

// subject returns the value in quotation marks, or "the value" if it may hold a password or a mail address.
func (s setting) subject(text string) string {
	const maxQuoted = 60 // code points, enough to recognise the value
	if s.secret || strings.Contains(text, "@") {
		return "the value"
	}
	if utf8.RuneCountInString(text) > maxQuoted {
		text = string([]rune(text)[:maxQuoted]) + "…"
	}
	return strconv.Quote(text)
}

func (s setting) right() string { return "right would be " + s.example }

func namesOf(table []group) (names []string) {
	for _, group := range table {
		for _, setting := range group.settings {
			names = append(names, setting.name)
		}
	}
	return names
}
