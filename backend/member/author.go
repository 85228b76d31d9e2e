package member

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Author says which operator did a deed, and why. It is for operators only: members read that the help desk did it.
// Make one with [NewAuthor] only.
type Author struct {
	Name   string
	Reason string // empty: none was given
}

// Bounds of an author, in code points. The columns have the same.
const (
	MaxAuthorName   = 64
	MaxAuthorReason = 500
)

// NewAuthor trims space around both texts. Its error says what is wrong with them: what is printed to a terminal must
// not hold control characters.
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

// checkLine accepts one line of printable text.
func checkLine(what, text string, most int) error {
	isUnprintable := func(r rune) bool { return !unicode.IsPrint(r) && r != '\u3000' }
	switch {
	case !utf8.ValidString(text) || strings.ContainsFunc(text, isUnprintable):
		return fmt.Errorf("the %s has characters that cannot be printed; right would be one line of UTF-8", what)
	case utf8.RuneCountInString(text) > most:
		return fmt.Errorf("the %s is %d characters long; right would be at most %d", what, utf8.RuneCountInString(text), most)
	}
	return nil
}
