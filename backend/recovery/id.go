package recovery

import "regexp"

// ID is the random public name of a recovery: 26 characters of base32, 130 bits. Links hold it. Only the browser that asked,
// or the reader of the letter, knows it.
type ID string

var idForm = regexp.MustCompile(`^[A-Z2-7]{26}$`)

// ParseID reads the ID in a URL. It returns [ErrNotFound] for a malformed ID, as for one that does not exist.
func ParseID(text string) (ID, error) {
	if !idForm.MatchString(text) {
		return "", ErrNotFound
	}
	return ID(text), nil
}
