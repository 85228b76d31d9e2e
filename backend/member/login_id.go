package member

import (
	"errors"
	"regexp"
	"strings"
)

// LoginID is the name that a member signs in with: the part before the first @, in lower-case ASCII. Only [ParseLoginID]
// makes one, so a LoginID is always valid.
type LoginID string

// ErrNotLoginID is returned for text that cannot be anybody's login ID.
var ErrNotLoginID = errors.New("not a login ID")

var loginIDForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// ParseLoginID folds the text with [Fold] and cuts it at the first @: for abcd@en@wakwak.com it returns abcd.
func ParseLoginID(typed string) (LoginID, error) {
	text := Fold(typed)
	text, _, _ = strings.Cut(text, "@")
	text = strings.TrimSpace(text)
	if !loginIDForm.MatchString(text) {
		return "", ErrNotLoginID
	}
	return LoginID(text), nil
}
