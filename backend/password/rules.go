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
	// Symbols are the characters that are allowed in addition to A-Z, a-z and 0-9.
	Symbols = "-_/@"
	// MinContained is the length of the shortest login ID or local part that a password must not contain. A random
	// password contains a given text of three letters too often.
	MinContained = 4
)

// Check returns all broken rules in the order of the codes, and none for a password that may be set. It does not check
// SameAsCurrent and SameAsTemporary, which need a hash or a temporary password. An empty login ID or address is unknown
// and breaks no rule.
//
// Check judges the text as received. Case is ASCII case: the Kelvin sign is not a k. Each byte of invalid UTF-8 counts as
// one replacement character. TooCommon is reported only for a text of an allowed length, because the member must change
// any other text anyway.
func Check(p Plain, loginID member.LoginID, address member.MailAddress) []Violation {
	text := p.Reveal()
	length := utf8.RuneCountInString(text)

	var broken []Violation
	addIf := func(isBroken bool, code string) {
		if isBroken {
			broken = append(broken, Violation{Code: code})
		}
	}
	addIf(length < MinLength, TooShort)
	addIf(length > MaxLength, TooLong)
	broken = append(broken, notAllowed(text)...)
	addIf(!strings.ContainsFunc(text, isUpper), UpperCaseMissing)
	addIf(!strings.ContainsFunc(text, isLower), LowerCaseMissing)
	addIf(!strings.ContainsFunc(text, isDigitOrSymbol), DigitOrSymbolMissing)

	folded := foldCase(text)
	addIf(contains(folded, string(loginID)), ContainsLoginID)
	addIf(contains(folded, address.Local()), ContainsMailAddress)
	addIf(MinLength <= length && length <= MaxLength && isCommon(folded), TooCommon)
	return broken
}

// notAllowed reports each character that a password must not contain, with its position.
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

// foldCase lowers ASCII letters only: strings.ToLower would turn the Kelvin sign into a k.
func foldCase(text string) string {
	return strings.Map(func(r rune) rune {
		if isUpper(r) {
			return r + ('a' - 'A')
		}
		return r
	}, text)
}
