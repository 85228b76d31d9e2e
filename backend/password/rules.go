package password

import (
	"strings"
	"unicode/utf8"

	"aikagi/backend/member"
)

// The rules for a new member support password. Lengths count code points.
const (
	MinLength = 9
	MaxLength = 20
	// Symbols are the characters allowed beside A-Z, a-z and 0-9.
	Symbols = "-_/@"
	// MinContained is the length from which a login ID or a local part must not be inside: three letters
	// are inside by chance too often.
	MinContained = 4
)

// Check gives all broken rules at once, in the order of the codes; none when the password may be set. It
// judges what can be judged without a hash or a temporary password. An empty login ID or address is a
// member of whom it is not known, and breaks nothing.
//
// The text is judged as it was received. Case means ASCII case: a Kelvin sign is no k. Invalid UTF-8 counts
// one replacement character a byte. too_common stands beside the others, but only for a text of a length
// that could be set: what is too short or too long changes anyhow.
func Check(p Plain, loginID member.LoginID, address member.MailAddress) []Violation {
	text := p.Reveal()
	length := utf8.RuneCountInString(text)

	var broken []Violation
	breaks := func(is bool, code string) {
		if is {
			broken = append(broken, Violation{Code: code})
		}
	}
	breaks(length < MinLength, TooShort)
	breaks(length > MaxLength, TooLong)
	broken = append(broken, notAllowed(text)...)
	breaks(!strings.ContainsFunc(text, isUpper), UpperCaseMissing)
	breaks(!strings.ContainsFunc(text, isLower), LowerCaseMissing)
	breaks(!strings.ContainsFunc(text, isDigitOrSymbol), DigitOrSymbolMissing)

	folded := foldCase(text)
	breaks(contains(folded, string(loginID)), ContainsLoginID)
	breaks(contains(folded, address.Local()), ContainsMailAddress)
	breaks(MinLength <= length && length <= MaxLength && isCommon(folded), TooCommon)
	return broken
}

// notAllowed names every character that must not be in a password, with its place.
func notAllowed(text string) []Violation {
	var found []Violation
	position := 0
	for _, r := range text {
		position++
		if !isUpper(r) && !isLower(r) && !isDigitOrSymbol(r) {
			found = append(found, Violation{Code: CharacterNotAllowed, Character: string(r), Position: position})
		}
	}
	return found
}

func contains(folded, name string) bool {
	return utf8.RuneCountInString(name) >= MinContained && strings.Contains(folded, foldCase(name))
}

func isUpper(r rune) bool { return 'A' <= r && r <= 'Z' }

func isLower(r rune) bool { return 'a' <= r && r <= 'z' }

func isDigitOrSymbol(r rune) bool {
	return '0' <= r && r <= '9' || strings.ContainsRune(Symbols, r)
}

// foldCase lowers ASCII only: strings.ToLower would make a Kelvin sign a k.
func foldCase(text string) string {
	return strings.Map(func(r rune) rune {
		if isUpper(r) {
			return r + ('a' - 'A')
		}
		return r
	}, text)
}
