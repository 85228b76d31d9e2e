package member

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Author says which operator made a change, and why. Only operators see it: the member page names the help desk instead.
// Make one with [NewAuthor].
type Author struct {
	Name   string
	Reason string // empty when none was given
}

// The longest name and reason, in code points. The database columns have the same lengths.
const (
	MaxAuthorName   = 64
	MaxAuthorReason = 500
)

// NewAuthor trims the space around both texts and checks them. It refuses control characters, because the operators' commands
// print both texts to a terminal.
func NewAuthor(name, reason string) (Author, error) {
	author := Author{strings.TrimSpace(name), strings.TrimSpace(reason)}
	if author.Name == "" {
		return Author{}, fmt.Errorf("the name is empty; right would be 1 to %d characters", MaxAuthorName)
	}
	if err := checkLine("name", author.Name, MaxAuthorName); err != nil {
		return Author{}, err
	}
	return author, checkLine("reason", author.Reason, MaxAuthorReason)
}

// checkLine checks that the text is one printable line of at most limit code points.
func checkLine(what, text string, limit int) error {
	isUnprintable := func(r rune) bool { return !unicode.IsPrint(r) && r != '\u3000' }
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isUnprintable):
		return fmt.Errorf("the %s has characters that cannot be printed; right would be one line of UTF-8", what)
	case utf8.RuneCountInString(text) > limit:
		return fmt.Errorf("the %s is %d characters long; right would be at most %d", what, utf8.RuneCountInString(text), limit)
	}
	return nil
}
