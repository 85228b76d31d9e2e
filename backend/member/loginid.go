// Package member says who a member is: the login ID, the basic mail address, the status, and what has
// happened to them. It does no I/O. Its one normaliser makes every spelling of a name the same name, for
// look-ups and for limits alike.
package member

import (
	"errors"
	"regexp"
	"strings"
)

// LoginID is what a member signs in with: the part before the first @, in lower-case ASCII.
// Make one with ParseLoginID only; it is valid ever after.
type LoginID string

// ErrNotLoginID says that a text cannot be a login ID, whatever the registration holds.
var ErrNotLoginID = errors.New("not a login ID")

var loginIDForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// ParseLoginID reads a login ID as members type it: any width, any case, with or without what follows the
// first @ (abcd@en@wakwak.com is abcd).
func ParseLoginID(typed string) (LoginID, error) {
	text := Fold(typed)
	text, _, _ = strings.Cut(text, "@")
	text = strings.TrimSpace(text)
	if !loginIDForm.MatchString(text) {
		return "", ErrNotLoginID
	}
	return LoginID(text), nil
}
