package member

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Author says which operator made a change, and why. Only operators see it: the member page names the help desk instead.
// Make one with [NewAuthor] and [Author.WithReason].
type Author struct {
	Name   string
	Reason string // empty when none was given
}

// The longest name and reason, in code points. The database columns have the same lengths.
const (
	MaxAuthorName   = 64
	MaxAuthorReason = 500
)

// NewAuthor returns an author without a reason. It trims the space around the name.
func NewAuthor(name string) (Author, error) {
	name, err := line("name", name, MaxAuthorName)
	return Author{Name: name}, err
}

// WithReason returns the author with a reason. It trims the space around the reason.
func (a Author) WithReason(reason string) (Author, error) {
	reason, err := line("reason", reason, MaxAuthorReason)
	return Author{a.Name, reason}, err
}

// line returns the text without the space around it. The text must be one printable line of 1 to limit code points: the operators'
// commands print it to a terminal, where control characters could do harm.
func line(what, text string, limit int) (string, error) {
	text = strings.TrimSpace(text)
	isUnprintable := func(r rune) bool { return !unicode.IsPrint(r) && r != '\u3000' }
	switch {
	case text == "":
		return "", fmt.Errorf("the %s is empty; right would be 1 to %d characters", what, limit)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isUnprintable):
		return "", fmt.Errorf("the %s has characters that cannot be printed; right would be one line of UTF-8", what)
	case utf8.RuneCountInString(text) > limit:
		return "", fmt.Errorf("the %s is %d characters long; right would be at most %d", what, utf8.RuneCountInString(text), limit)
	}
	return text, nil
}
